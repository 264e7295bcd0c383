/**
 * What an entry of the ledger says it wrote: the kind of row, the keys, the digest. Pure. Entries are checked
 * rather than believed, because whoever owns a database can append some that the gateway never wrote.
 */
import type { Action, JsonObject } from '../ledger/ledger-event.ts';
import type { StoredEvent } from '../ledger/stored-event.ts';

/** Of the rows that entries write one by one. */
export const stateKinds = ['consent', 'override', 'fact', 'record', 'message'] as const;
export type StateKind = (typeof stateKinds)[number];

export interface Claim {
  kind: StateKind;
  /** Facts are several rows to an entry, the others one. The parts of a key are texts. */
  keys: readonly (readonly string[])[];
  digest: string;
}

const kindOfAction: Partial<Record<Action, StateKind>> = {
  'consent.recorded': 'consent',
  'consent.withdrawn': 'consent',
  'consent.evidenced': 'consent',
  'override.recorded': 'override',
  'facts.recorded': 'fact',
  'client.registered': 'fact',
  'record.published': 'record',
  'record.retracted': 'record',
  'message.sent': 'message',
};

export const writingActions: readonly string[] = Object.keys(kindOfAction);

/** Whether entries of it say which state of their person they left: decisions read no messages. */
export function leavesState(action: Action): boolean {
  const kind = kindOfAction[action];
  return kind !== undefined && kind !== 'message';
}

/** `nothing` where the entry wrote no such row, `unclear` where it does not say which. */
export function claimOf(event: StoredEvent): Claim | 'nothing' | 'unclear' {
  const kind = kindOfAction[event.action];
  const said: JsonObject = event.particulars ?? {};
  // a second withdrawal changes nothing, nor does a registration of somebody known
  if (!kind || said['repeated'] === true) return 'nothing';
  if (event.action === 'client.registered' && said['rows'] === undefined) return 'nothing';
  const keys = keysOf(kind, event, said);
  const digest = kind === 'record' || kind === 'message' ? said['stored'] : event.digest;
  if (!keys || typeof digest !== 'string') return 'unclear';
  return { kind, keys, digest };
}

/**
 * Whether the entry changed its person's state, and how many more rows a decision reads after it: of consents and
 * records the newest version alone.
 */
export function changeOf(event: StoredEvent): { isRaised: boolean; rows: number } {
  const claim = claimOf(event);
  if (typeof claim === 'string' || claim.kind === 'message') return { isRaised: false, rows: 0 };
  const isVersioned = claim.kind === 'consent' || claim.kind === 'record';
  const isLater = isVersioned && event.particulars?.['version'] !== 1;
  return { isRaised: claim.keys.length > 0, rows: isLater ? 0 : claim.keys.length };
}

function keysOf(
  kind: StateKind,
  { person, recordType, custodian }: StoredEvent,
  said: JsonObject,
): readonly (readonly string[])[] | undefined {
  switch (kind) {
    case 'consent':
      return oneKey(uuid(said['consent']), version(said['version']));
    case 'override':
      return oneKey(uuid(said['override']));
    case 'message':
      return oneKey(uuid(said['message']));
    case 'record':
      return oneKey(uuid(person), text(recordType), text(custodian), version(said['version']));
    case 'fact': {
      const rows: unknown = said['rows'];
      if (!Array.isArray(rows) || !rows.every(Number.isSafeInteger)) return undefined;
      return rows.map((row) => [String(row)]);
    }
  }
}

function oneKey(...parts: readonly (string | undefined)[]): readonly string[][] | undefined {
  const key = parts.filter((part) => part !== undefined);
  return key.length === parts.length ? [key] : undefined;
}

export function uuid(value: unknown): string | undefined {
  const form = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  return typeof value === 'string' && form.test(value) ? value : undefined;
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && !value.includes('\0') ? value : undefined;
}

/** Within PostgreSQL's integer. */
function version(value: unknown): string | undefined {
  const fits = typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 2 ** 31;
  return fits ? String(value) : undefined;
}
