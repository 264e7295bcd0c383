/** Refusals at the door: summed, bounded, and kept until the ledger takes them. */
import t from 'tap';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { LedgerEvent } from '../../src/ledger/ledger-event.ts';
import {
  type RefusedConnection,
  RefusedConnections,
} from '../../src/ledger/refused-connections.ts';
import type { Work } from '../../src/ledger/work.ts';
import { testClock } from '../support/test-clock.ts';

/** A ledger that keeps what it is given, or takes nothing. */
function fakeLedger() {
  const state: { written: LedgerEvent[]; isDown: boolean } = { written: [], isDown: false };
  const nothing = { at: 0, monotonicMs: 0, log: 1, index: 0 };
  const ledger: Pick<Ledger, 'write'> = {
    async write<Reply>(work: Work<Reply>) {
      if (state.isDown) throw new GatewayError('LEDGER_UNAVAILABLE');
      const query = () => Promise.reject(new Error('refusals need nothing of the database'));
      const moment = { ...nothing, registerVersion: 1, agreementsVersion: 1 };
      const { events, answer } = await work({ query }, moment);
      state.written.push(...events);
      return answer(0);
    },
  };
  return { state, ledger };
}

function refused(changes: Partial<RefusedConnection> = {}): RefusedConnection {
  return {
    code: 'CERTIFICATE_REVOKED',
    source: '192.0.2.1',
    certificate: { fingerprint256: 'ab', serial: '01' },
    organisation: 'X81001',
    ...changes,
  };
}

const source = (n: number) => `198.51.${n >> 8}.${n & 255}`;

t.test('the same refusal again is one entry, with first, last and how many', async (t) => {
  const clock = testClock('2026-11-22T10:00:00Z');
  const { state, ledger } = fakeLedger();
  const refusals = new RefusedConnections(ledger, clock);
  refusals.add(refused());
  clock.advance(1_000);
  refusals.add(refused());
  refusals.add(refused({ code: 'CERTIFICATE_EXPIRED' }));
  refusals.add(refused({ certificate: undefined, organisation: null }));
  await refusals.flush();
  t.match(state.written, [
    {
      action: 'door.refused',
      outcome: 'refused',
      organisation: 'X81001',
      certificate: 'sha-256:ab',
      reasonCodes: ['CERTIFICATE_REVOKED'],
      particulars: {
        source: '192.0.2.1',
        serial: '01',
        count: 2,
        firstAt: '2026-11-22T10:00:00.000Z',
        lastAt: '2026-11-22T10:00:01.000Z',
      },
    },
    { reasonCodes: ['CERTIFICATE_EXPIRED'], particulars: { count: 1 } },
    { organisation: null, certificate: null, particulars: { serial: null, count: 1 } },
  ]);
  await refusals.flush();
  t.equal(state.written.length, 3, 'and nothing is written twice');
});

t.test('beyond five hundred sources they are counted together, and blamed on nobody', async (t) => {
  const { state, ledger } = fakeLedger();
  const refusals = new RefusedConnections(ledger, testClock());
  for (let n = 0; n < 700; n += 1) refusals.add(refused({ source: source(n) }));
  refusals.add(refused({ source: source(0) }));
  await refusals.flush();
  t.equal(state.written.length, 501);
  t.match(state.written[0], { organisation: 'X81001', particulars: { count: 2 } });
  t.match(state.written.at(-1), {
    organisation: null,
    certificate: null,
    particulars: { source: 'many', serial: null, count: 200 },
  });
});

t.test('what the ledger does not take is kept, as it first was, and bounded', async (t) => {
  const clock = testClock('2026-11-22T10:00:00Z');
  const { state, ledger } = fakeLedger();
  const refusals = new RefusedConnections(ledger, clock);
  state.isDown = true;
  refusals.add(refused());
  const failing = refusals.flush();
  // arrives while the ledger is being asked
  clock.advance(5_000);
  refusals.add(refused());
  await failing;
  for (let minute = 0; minute < 3; minute += 1) {
    const flushing = refusals.flush();
    for (let n = 0; n < 400; n += 1) refusals.add(refused({ source: source(minute * 400 + n) }));
    await flushing;
  }
  state.isDown = false;
  await refusals.flush();
  t.equal(state.written.length, 501);
  t.match(state.written[0], {
    particulars: {
      count: 2,
      firstAt: '2026-11-22T10:00:00.000Z',
      lastAt: '2026-11-22T10:00:05.000Z',
    },
  });
  const counts = state.written.map(({ particulars }) => Number(particulars?.['count']));
  t.equal(
    counts.reduce((sum, count) => sum + count),
    1_202,
    'none is lost',
  );
});
