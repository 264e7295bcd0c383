/**
 * The borough with recipients: four whose endpoints answer, one where nobody listens, one that never answers. People
 * are published by the exchange's own operations, while the recipients are suspended, so that a queue is there before
 * the clock starts.
 */

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../src/database/database.ts';
import { formatContentDigest } from '../../src/encoding/content-digest.ts';
import type { RequestContext } from '../../src/exchange/caller.ts';
import { publishRecord } from '../../src/exchange/publish-record.ts';
import { traceClient } from '../../src/exchange/trace-client.ts';
import { removeEndpoint, setEndpoint } from '../../src/participants/set-endpoint.ts';
import {
  restoreParticipant,
  suspendParticipant,
} from '../../src/participants/suspend-participant.ts';
import { council, identity } from '../../test/support/builders.ts';
import type { Borough } from './borough.ts';
import type { Leaf } from './certificates.ts';
import { enterParties } from './enter-parties.ts';
import { openLocalExchange } from './local-exchange.ts';
import {
  borough as agreement,
  type KnownPerson,
  recordOf,
  recordType,
  summaryText,
} from './people.ts';

const healthy = ['X81011', 'X81012', 'X81013', 'X81014'];
const dead = 'X81015';
const hanging = 'X81016';
const operator = 'bench';
const atOnce = 250;

/** What the gateway shows to endpoints, and with what it signs. */
export interface Outbound {
  leaf: Leaf;
  environment: Readonly<Record<string, string>>;
}

export function outboundOf({ certificates, dir, environment }: Borough): Outbound {
  const leaf = certificates.client('X09GW', 'P-256');
  const file = (name: string, content: string) => {
    const path = join(dir, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const { privateKey } = generateKeyPairSync('ed25519');
  const signing = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return {
    leaf,
    environment: {
      ...environment,
      JETWAY_CLIENT_CERTIFICATE_FILE: file('outbound.pem', leaf.cert),
      JETWAY_CLIENT_KEY_FILE: file('outbound.key', leaf.key),
      JETWAY_SIGNING_KEY_FILE: file('signing.key', signing),
      JETWAY_ALLOW_PRIVATE_ENDPOINTS: 'true',
    },
  };
}

export interface RelayBorough {
  /** Puts a delivery to each recipient that answers into the outbox, for each of the people. */
  fill(people: readonly KnownPerson[]): Promise<number>;
  /** Lets the recipients have what waits for them, or holds it back. */
  setFlow(isOpen: boolean): Promise<void>;
  /** Whether the dead and the hanging one have endpoints. */
  setSick(isThere: boolean): Promise<void>;
  /** Of those that answer: what is not delivered yet. */
  countOpen(): Promise<number>;
  /** When each delivery since then was accepted, epoch milliseconds. */
  acceptedSince(at: Date): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

/** `ports`: of those that answer, and then of the one that does not. `sickPeople`: whom the sick traced too. */
export async function addRecipients(
  { certificates, postgres, council: publisher, people, macKey, serverCa }: Borough,
  ports: readonly number[],
  sickPeople: readonly KnownPerson[],
): Promise<RelayBorough> {
  const owner = openDatabase({ url: postgres.ownerUrl, max: 1 });
  const exchange = await openLocalExchange(postgres.gatewayUrl, macKey);
  const leaves = new Map(
    [...healthy, dead, hanging].map((odsCode) => [odsCode, certificates.client(odsCode, 'P-256')]),
  );
  const may = ['pull', 'receive'] as const;
  const recipients = [...leaves.keys()].map((odsCode) => ({ odsCode, may }));
  const parties = [...agreement.parties, ...recipients];
  await enterParties(exchange, { ...agreement, parties }, leaves);

  const contextOf = (odsCode: string, { fingerprint256 }: Leaf): RequestContext => ({
    caller: { odsCode, system: 'main', fingerprint256, assertion: undefined },
    requestId: randomUUID(),
  });
  const place = (odsCode: string, port: number) =>
    setEndpoint(
      exchange.ledger,
      { odsCode, url: `https://localhost:${port}/`, anchors: [serverCa], recordTypes: undefined },
      operator,
    );
  for (const [i, odsCode] of healthy.entries()) await place(odsCode, ports[i] ?? 0);
  for (const [odsCode, leaf] of leaves) {
    const traced = healthy.includes(odsCode) ? people : sickPeople;
    const context = contextOf(odsCode, leaf);
    await inTurns(traced, ({ nhsNumber }) =>
      traceClient(exchange, { context, trace: identity({ nhsNumber }) }),
    );
  }
  const etags = new Map<string, string | undefined>();

  async function publish(person: KnownPerson): Promise<void> {
    const { ofCouncil: client } = person;
    const text = summaryText(exchange.clock.now(), person);
    const etag = etags.get(client);
    const context = contextOf(council, publisher);
    const receipt = await publishRecord(exchange, {
      ...{ context, client, recordType },
      precondition: etag === undefined ? { kind: 'absent' } : { kind: 'matches', etags: [etag] },
      record: recordOf(exchange, text),
      digest: formatContentDigest(text),
      idempotency: { route: 'bench', key: randomUUID(), bodyMac: 'a body' },
    });
    etags.set(client, receipt.etag);
  }

  return {
    async fill(chosen) {
      await inTurns(chosen, publish);
      return chosen.length * healthy.length;
    },
    async setFlow(isOpen) {
      const change = isOpen ? restoreParticipant : suspendParticipant;
      await Promise.all(healthy.map((odsCode) => change(exchange.ledger, odsCode, operator)));
    },
    async setSick(isThere) {
      if (isThere) {
        // nobody listens on port 1
        await place(dead, 1);
        await place(hanging, ports.at(-1) ?? 0);
      } else {
        await removeEndpoint(exchange.ledger, dead, operator);
        await removeEndpoint(exchange.ledger, hanging, operator);
      }
    },
    async countOpen() {
      const { rows } = await owner.query<{ open: number }>(
        `select count(*)::int as open from deliveries
         where recipient = any($1::text[]) and state in ('waiting', 'authorised')`,
        [healthy],
      );
      return rows[0]?.open ?? 0;
    },
    async acceptedSince(since) {
      const { rows } = await owner.query<{ id: string; accepted_at: Date }>(
        `select id, accepted_at from deliveries
         where recipient = any($1::text[]) and accepted_at >= $2::timestamptz`,
        [healthy, since],
      );
      return new Map(rows.map(({ id, accepted_at }) => [id, accepted_at.getTime()]));
    },
    async close() {
      await exchange.close();
      await owner.end();
    },
  };
}

async function inTurns<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
): Promise<void> {
  for (let first = 0; first < items.length; first += atOnce) {
    await Promise.all(items.slice(first, first + atOnce).map(act));
  }
}
