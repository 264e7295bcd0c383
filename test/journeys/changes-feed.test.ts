/**
 * The changes feed through the real door: waiting for news, and a consumer that is killed and started again
 * while everybody publishes and the gateway restarts.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { auditor, centre, consent, council, summary } from '../support/builders.ts';
import { type PersonAtTheDoor, personAtTheDoor } from '../support/person-at-the-door.ts';
import { type Reply, startTestGateway } from '../support/test-gateway.ts';

const treating = { 'purpose-of-use': 'TREAT' };
const gateway = await startTestGateway(t, { JETWAY_REQUESTS_PER_MINUTE: '0' });
const { call } = gateway;
const record = (client: unknown) => `/v1/clients/${client}/records/social-care-summary`;

interface Told {
  client: string;
  state: 'current' | 'gone' | 'retrace';
  etag: string | null;
  ledgerIndex: number;
}

interface Page {
  status: number;
  headers: Reply['headers'];
  changes: readonly Told[];
  next: string;
  more: boolean;
}

async function read(after?: string, prefer?: string, limit = 3): Promise<Page> {
  const query = new URLSearchParams({ limit: String(limit), ...(after && { after }) });
  const { status, headers, body } = await call(centre, 'GET', `/v1/changes?${query}`, {
    headers: { ...treating, ...(prefer && { prefer }) },
  });
  const { changes = [], next = '', more = false } = body as Partial<Page>;
  return { status, headers, changes, next, more };
}

async function readToTheEnd(after?: string): Promise<Page> {
  let page = await read(after);
  while (page.more) page = await read(page.next);
  return page;
}

const knownPerson = () => personAtTheDoor(call);

t.test('the feed is a list of changes, with a cursor to go on from', async (t) => {
  const person = await knownPerson();
  const { client, traced } = person;
  const start = await readToTheEnd();
  t.match(start, { status: 200, more: false });
  const published = await call(council, 'PUT', record(client), {
    body: summary(person),
    headers: { 'if-none-match': '*' },
  });
  const page = await read(start.next);
  const pulled = await call(centre, 'GET', record(traced), { headers: treating });
  t.match(page.changes, [
    {
      ...{
        client: traced,
        recordType: 'social-care-summary',
        custodian: council,
        state: 'current',
      },
      ...{ etag: pulled.headers['etag'], ledgerIndex: Number(published.headers['ledger-index']) },
    },
  ]);
  t.match(page.headers, { 'ledger-index': /^\d+$/ }, 'a reading that told something is recorded');
  const empty = await read(page.next);
  t.equal(empty.status, 200);
  t.same(empty.changes, []);
  t.equal(empty.headers['ledger-index'], undefined, 'one that had nothing to tell is not');
  const found = await call(auditor, 'GET', '/v1/audit/events?action=changes.read&limit=1');
  t.match(found.body, { events: [{ action: 'changes.read', organisation: centre }] });
});

t.test('a cursor that is not ours is refused', async (t) => {
  const { status, body } = await call(centre, 'GET', '/v1/changes?after=Zm9yZ2Vk');
  t.match({ status, body }, { status: 400, body: { code: 'CURSOR_INVALID' } });
});

t.test('a consumer that waits is woken by a publish', async (t) => {
  const person = await knownPerson();
  const { client, traced } = person;
  const { next } = await readToTheEnd();
  const reads = Array.from({ length: 5 }, () => read(next, 'wait=30'));
  // four may wait: one of the five, whichever came last, is answered at once
  const { page: atOnce, of } = await Promise.race(
    reads.map(async (of) => ({ page: await of, of })),
  );
  t.strictSame(atOnce.changes, []);
  t.equal(atOnce.headers['preference-applied'], undefined);
  await call(council, 'PUT', record(client), {
    body: summary(person),
    headers: { 'if-none-match': '*' },
  });
  for (const page of await Promise.all(reads.filter((one) => one !== of))) {
    t.match(page.changes, [{ client: traced, state: 'current' }]);
    t.equal(page.headers['preference-applied'], 'wait=30');
  }
});

t.test('a wait whose time is over is answered with nothing, and from where to go on', async (t) => {
  const { next } = await readToTheEnd();
  const page = await read(next, 'wait=1');
  t.match(page, { status: 200, headers: { 'preference-applied': 'wait=1' } });
  t.same(page.changes, []);
});

t.test('a gateway that stops ends every wait at once', async (t) => {
  // otherwise stopping takes as long as the wait, and this file as long as it may
  const { next } = await readToTheEnd();
  const waiting = read(next, 'wait=30');
  // it is waiting once another request of the same organisation has been answered after it
  await read(next);
  await gateway.restart();
  const { status, changes } = await waiting;
  t.same({ status, changes }, { status: 200, changes: [] });
});

/** What a consumer keeps on disk: its cursor, and the tags of what it holds. */
interface Consumer {
  cursor: string | undefined;
  held: Map<string, string>;
  seen: Map<string, number>;
}

/** Deletes on a tombstone, keeps tags otherwise: applying a page twice changes nothing. */
function apply({ held, seen }: Consumer, changes: readonly Told[]): void {
  for (const { client, state, etag, ledgerIndex } of changes) {
    if (state === 'current') held.set(client, etag ?? '');
    else held.delete(client);
    seen.set(client, Math.max(ledgerIndex, seen.get(client) ?? 0));
  }
}

/** Each round's has a tag of its own. */
function summaryOf(person: PersonAtTheDoor, round: number): Record<string, unknown> {
  const whole = summary(person);
  const sections = Object(whole['sections']);
  const servicesAndCare = [{ ...sections.servicesAndCare[0], packageName: `Home care ${round}` }];
  return { ...whole, sections: { ...sections, servicesAndCare } };
}

t.test(
  '16 publishers, a consumer and a gateway that restart: no gap, no unseen change',
  async (t) => {
    const people = await Promise.all(Array.from({ length: 16 }, knownPerson));
    const consumer: Consumer = { cursor: undefined, held: new Map(), seen: new Map() };
    const acknowledged = new Map<string, number>();
    const chance = fc.sample(fc.nat(99), 2_000);
    const roll = () => chance.pop() ?? 99;
    let publishing = people.length;
    let restarted = 0;

    /** Repeats a write until it is acknowledged, under one key, as a publisher should. */
    async function insist(send: (headers: Record<string, string>) => Promise<Reply>) {
      const headers = { 'idempotency-key': randomUUID() };
      for (;;) {
        const reply = await send(headers).catch(() => undefined);
        if (reply && reply.status < 500) return reply;
        await new Promise((resume) => setImmediate(resume));
      }
    }

    async function publisher(person: PersonAtTheDoor): Promise<void> {
      const { client, traced } = person;
      let etag: string | undefined;
      let consentId = '';
      for (let round = 0; round < 12; round += 1) {
        const condition = etag === undefined ? { 'if-none-match': '*' } : { 'if-match': etag };
        const body = summaryOf(person, round);
        const reply = await insist((headers) =>
          round % 4 < 3
            ? call(council, 'PUT', record(client), { body, headers: { ...headers, ...condition } })
            : consentId === ''
              ? call(council, 'POST', `/v1/clients/${client}/consents`, {
                  body: consent(),
                  headers,
                })
              : call(council, 'POST', `/v1/consents/${consentId}/withdrawal`, {
                  body: {},
                  headers,
                }),
        );
        if (round % 4 < 3) etag = String(reply.headers['etag']);
        else consentId = consentId === '' ? String(reply.body['id']) : '';
        acknowledged.set(traced, Number(reply.headers['ledger-index']));
      }
    }

    async function consume(): Promise<void> {
      for (;;) {
        const wasOver = publishing === 0;
        const page = await read(consumer.cursor, roll() < 30 ? 'wait=1' : undefined).catch(
          () => undefined,
        );
        if (page?.status !== 200) continue;
        // killed before it applied the page, or after that and before it kept the cursor
        if (roll() < 15) continue;
        apply(consumer, page.changes);
        if (roll() < 15) continue;
        consumer.cursor = page.next;
        if (wasOver && !page.more && page.changes.length === 0) return;
      }
    }

    async function disturb(): Promise<void> {
      while (publishing > 0 && restarted < 3) {
        const before = acknowledged.size;
        await gateway.restart();
        restarted += 1;
        while (publishing > 0 && acknowledged.size < Math.min(16, before + 4)) {
          await new Promise((resume) => setImmediate(resume));
        }
      }
    }

    const publishers = people.map((person) =>
      publisher(person).finally(() => {
        publishing -= 1;
      }),
    );
    await Promise.all([...publishers, consume(), disturb()]);
    t.ok(restarted > 0, 'the gateway restarted meanwhile');
    for (const { traced } of people) {
      t.ok((consumer.seen.get(traced) ?? 0) >= (acknowledged.get(traced) ?? 0), 'the last change');
      const pulled = await call(centre, 'GET', record(traced), { headers: treating });
      t.equal(
        consumer.held.get(traced),
        pulled.status === 200 ? pulled.headers['etag'] : undefined,
        'it holds what a pull gives',
      );
    }
  },
);
