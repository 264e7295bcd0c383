/**
 * One batch of entries, judged. Every entry must open: its payload and its key give the commitment in its
 * leaf, and the payload names the leaf's id. The search row, which stands outside the tree, must say what
 * the payload says. Pure.
 */
import { commitment, type Leaf, leafBytes, leafClasses, parseLeaf } from '../leaf.ts';
import { parseStoredEvent, type StoredEvent } from '../stored-event.ts';
import { hasItsSum, payloadLines } from '../stored-payloads.ts';
import type { Findings } from './findings.ts';
import type { SearchRow, StoredBatch } from './verification-store.ts';

const keyBytes = 32;

export interface BatchContext {
  log: number;
  /** Epoch milliseconds of the entry before. */
  lastAt: number;
  /** By index. */
  searchRows: ReadonlyMap<number, SearchRow>;
}

/** The events that opened, with their indexes; each fault is a finding. */
export function verifyBatch(
  batch: StoredBatch,
  { log, lastAt, searchRows }: BatchContext,
  findings: Findings,
): readonly { index: number; event: StoredEvent }[] {
  const count = batch.leaves.length / leafBytes;
  const payloads = payloadLines(batch) ?? [];
  const keys = batch.commitmentKeys ?? Buffer.alloc(0);
  if (payloads.length !== count || keys.length !== count * keyBytes) {
    findings.addFault(
      log,
      'the payloads of the batch that begins here are missing, cut or unreadable',
      batch.firstIndex,
    );
    return [];
  }
  if (batch.packed && !hasItsSum(batch.packed)) {
    findings.addFault(
      log,
      'the packed payloads of the batch that begins here were changed',
      batch.firstIndex,
    );
  }
  let latest = lastAt;
  return payloads.flatMap((payload, i) => {
    const index = batch.firstIndex + i;
    const leaf = readLeaf(batch.leaves.subarray(i * leafBytes, (i + 1) * leafBytes));
    const key = keys.subarray(i * keyBytes, (i + 1) * keyBytes);
    const opened = leaf ? openEntry(leaf, key, payload, { log, index }) : 'the leaf is malformed';
    if (typeof opened === 'string') {
      findings.addFault(log, opened, index);
      return [];
    }
    const at = Date.parse(opened.at);
    if (at < latest)
      findings.addFault(log, 'its time is before that of the entry before it', index);
    latest = Math.max(at, latest);
    const row = searchRows.get(index);
    for (const column of row ? differences(opened, row) : ['row (it is missing)']) {
      findings.addFault(log, `the search ${column} does not say what the entry says`, index);
    }
    return [{ index, event: opened }];
  });
}

function readLeaf(bytes: Buffer): Leaf | undefined {
  try {
    return parseLeaf(bytes);
  } catch {
    return undefined;
  }
}

/** The event, or what is wrong with the entry. */
function openEntry(
  leaf: Leaf,
  key: Buffer,
  payload: string,
  { log, index }: { log: number; index: number },
): StoredEvent | string {
  if (payload === '' && key.every((byte) => byte === 0)) {
    return 'it was erased, and no erasure entry covers it';
  }
  if (!commitment(key, payload).equals(leaf.commitment)) {
    return 'payload and key do not open the commitment in its leaf';
  }
  const event = parseStoredEvent(payload);
  if (!event) return 'the payload is not an event';
  if (event.id.replaceAll('-', '') !== leaf.id.toString('hex')) {
    return 'the payload carries the id of another leaf';
  }
  const isOpening = event.action === 'log.opened';
  if (isOpening !== (log > 1 && index === 0)) {
    return isOpening
      ? 'a log is opened in the middle of it'
      : 'the log does not begin by naming the old one';
  }
  const leafClass = isOpening ? leafClasses.shard : leafClasses.event;
  return leaf.leafClass === leafClass ? event : 'the class of the leaf is not that of its event';
}

/** The columns of the search row that say something else than the event. */
function differences(event: StoredEvent, row: SearchRow): readonly string[] {
  const same = {
    time: row.at.getTime() === Date.parse(event.at),
    action: row.action === event.action,
    outcome: row.outcome === event.outcome,
    organisation: row.organisation === event.organisation,
    person: row.person === event.person,
    'record type': row.recordType === event.recordType,
    reasons:
      row.reasons.length === event.reasonCodes.length &&
      row.reasons.every((reason, i) => reason === event.reasonCodes[i]),
  };
  return Object.entries(same).flatMap(([column, isSame]) => (isSame ? [] : [column]));
}
