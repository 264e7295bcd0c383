/**
 * The register and the sharing agreements as operators' acts in the ledger add up to, one after the other. Pure: the
 * rows that there have to be, in the words of the entries.
 */
import type { Action, JsonObject } from '../../ledger/ledger-event.ts';
import type { StoredEvent } from '../../ledger/stored-event.ts';

export const registerKinds = [
  'participant',
  'certificate',
  'assertion key',
  'endpoint',
  'agreement',
] as const;
export type RegisterKind = (typeof registerKinds)[number];

/** `key` is one of its kind; times are RFC 3339. */
export interface RegisterRow {
  kind: RegisterKind;
  key: string;
  columns: Readonly<Record<string, unknown>>;
}

export interface RecordedRow extends RegisterRow {
  /** The entry that said the last thing of it. */
  log: number;
  index: number;
}

interface Change {
  kind: RegisterKind;
  key: string;
  /** In the place of what was there; null takes the row away. */
  columns: JsonObject | null;
}

const changes: Partial<Record<Action, (said: JsonObject, event: StoredEvent) => Change>> = {
  'participant.added': ({ odsCode, name, kind }, { at }) =>
    change('participant', [odsCode], { name, kind, status: 'active', addedAt: at }),
  'participant.changed': ({ odsCode, name }) => change('participant', [odsCode], { name }),
  'participant.suspended': ({ odsCode }) =>
    change('participant', [odsCode], { status: 'suspended' }),
  'participant.restored': ({ odsCode }) => change('participant', [odsCode], { status: 'active' }),
  'certificate.added': ({ certificate, odsCode, system, notAfter }, { at }) =>
    change('certificate', [certificate], {
      ...{ odsCode, system, notAfter },
      ...{ addedAt: at, revokedAt: null },
    }),
  'certificate.revoked': ({ certificate }, { at }) =>
    change('certificate', [certificate], { revokedAt: at }),
  'assertion-key.added': ({ odsCode, assertionKey, algorithm, publicKey }, { at }) =>
    change('assertion key', [odsCode, assertionKey], { algorithm, publicKey, addedAt: at }),
  'endpoint.set': ({ odsCode, url, recordTypes, anchors }, { at }) =>
    change('endpoint', [odsCode], { url, recordTypes, anchors: joined(anchors), setAt: at }),
  'endpoint.removed': ({ odsCode }) => ({ ...change('endpoint', [odsCode], {}), columns: null }),
  'agreement.applied': ({ agreement, version }, { at, digest }) =>
    change('agreement', [agreement, version], { digest, appliedAt: at, endedAt: null }),
  'agreement.ended': ({ agreement, version }, { at }) =>
    change('agreement', [agreement, version], { endedAt: at }),
};

/** As they are stored. */
function joined(texts: JsonObject[string] | undefined): string | null {
  return Array.isArray(texts) ? texts.join('\n') : null;
}

export const registerActions: readonly string[] = Object.keys(changes);

export function rowKey(parts: readonly unknown[]): string {
  return parts.join(' ');
}

/** What an entry does not say stands as null, and is told as a difference. */
function change(
  kind: RegisterKind,
  key: readonly unknown[],
  columns: Readonly<Record<string, JsonObject[string] | undefined>>,
): Change {
  const said = Object.entries(columns).map(([name, value]) => [name, value ?? null]);
  return { kind, key: rowKey(key), columns: Object.fromEntries(said) };
}

export class RecordedRegister {
  readonly #rows = new Map<string, RecordedRow>();

  /** Requires the entries in their order; others than those of `registerActions` change nothing. */
  add(log: number, { index, event }: { index: number; event: StoredEvent }): void {
    const told = changes[event.action]?.(event.particulars ?? {}, event);
    if (!told) return;
    const { kind, key, columns } = told;
    const place = rowKey([kind, key]);
    if (columns === null) {
      this.#rows.delete(place);
      return;
    }
    const before = this.#rows.get(place)?.columns;
    this.#rows.set(place, { kind, key, columns: { ...before, ...columns }, log, index });
  }

  rows(): readonly RecordedRow[] {
    return [...this.#rows.values()];
  }
}
