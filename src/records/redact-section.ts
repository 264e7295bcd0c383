/**
 * Redaction cuts the members that a schema names and leaves every other character of a section's text
 * as it came: no re-serialising, so numbers, escapes, order and white space stay the publisher's.
 */
import type { Redaction } from '../consent/decision.ts';
import { findMember, type JsonMember, type JsonSpan, locateJson } from '../encoding/json-spans.ts';
import { isSameText } from '../encoding/same-text.ts';
import type { RedactionTarget, SectionDefinition } from './record-schema.ts';

export interface RedactedSection {
  readonly text: string;
  /** What was there and is cut, as the schema names it, in the schema's order. */
  readonly cut: readonly { readonly pointer: string; readonly reason: Redaction }[];
}

/**
 * Requires the text of a stored, hence valid, section. The result is JSON; it need not fit the schema
 * any more, since what is cut may be required there.
 */
export function redactSection(
  text: string,
  section: SectionDefinition,
  redactions: readonly Redaction[],
): RedactedSection {
  const targets = section.targets.filter(({ redaction }) => redactions.includes(redaction));
  if (targets.length === 0) return { text, cut: [] };
  const root = locateJson(text);
  const entries = root.kind === 'array' ? root.elements : [root];
  const doomed = new Set<JsonSpan>();
  const cut = targets.filter((target) => {
    const found = entries
      .flatMap((entry) => spansAt(entry, target.path))
      .filter((span) => isMeant(span, target));
    for (const span of found) doomed.add(span);
    return found.length > 0;
  });
  return {
    text: withoutRanges(text, rangesToCut(root, doomed)),
    cut: cut.map(({ pointer, redaction }) => ({ pointer, reason: redaction })),
  };
}

/** Every value that a path leads to; `*` leads to each element of an array. */
function spansAt(from: JsonSpan, path: readonly string[]): readonly JsonSpan[] {
  return path.reduce<readonly JsonSpan[]>(
    (spans, segment) =>
      spans.flatMap((span) => {
        if (span.kind === 'array') return segment === '*' ? span.elements : [];
        return findMember(span, segment)?.value ?? [];
      }),
    [from],
  );
}

/**
 * Whether a target's `where` holds. It errs towards cutting: a missing or non-text member, other
 * letter case and surrounding space count as a match, since a leak is worse than a gap.
 */
function isMeant(span: JsonSpan, { where }: RedactionTarget): boolean {
  return Object.entries(where).every(([name, wanted]) => {
    const held = findMember(span, name)?.value;
    if (held?.kind !== 'scalar' || typeof held.value !== 'string') return true;
    return isSameText(held.value, wanted);
  });
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** In the text's order and disjoint; nothing inside a doomed value is visited. */
function rangesToCut(span: JsonSpan, doomed: ReadonlySet<JsonSpan>): readonly Range[] {
  if (span.kind === 'scalar') return [];
  const items =
    span.kind === 'object' ? span.members.map(memberItem) : span.elements.map(elementItem);
  return items.flatMap(({ value }, index) => {
    if (!doomed.has(value)) return rangesToCut(value, doomed);
    const startsRun = index === 0 || !isDoomed(items[index - 1], doomed);
    return startsRun ? [rangeOfRun(items, index, doomed)] : [];
  });
}

interface Item extends Range {
  readonly value: JsonSpan;
}

function memberItem({ start, value }: JsonMember): Item {
  return { start, end: value.end, value };
}

function elementItem(value: JsonSpan): Item {
  return { start: value.start, end: value.end, value };
}

function isDoomed(item: Item | undefined, doomed: ReadonlySet<JsonSpan>): boolean {
  return item !== undefined && doomed.has(item.value);
}

/**
 * Neighbours that go together go as one range: with the comma behind them where something follows,
 * else with the one before them.
 */
function rangeOfRun(items: readonly Item[], first: number, doomed: ReadonlySet<JsonSpan>): Range {
  const length = items.slice(first).findIndex((item) => !doomed.has(item.value));
  const following = length < 0 ? undefined : items[first + length];
  const before = items[first - 1];
  const start = items[first]?.start ?? 0;
  if (following !== undefined) return { start, end: following.start };
  return { start: before?.end ?? start, end: items.at(-1)?.end ?? start };
}

function withoutRanges(text: string, ranges: readonly Range[]): string {
  const ends = [0, ...ranges.map(({ end }) => end)];
  const starts = [...ranges.map(({ start }) => start), text.length];
  return starts.map((start, index) => text.slice(ends[index], start)).join('');
}
