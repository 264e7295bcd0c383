/**
 * Publishes and messages to four recipients through two gateway processes on one database, while at random a node is
 * killed or frozen, PostgreSQL is killed, endpoints fail in every way, and people withdraw their consent. Everything
 * is repeated under its own key until it is acknowledged, as a partner would. Tells what recipients have in the end,
 * and what the ledger says.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { systemClock } from '../../src/clock.ts';
import { openDatabase } from '../../src/database/database.ts';
import { setEndpoint } from '../../src/participants/set-endpoint.ts';
import type { Manner } from '../../src/partner/manners.ts';
import { centre, council, hospital, otherCentre, summary, thirdCentre } from './builders.ts';
import { applyAgreement } from './enter-participants.ts';
import { createChaos } from './gateway-chaos.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { type PersonAtTheDoor, personAtTheDoor } from './person-at-the-door.ts';
import { pushSettings } from './push-settings.ts';
import { generalConsent, message, relayAgreement } from './relay.ts';
import { startTestEndpoint, type TestEndpoint, type TestEndpointOptions } from './test-endpoint.ts';
import { schemas } from './test-exchange.ts';
import { type TestSettings, testClients, testSettings } from './test-gateway.ts';

export const recipients = [centre, otherCentre, thirdCentre, hospital] as const;

/** One in five goes wrong. */
const badManners: readonly Manner[] = [
  '500',
  '503-retry-after',
  'cut-before',
  'cut-after',
  'garbage',
  'hang',
];

export interface Soak {
  people: number;
  /** Of each person, in turn a record and a message. */
  itemsPerPerson: number;
  /** People whose items are sent at the same time. */
  concurrency: number;
  /** A fault after so many acknowledged items. */
  itemsPerFault: number;
}

export interface Accepted {
  kind: 'record' | 'message';
  /** By recipient, the delivery's id. */
  deliveries: ReadonlyMap<string, string>;
}

/** What came to an endpoint, when. */
export interface Arrival {
  delivery: string;
  /** The entry that authorised the attempt. */
  ledgerIndex: number | null;
  /** Epoch milliseconds. */
  at: number;
}

export interface SoakReport {
  accepted: readonly Accepted[];
  endpoints: ReadonlyMap<string, TestEndpoint>;
  arrivals: readonly Arrival[];
  /** Indexes of the entries of withdrawals. */
  withdrawals: readonly number[];
  /** When a node was killed, epoch milliseconds. */
  killedAt: readonly number[];
  databaseKills: number;
  freezes: number;
  /** Answers that never came, or said to come again. */
  repeated: number;
  elapsedMs: number;
  settings: Awaited<ReturnType<typeof testSettings>>;
}

type Owner = Parameters<typeof testSettings>[0];

export async function deliverUnderKills(t: Owner, soak: Soak): Promise<SoakReport> {
  const signing = generateKeyPairSync('ed25519');
  const settings = await testSettings(t, {
    ...pushSettings(t, signing.privateKey),
    JETWAY_ALLOW_PRIVATE_ENDPOINTS: 'true',
    // each version is delivered, so that there is an order to keep
    JETWAY_SUPERSEDE_DELIVERIES: 'false',
  });
  const arrivals: Arrival[] = [];
  let isLoadOver = false;
  const endpoints = await startEndpoints(t, settings, {
    // at the end they behave, so that the run need not wait for hours
    manners: () => (isLoadOver || Math.random() < 0.8 ? 'ok' : pick(badManners)),
    gatewayKey: signing.publicKey,
    onReceived: ({ delivery, ledgerIndex }) =>
      arrivals.push({ delivery, ledgerIndex, at: systemClock.now().getTime() }),
  });
  const nodes = [
    await startGatewayProcess(t, settings.environment),
    await startGatewayProcess(t, settings.environment),
  ];
  const startedMs = systemClock.monotonicMs();
  const chaos = createChaos(t, settings, nodes, soak.itemsPerFault);
  const calls = nodes.map((_, i) => testClients(t, settings, () => nodes[i]?.exchangeUrl ?? ''));
  let repeated = 0;

  /** At one node or the other, until one says yes. */
  async function insist(
    odsCode: string,
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: unknown,
    fields: Readonly<Record<string, string>> = {},
  ) {
    const headers = { 'idempotency-key': randomUUID(), ...fields };
    for (;;) {
      const call = calls[Math.floor(Math.random() * calls.length)];
      const reply = await call?.(odsCode, method, path, { body, headers }).catch(() => undefined);
      if (reply && reply.status < 300) return reply;
      if (reply && reply.status < 500 && reply.status !== 429) {
        throw new Error(
          `${method} ${path} was answered ${reply.status} ${JSON.stringify(reply.body)}`,
        );
      }
      repeated += 1;
      await new Promise((resume) => setTimeout(resume, 20));
    }
  }

  const known = () =>
    personAtTheDoor((odsCode, method, path, { body }) => insist(odsCode, method, path, body), {
      agreed: generalConsent,
      tracers: recipients,
    });

  const withdrawals: number[] = [];
  const accepted: Accepted[] = [];

  async function sendAll(person: PersonAtTheDoor, isWithdrawing: boolean): Promise<void> {
    const { client, consentId } = person;
    let etag: string | undefined;
    const middle = Math.floor(soak.itemsPerPerson / 2);
    for (let item = 0; item < soak.itemsPerPerson; item += 1) {
      const isWithdrawn = isWithdrawing && item >= middle;
      if (isWithdrawing && item === middle) {
        const path = `/v1/consents/${consentId}/withdrawal`;
        withdrawals.push(Number((await insist(council, 'POST', path)).headers['ledger-index']));
      }
      // without consent a message is refused at once
      const isRecord = isWithdrawn || item % 2 === 0;
      const reply = isRecord
        ? await insist(
            council,
            'PUT',
            `/v1/clients/${client}/records/social-care-summary`,
            summary(person),
            {
              ...(etag === undefined ? { 'if-none-match': '*' } : { 'if-match': etag }),
            },
          )
        : await insist(
            council,
            'POST',
            `/v1/clients/${client}/messages/referral`,
            { ...message('referral', person), to: item % 4 === 1 ? centre : otherCentre },
            { 'purpose-of-use': 'TREAT' },
          );
      if (isRecord) etag = String(reply.headers['etag']);
      const deliveries: { id: string; recipient: string }[] = Object(reply.body['deliveries']);
      accepted.push({
        kind: isRecord ? 'record' : 'message',
        deliveries: new Map(deliveries.map(({ id, recipient }) => [recipient, id])),
      });
      chaos.after(accepted.length);
    }
  }

  let left = soak.people;
  await Promise.all(
    Array.from({ length: soak.concurrency }, async () => {
      while (left > 0) {
        left -= 1;
        const isWithdrawing = left % 5 === 0;
        await sendAll(await known(), isWithdrawing);
      }
    }),
  );
  isLoadOver = true;
  await chaos.over();
  await untilEnded(settings.database.ownerUrl);
  return {
    ...{ accepted, endpoints, arrivals, withdrawals, repeated, settings, ...chaos.counts },
    elapsedMs: systemClock.monotonicMs() - startedMs,
  };
}

async function startEndpoints(
  t: Owner,
  { administer }: TestSettings,
  options: Pick<TestEndpointOptions, 'gatewayKey' | 'onReceived' | 'manners'>,
): Promise<ReadonlyMap<string, TestEndpoint>> {
  const endpoints = new Map<string, TestEndpoint>();
  await administer(async (ledger) => {
    await applyAgreement(ledger, schemas, relayAgreement());
    for (const odsCode of recipients) {
      const endpoint = await startTestEndpoint(t, { ...options, odsCode, clock: systemClock });
      await setEndpoint(ledger, endpoint.endpoint, 'test');
      endpoints.set(odsCode, endpoint);
    }
  });
  return endpoints;
}

async function untilEnded(url: string): Promise<void> {
  const database = openDatabase({ url, max: 1 });
  for (;;) {
    const { rows } = await database.query(
      `select from deliveries where state in ('waiting', 'authorised') and channel = 'push' limit 1`,
    );
    if (rows.length === 0) break;
    await new Promise((resume) => setTimeout(resume, 200));
  }
  await database.end();
}

function pick<T>(values: readonly [T, ...T[]] | readonly T[]): T {
  const value = values[Math.floor(Math.random() * values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}
