/**
 * What decisions rest on, held against the ledger: every entry that says it wrote a consent, an override, facts or
 * a version of a record has its rows, unchanged in every column; and there are no other rows. Entries name
 * their rows by key, no two the same, so counting those that were met finds the rows that nobody wrote. Memory
 * grows with the people, their links, what was sent of them, and the register, and not with every entry.
 */
import type { Queryable } from '../database/queryable.ts';
import { actions } from '../ledger/ledger-event.ts';
import { entriesThatWrote, type VerifiedEntry } from '../ledger/verification/entries-that-wrote.ts';
import { untilMissed } from '../ledger/verification/event-follower.ts';
import type { Findings } from '../ledger/verification/findings.ts';
import { reading } from '../ledger/verification/reading.ts';
import type { StateVerification } from '../ledger/verification/verify-ledger.ts';
import { FollowedContents } from './followed-contents.ts';
import { FollowedEndpoints } from './followed-endpoints.ts';
import { FollowedLinks } from './followed-links.ts';
import { FollowedPeople } from './followed-people.ts';
import { RecordedRegister, registerActions, rowKey } from './recorded-register.ts';
import { type Claim, claimOf, type StateKind, writingActions } from './state-claim.ts';
import {
  consentDigest,
  factsDigest,
  messageDigest,
  overrideDigest,
  recordDigest,
} from './state-digest.ts';
import {
  countState,
  findConsentRows,
  findFactRows,
  findMessageRows,
  findOverrideRows,
  findRecordRows,
  findUnreadable,
} from './state-store.ts';
import { compareLinks } from './verify-links.ts';
import { comparePeople } from './verify-people.ts';
import { compareRegister } from './verify-register.ts';

const portion = 512;
const writers = actions.filter((action) =>
  [...writingActions, ...registerActions].includes(action),
);

const kinds: readonly StateKind[] = ['consent', 'override', 'fact', 'record', 'message'];
const tableOf: Readonly<Record<StateKind, string>> = {
  ...{ consent: 'consents', override: 'overrides', fact: 'person_facts' },
  ...{ record: 'record_versions', message: 'messages' },
};
const ofPeople = 'what is recorded of people';

/** Of the rows of some keys: how many are there, and the digest of those that one claim names. */
interface StoredRows {
  count: number;
  /** Undefined where one of them is missing. */
  digest(keys: Claim['keys']): string | undefined;
}

type Log = Readonly<{ log: number; findings: Findings }>;

export function verifyState(): StateVerification {
  const [people, links] = [new FollowedPeople(), new FollowedLinks()];
  return {
    followers: [people, links, new FollowedContents(), new FollowedEndpoints()].map(untilMissed),
    compare: (tx, logs, findings) => compareState(tx, { people, links, logs }, findings),
  };
}

/** The same for a login that ought to read everything: a grant that was taken away must not end the comparison unseen. */
export function requireState(): StateVerification {
  const { followers, compare } = verifyState();
  return {
    followers,
    async compare(tx, logs, findings) {
      const unreadable = await compare(tx, logs, findings);
      if (unreadable.length > 0) {
        const what = `this login may not read ${unreadable.join(', ')}: the gateway's own may`;
        findings.add(logs.at(-1) ?? 1, what);
      }
      return unreadable;
    },
  };
}

/** Compares all or, where this login may not read some of the tables, nothing: then it gives their names. */
async function compareState(
  tx: Queryable,
  {
    people,
    links,
    logs,
  }: { people: FollowedPeople; links: FollowedLinks; logs: readonly number[] },
  findings: Findings,
): Promise<readonly string[]> {
  const unreadable = await findUnreadable(tx);
  if (unreadable.length > 0) return unreadable;
  const recorded = new RecordedRegister();
  const met = { consent: 0, override: 0, fact: 0, record: 0, message: 0 };
  for (const log of logs) {
    for await (const entries of entriesThatWrote(tx, log, writers)) {
      for (const entry of entries) recorded.add(log, entry);
      const at = { log, findings };
      const claims = claimsOf(entries, at);
      for (const kind of kinds) {
        const ofKind = claims.filter(({ claim }) => claim.kind === kind);
        for (let from = 0; from < ofKind.length; from += portion) {
          const some = ofKind.slice(from, from + portion);
          met[kind] += await reading({ ...at, tables: tableOf[kind] }, () =>
            compare(tx, kind, some, at),
          );
        }
      }
    }
  }
  const newest = { log: logs.at(-1) ?? 1, findings };
  const counted = kinds.map((kind) => tableOf[kind]).join(', ');
  const stored = await reading({ ...newest, tables: counted }, () => countState(tx));
  for (const kind of kinds) {
    const stray = stored[kind] - met[kind];
    if (stray > 0) findings.add(newest.log, `${kind} rows that no entry wrote (${stray})`);
  }
  await reading({ ...newest, tables: ofPeople }, () => comparePeople(tx, people, newest));
  await reading({ ...newest, tables: 'client_links' }, () => compareLinks(tx, links, newest));
  await reading({ ...newest, tables: 'the register or the agreements' }, () =>
    compareRegister(tx, recorded, newest),
  );
  return [];
}

type Claimed = Readonly<{ index: number; claim: Claim }>;

function claimsOf(entries: readonly VerifiedEntry[], { log, findings }: Log): readonly Claimed[] {
  return entries.flatMap(({ index, event }) => {
    const claim = claimOf(event);
    if (claim === 'nothing') return [];
    if (claim !== 'unclear') return [{ index, claim }];
    findings.add(log, 'it does not say which rows it wrote', index);
    return [];
  });
}

/** How many rows were met. */
async function compare(
  tx: Queryable,
  kind: StateKind,
  claimed: readonly Claimed[],
  { log, findings }: Log,
): Promise<number> {
  const stored = await findStored(
    tx,
    kind,
    claimed.flatMap(({ claim }) => claim.keys),
  );
  for (const { index, claim } of claimed) {
    const digest = stored.digest(claim.keys);
    if (digest === undefined) findings.add(log, `a ${kind} row that it wrote is missing`, index);
    else if (digest !== claim.digest)
      findings.add(log, `the ${kind} row that it wrote is not what it was`, index);
  }
  return stored.count;
}

async function findStored(
  tx: Queryable,
  kind: StateKind,
  keys: Claim['keys'],
): Promise<StoredRows> {
  switch (kind) {
    case 'consent': {
      const rows = await findConsentRows(tx, keys);
      return storedRows(rows, (row) => [row.id, row.version], single(consentDigest));
    }
    case 'override': {
      const rows = await findOverrideRows(tx, keys);
      const digest = single((row: (typeof rows)[number]) => overrideDigest(row, row.recordedAt));
      return storedRows(rows, (row) => [row.id], digest);
    }
    case 'fact':
      return storedRows(await findFactRows(tx, keys), (row) => [row.id], factsDigest);
    case 'message':
      return storedRows(await findMessageRows(tx, keys), (row) => [row.id], single(messageDigest));
    case 'record': {
      const rows = await findRecordRows(tx, keys);
      const key = (row: (typeof rows)[number]) => [
        ...[row.personId, row.recordType, row.custodian],
        row.version,
      ];
      return storedRows(rows, key, single(recordDigest));
    }
  }
}

function storedRows<Row>(
  rows: readonly Row[],
  partsOf: (row: Row) => readonly unknown[],
  digestOf: (rows: readonly Row[]) => string,
): StoredRows {
  const byKey = new Map(rows.map((row) => [rowKey(partsOf(row)), row]));
  return {
    count: byKey.size,
    digest(keys) {
      const found = keys.flatMap((key) => byKey.get(rowKey(key)) ?? []);
      if (found.length < keys.length) return undefined;
      try {
        return digestOf(found);
      } catch (error) {
        // an instant or a number that only PostgreSQL can hold: nothing that the gateway wrote
        if (error instanceof TypeError) return 'no digest';
        throw error;
      }
    },
  };
}

function single<Row>(digest: (row: Row) => string): (rows: readonly Row[]) => string {
  return (rows) => rows.map(digest).join();
}
