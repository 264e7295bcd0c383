/** Gateway and PostgreSQL are killed under load: what was acknowledged is there, and nothing else was given. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { openDatabase } from '../../src/database/database.ts';
import { centre, council, summary } from '../support/builders.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { storedEvents } from '../support/ledger-lines.ts';
import { type PersonAtTheDoor, personAtTheDoor } from '../support/person-at-the-door.ts';
import { testClients, testSettings } from '../support/test-gateway.ts';

const settings = await testSettings(t);
const { database } = settings;
let gateway = await startGatewayProcess(t, settings.environment);
const call = testClients(t, settings, () => gateway.exchangeUrl);

const path = (client: string) => `/v1/clients/${client}/records/social-care-summary`;
const treating = { 'purpose-of-use': 'TREAT' };

async function known(): Promise<PersonAtTheDoor> {
  const person = await personAtTheDoor(call);
  const headers = { 'if-none-match': '*' };
  await call(council, 'PUT', path(person.client), { body: summary(person), headers });
  return person;
}

/** What partners were told had happened, by the request's id. */
const acknowledged: { request: string; index: number; action: string }[] = [];
let failures = 0;

async function pullOnce({ traced }: PersonAtTheDoor): Promise<void> {
  const request = randomUUID();
  const headers = { ...treating, 'x-request-id': request };
  const reply = await call(centre, 'GET', path(traced), { headers });
  if (reply.status !== 200) return;
  const index = Number(reply.headers['ledger-index']);
  acknowledged.push({ request, index, action: 'record.disclosed' });
}

async function publishOnce(person: PersonAtTheDoor): Promise<void> {
  const { client } = person;
  const own = await call(council, 'GET', path(client));
  const request = randomUUID();
  const reply = await call(council, 'PUT', path(client), {
    body: summary(person),
    headers: { 'if-match': String(own.headers['etag']), 'x-request-id': request },
  });
  if (reply.status !== 200) return;
  const index = Number(reply.headers['ledger-index']);
  acknowledged.push({ request, index, action: 'record.published' });
}

let isOver = false;

async function load(
  work: (person: PersonAtTheDoor) => Promise<void>,
  person: PersonAtTheDoor,
): Promise<void> {
  while (!isOver) {
    await work(person).catch(async () => {
      failures += 1;
      // let the rest of this process run: it has to start what was killed
      await new Promise((resume) => setImmediate(resume));
    });
  }
}

async function until(count: number): Promise<void> {
  const goal = acknowledged.length + count;
  while (acknowledged.length < goal) await new Promise((resume) => setImmediate(resume));
}

t.test('what was acknowledged survives kill -9 of the gateway and of PostgreSQL', async (t) => {
  const people = await Promise.all([known(), known(), known(), known()]);
  const loads = people.flatMap((person) => [
    load(pullOnce, person),
    load(pullOnce, person),
    load(publishOnce, person),
  ]);
  for (let round = 0; round < 3; round += 1) {
    await until(60);
    await gateway.end('SIGKILL');
    gateway = await startGatewayProcess(t, settings.environment);
    await until(60);
    await database.postgres.kill('SIGKILL');
    await database.restart();
    await until(60);
  }
  isOver = true;
  await Promise.all(loads);
  t.ok(failures > 0, 'the kills were felt');

  const owner = openDatabase({ url: database.ownerUrl, max: 1 });
  const stored = await storedEvents(owner);
  await owner.end();
  const events = new Map(stored.map(({ index, event }) => [index, event]));
  t.comment(
    `${acknowledged.length} acknowledged, ${failures} failed, ${events.size} in the ledger`,
  );
  const missing = acknowledged.filter(({ request, index, action }) => {
    const event = events.get(index);
    return event?.request !== request || event.action !== action || event.outcome === 'refused';
  });
  t.strictSame(missing, [], 'each answer has its own entry at the index it was told');
  t.strictSame(
    [...events.keys()],
    Array.from(events.keys(), (_, i) => i),
    'without gaps',
  );
});
