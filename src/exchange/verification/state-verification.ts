/**
 * What decisions rest on, held against the ledger: every entry that says it wrote a consent, an override, facts, a
 * version of a record or a message has its rows, unchanged in every column; and there are no other rows. The gateway's
 * entries name their rows by key, no two the same, so counting those that were met finds the rows that nobody wrote.
 * Memory grows with the people, their links, what was sent of them, and the register, and not with every entry.
 */
import type { Queryable } from '../../database/queryable.ts';
import { actions } from '../../ledger/ledger-event.ts';
import {
  entriesThatWrote,
  type VerifiedEntry,
} from '../../ledger/verification/entries-that-wrote.ts';
import { untilMissed } from '../../ledger/verification/event-follower.ts';
import type { Findings } from '../../ledger/verification/findings.ts';
import { readOrFind } from '../../ledger/verification/read-or-find.ts';
import type { StateVerification } from '../../ledger/verification/verify-ledger.ts';
import { type Claim, claimOf, type StateKind, stateKinds, writingActions } from '../state-claim.ts';
import {
  consentDigest,
  factsDigest,
  messageDigest,
  overrideDigest,
  recordDigest,
} from '../state-digest.ts';
import { AdmittedCertificates } from './admitted-certificates.ts';
import { CitedGrounds } from './cited-grounds.ts';
import { compareLinks } from './compare-links.ts';
import { comparePeople } from './compare-people.ts';
import { compareRegister } from './compare-register.ts';
import { tableOf } from './compared-tables.ts';
import { FollowedContents } from './followed-contents.ts';
import { FollowedEndpoints } from './followed-endpoints.ts';
import { FollowedLinks } from './followed-links.ts';
import { FollowedPeople } from './followed-people.ts';
import { RecordedRegister, registerActions, rowKey } from './recorded-register.ts';
import {
  countState,
  findConsentRows,
  findFactRows,
  findMessageRows,
  findOverrideRows,
  findRecordRows,
  findUnreadable,
} from './state-store.ts';

const portion = 512;
const writers = actions.filter((action) =>
  [...writingActions, ...registerActions].includes(action),
);

const ofPeople = 'what is recorded of people';

/** Of the rows of some keys: how many are there, and the digest of those that one claim names. */
interface StoredRows {
  count: number;
  /** Undefined where one of them is missing. */
  digest(keys: Claim['keys']): string | undefined;
}

type Place = Readonly<{ log: number; findings: Findings }>;

/**
 * `mustReadAll`: for a login that ought to read everything, since a grant that was taken away must not end the
 * comparison unseen.
 */
export function stateVerification({ mustReadAll = false } = {}): StateVerification {
  const [people, links] = [new FollowedPeople(), new FollowedLinks()];
  const followers = [people, links, new FollowedContents(), new FollowedEndpoints()];
  return {
    followers: [new AdmittedCertificates(), new CitedGrounds(), ...followers.map(untilMissed)],
    async compare(tx, logs, findings) {
      const unreadable = await compareState(tx, { people, links, logs }, findings);
      if (mustReadAll && unreadable.length > 0) {
        const what = `this login may not read ${unreadable.join(', ')}: the gateway's own may`;
        findings.addFault(logs.at(-1) ?? 1, what);
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
      for (const kind of stateKinds) {
        const ofKind = claims.filter(({ claim }) => claim.kind === kind);
        for (let from = 0; from < ofKind.length; from += portion) {
          const some = ofKind.slice(from, from + portion);
          met[kind] += await readOrFind({ ...at, tables: tableOf[kind] }, () =>
            compareRows(tx, kind, some, at),
          );
        }
      }
    }
  }
  const newest = { log: logs.at(-1) ?? 1, findings };
  const counted = stateKinds.map((kind) => tableOf[kind]).join(', ');
  const stored = await readOrFind({ ...newest, tables: counted }, () => countState(tx));
  for (const kind of stateKinds) {
    const stray = stored[kind] - met[kind];
    if (stray > 0) findings.addFault(newest.log, `${kind} rows that no entry wrote (${stray})`);
  }
  await readOrFind({ ...newest, tables: ofPeople }, () => comparePeople(tx, people, newest));
  await readOrFind({ ...newest, tables: 'client_links' }, () => compareLinks(tx, links, newest));
  await readOrFind({ ...newest, tables: 'the register or the agreements' }, () =>
    compareRegister(tx, recorded, newest),
  );
  return [];
}

type Claimed = Readonly<{ index: number; claim: Claim }>;

function claimsOf(entries: readonly VerifiedEntry[], { log, findings }: Place): readonly Claimed[] {
  return entries.flatMap(({ index, event }) => {
    const claim = claimOf(event);
    if (claim === 'nothing') return [];
    if (claim !== 'unclear') return [{ index, claim }];
    findings.addFault(log, 'it does not say which rows it wrote', index);
    return [];
  });
}

/** How many rows were met. */
async function compareRows(
  tx: Queryable,
  kind: StateKind,
  claimed: readonly Claimed[],
  { log, findings }: Place,
): Promise<number> {
  const stored = await findStored(
    tx,
    kind,
    claimed.flatMap(({ claim }) => claim.keys),
  );
  for (const { index, claim } of claimed) {
    const digest = stored.digest(claim.keys);
    if (digest === undefined)
      findings.addFault(log, `a ${kind} row that it wrote is missing`, index);
    else if (digest !== claim.digest)
      findings.addFault(log, `the ${kind} row that it wrote is not what it was`, index);
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
