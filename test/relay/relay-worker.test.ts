/** The worker by itself: what there is nothing to do about costs nothing. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import type { Participant, Register } from '../../src/participants/register.ts';
import type { EndpointConnection } from '../../src/relay/endpoint-connection.ts';
import { RelayWorker } from '../../src/relay/relay-worker.ts';
import { centre } from '../support/builders.ts';
import { endpointOf } from '../support/relay.ts';
import { testClock } from '../support/test-clock.ts';

const connection: EndpointConnection = {
  isFree: true,
  post: async () => ({ kind: 'failed', code: 'CONNECTION_CLOSED', sent: false }),
  close: () => undefined,
};

const endpoints = new Map([[centre, endpointOf(centre)]]);

function registerWith(status: Participant['status']): Register {
  const participant = { odsCode: centre, name: centre, kind: 'nhs-health-centre' as const, status };
  return {
    version: 1,
    endpoints,
    participants: new Map([[centre, { ...participant, assertionKeys: [] }]]),
    certificates: new Map(),
  };
}

/** Something seems due all the time, and under the lock nothing is. */
async function worked(status: Participant['status'], fails = false) {
  let [opened, asked] = [0, 0];
  const worker = new RelayWorker({
    database: {
      async query() {
        return {
          rows: JSON.parse(`[{"recipient":"${centre}","count":1}]`),
          rowCount: 1,
          commandTag: '',
        };
      },
    },
    register: () => registerWith(status),
    async open() {
      opened += 1;
      return { kind: 'open', connection };
    },
    async authorise() {
      asked += 1;
      if (fails) throw new Error('no ledger');
      return { deliveries: [], unfinished: [] };
    },
    push: async () => ({ kind: 'delivered' }),
    settle: async () => undefined,
    connectionsPerEndpoint: 4,
    clock: testClock(),
    observe: () => undefined,
  });
  worker.start();
  await delay(200);
  await worker.stop();
  return { opened, asked };
}

t.test('what is due for nobody is not asked for over and over', async (t) => {
  const { opened, asked } = await worked('active');
  t.equal(opened, 1);
  t.ok(asked <= 2, `asked ${asked} times`);
});

t.test('nor is a ledger that fails', async (t) => {
  const { asked } = await worked('active', true);
  t.ok(asked <= 2, `asked ${asked} times`);
});

t.test('who is suspended is not even called', async (t) => {
  t.strictSame(await worked('suspended'), { opened: 0, asked: 0 });
});
