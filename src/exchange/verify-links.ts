/**
 * Whose ids the organisations' ids for people are, held against the traces that confirmed them: an id that was pointed
 * at somebody else would disclose one person under another's consent. Every trace of a link says its id; the newest
 * says the rest. Ids that were never traced confirm nothing, and are not held.
 */
import { linkKey } from '../clients/link-store.ts';
import type { Queryable } from '../database/queryable.ts';
import type { StoredEvent } from '../ledger/stored-event.ts';
import type { VerifiedEntry } from '../ledger/verification/entries-that-wrote.ts';
import type { Findings } from '../ledger/verification/findings.ts';
import { text, uuid } from './state-claim.ts';
import { linkDigest } from './state-digest.ts';
import { countStrayLinks, findLinkRows, isTracedAgain } from './state-store.ts';

type Log = Readonly<{ log: number; findings: Findings }>;

/** Of some entries of one log. Those that trace nobody are passed over. */
export async function compareLinks(
  tx: Queryable,
  entries: readonly VerifiedEntry[],
  { log, findings }: Log,
): Promise<void> {
  const traces = entries.flatMap(({ index, event }) => {
    if (event.action !== 'client.traced' && event.action !== 'client.registered') return [];
    const claim = claimOf(event);
    if (claim) return [{ index, ...claim }];
    findings.add(log, 'it does not say which link it wrote', index);
    return [];
  });
  if (traces.length === 0) return;
  const rows = Map.groupBy(await findLinkRows(tx, traces), linkKey);
  for (const trace of traces) {
    const ofTrace = rows.get(linkKey(trace)) ?? [];
    if (ofTrace.length === 0) {
      findings.add(log, 'the link row that it wrote is missing', trace.index);
    }
    for (const row of ofTrace) {
      const isOfTrace = linkDigest(row) === trace.digest;
      if (isOfTrace && row.tracedAt > trace.at) continue;
      const isWhole = isOfTrace && row.tracedAt === trace.at && row.relationship === trace.held;
      if (isWhole || (isOfTrace && (await isTracedAgain(tx, { log, ...trace })))) continue;
      findings.add(log, 'the link row that it wrote is not what it was', trace.index);
    }
  }
}

/** Rows of a time at which nothing traced them. Requires search rows that verify. `log`: the newest. */
export async function compareLinkTimes(tx: Queryable, { log, findings }: Log): Promise<void> {
  const stray = await countStrayLinks(tx);
  if (stray > 0) findings.add(log, `link rows that no entry wrote (${stray})`);
}

function claimOf({ at, organisation, person, particulars }: StoredEvent) {
  const [who, personId] = [text(organisation), uuid(person)];
  const [digest, held]: unknown[] = [particulars?.['link'], particulars?.['relationshipHeld']];
  if (who === undefined || personId === undefined || typeof digest !== 'string') return undefined;
  return { organisation: who, personId, at: Date.parse(at), digest, held };
}
