/** Refusals that no operation records: summed, bounded, and kept until the ledger takes them. */
import t from 'tap';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { LedgerEvent } from '../../src/ledger/ledger-event.ts';
import type { RefusedConnection, RefusedRequest } from '../../src/ledger/refusal.ts';
import { SummedRefusals } from '../../src/ledger/summed-refusals.ts';
import type { Work } from '../../src/ledger/work.ts';
import { testClock } from '../support/test-clock.ts';

/** A ledger that keeps what it is given, or takes nothing. */
function fakeLedger() {
  const state = { written: [] as LedgerEvent[], works: 0, isDown: false };
  const nothing = { at: 0, monotonicMs: 0, log: 1, index: 0 };
  const ledger: Pick<Ledger, 'write'> = {
    async write<Reply>(work: Work<Reply>) {
      if (state.isDown) throw new GatewayError('LEDGER_UNAVAILABLE');
      state.works += 1;
      const query = () => Promise.reject(new Error('refusals need nothing of the database'));
      const moment = {
        ...nothing,
        registerVersion: 1,
        agreementsVersion: 1,
        peopleVersion: 1,
        timeline: '',
      };
      const { events, answer } = await work({ query }, moment);
      state.written.push(...events);
      return answer(0);
    },
  };
  return { state, ledger };
}

function refused(changes: Partial<RefusedConnection> = {}): RefusedConnection {
  return {
    action: 'door.refused',
    code: 'CERTIFICATE_REVOKED',
    check: 'revocation',
    source: '192.0.2.1',
    certificate: { fingerprint256: 'ab', serial: '01' },
    organisation: 'X81001',
    ...changes,
  };
}

/** A handshake of somebody unknown that failed. */
const failed = (changes: Partial<RefusedConnection> = {}) =>
  refused({
    code: 'HANDSHAKE_FAILED',
    check: 'not-tls',
    certificate: undefined,
    organisation: null,
    ...changes,
  });

function refusedRequest(changes: Partial<RefusedRequest> = {}): RefusedRequest {
  return {
    action: 'request.refused',
    code: 'RATE_LIMITED',
    route: 'GET /v1/whoami',
    check: null,
    organisation: 'X81001',
    system: 'main',
    certificate: { fingerprint256: 'ab', serial: '01' },
    ...changes,
  };
}

const source = (n: number) => `198.51.${n >> 8}.${n & 255}`;

t.test('the same refusal again is one entry, with first, last and how many', async (t) => {
  const clock = testClock('2026-11-22T10:00:00Z');
  const { state, ledger } = fakeLedger();
  const refusals = new SummedRefusals(ledger, clock);
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
        check: 'revocation',
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

t.test('a request that was refused names who asked what, and how often', async (t) => {
  const clock = testClock('2026-11-22T10:00:00Z');
  const { state, ledger } = fakeLedger();
  const refusals = new SummedRefusals(ledger, clock);
  for (let n = 0; n < 10_000; n += 1) refusals.add(refusedRequest());
  refusals.add(refusedRequest({ code: 'ROUTE_NOT_FOUND', route: null }));
  refusals.add(refusedRequest({ certificate: { fingerprint256: 'cd', serial: '02' } }));
  refusals.add(refusedRequest({ organisation: 'XRH01' }));
  await refusals.flush();
  t.match(state.written, [
    {
      action: 'request.refused',
      outcome: 'refused',
      organisation: 'X81001',
      system: 'main',
      certificate: 'sha-256:ab',
      reasonCodes: ['RATE_LIMITED'],
      particulars: {
        route: 'GET /v1/whoami',
        serial: '01',
        count: 10_000,
        firstAt: '2026-11-22T10:00:00.000Z',
        lastAt: '2026-11-22T10:00:00.000Z',
      },
    },
    { reasonCodes: ['ROUTE_NOT_FOUND'], particulars: { route: null, count: 1 } },
    { certificate: 'sha-256:cd', particulars: { count: 1 } },
    { organisation: 'XRH01', particulars: { count: 1 } },
  ]);
});

t.test('beyond five hundred sources they are counted together, by code and check', async (t) => {
  const { state, ledger } = fakeLedger();
  const refusals = new SummedRefusals(ledger, testClock());
  for (let n = 0; n < 700; n += 1) refusals.add(failed({ source: source(n) }));
  refusals.add(failed({ source: source(0) }));
  refusals.add(failed({ source: source(700), check: 'timeout' }));
  await refusals.flush();
  t.equal(state.written.length, 502);
  t.equal(state.works, 1, 'one place at the ledger for all of them');
  t.match(state.written[0], {
    organisation: null,
    reasonCodes: ['HANDSHAKE_FAILED'],
    particulars: { source: source(0), check: 'not-tls', count: 2 },
  });
  t.match(state.written.slice(-2), [
    { particulars: { source: 'many', check: 'not-tls', serial: null, count: 200 } },
    { particulars: { source: 'many', check: 'timeout', serial: null, count: 1 } },
  ]);
});

t.test('no flood of strangers hides a partner, and no partner another', async (t) => {
  const { state, ledger } = fakeLedger();
  const refusals = new SummedRefusals(ledger, testClock());
  for (let n = 0; n < 5_000; n += 1) {
    refusals.add(failed({ source: source(n) }));
    refusals.add(refused({ source: source(n) }));
    refusals.add(refusedRequest({ route: `GET /${n}` }));
  }
  refusals.add(refusedRequest({ organisation: 'XRH01' }));
  await refusals.flush();
  t.ok(state.written.length <= 1_010, `${state.written.length} entries`);
  t.match(
    state.written.filter(({ organisation }) => organisation === 'XRH01'),
    [
      {
        reasonCodes: ['RATE_LIMITED'],
        certificate: null,
        particulars: { route: 'many', count: 1 },
      },
    ],
  );
  const counted = (wanted: string) =>
    state.written
      .filter(
        ({ reasonCodes, organisation }) => reasonCodes[0] === wanted && organisation !== 'XRH01',
      )
      .reduce((sum, { particulars }) => sum + Number(particulars?.['count']), 0);
  for (const code of ['HANDSHAKE_FAILED', 'CERTIFICATE_REVOKED', 'RATE_LIMITED']) {
    t.equal(counted(code), 5_000, `${code}: none is lost`);
  }
});

t.test('who asks for what was refused waits for what is being written', async (t) => {
  const { state, ledger } = fakeLedger();
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow: typeof ledger = {
    async write(work) {
      await promise;
      return ledger.write(work);
    },
  };
  const refusals = new SummedRefusals(slow, testClock());
  refusals.add(refused());
  const first = refusals.flush();
  const second = refusals.flush().then(() => state.written.length);
  resolve();
  t.equal(await second, 1);
  await first;
});

t.test('what the ledger does not take is kept, as it first was, and bounded', async (t) => {
  const clock = testClock('2026-11-22T10:00:00Z');
  const { state, ledger } = fakeLedger();
  const refusals = new SummedRefusals(ledger, clock);
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
