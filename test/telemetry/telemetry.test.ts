/** What observations become in the log and in the metrics, and what must never become of them. */
import fc from 'fast-check';
import { DatabaseError } from 'pg';
import t from 'tap';
import { elapsedMs } from '../../src/clock.ts';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import { digestError } from '../../src/telemetry/error-digest.ts';
import type { LogLevel } from '../../src/telemetry/log.ts';
import type { Observation } from '../../src/telemetry/observation.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';

const requestId = '7d444840-9dc0-11d1-b245-5ffdce74fad2';

/** What the log and the metrics make of some observations. */
async function told(observations: readonly Observation[], level: LogLevel = 'debug') {
  const lines: string[] = [];
  const telemetry = createTelemetry({ level, stream: { write: (line) => lines.push(line) } });
  for (const observation of observations) telemetry.observe(observation);
  telemetry.flush();
  return {
    lines: lines.map((line): unknown => JSON.parse(line)),
    text: lines.join(''),
    metrics: await telemetry.metricsText(),
  };
}

t.test('a request leaves one line and its time by route, never its URL', async (t) => {
  const { lines, metrics } = await told([
    {
      kind: 'request.completed',
      method: 'GET',
      route: '/v1/clients/:client/records/:recordType',
      status: 403,
      durationMs: 12,
      requestId,
      organisation: 'X81001',
      code: 'CONSENT_WITHDRAWN',
    },
  ]);
  t.match(lines, [
    { level: 'info', kind: 'request.completed', status: 403, requestId, code: 'CONSENT_WITHDRAWN' },
  ]);
  t.match(
    metrics,
    'jetway_request_duration_seconds_bucket{le="0.025",method="GET",route="/v1/clients/:client/records/:recordType",status="403"} 1',
  );
  t.match(metrics, 'jetway_problems_total{code="CONSENT_WITHDRAWN"} 1');
});

t.test('partners cannot make the metrics grow', async (t) => {
  const requests = Array.from(
    { length: 50 },
    (_, index): Observation => ({
      kind: 'request.completed',
      method: `M${index}`,
      route: undefined,
      status: 404,
      durationMs: 1,
      requestId,
    }),
  );
  const { metrics } = await told(requests);
  t.match(
    metrics,
    'jetway_request_duration_seconds_count{method="other",route="unmatched",status="404"} 50',
  );
  t.notMatch(metrics, 'M49');
});

t.test('a scrape tells how things stand at that moment', async (t) => {
  const telemetry = createTelemetry({ level: 'error', stream: { write: () => true } });
  const state = { connections: 3, waiting: 7, isOpen: true };
  telemetry.addLevels({
    connections: () => state.connections,
    waiting: () => state.waiting,
    isOpen: () => state.isOpen,
  });
  const lines = async () => (await telemetry.metricsText()).split('\n');
  const has = async (...wanted: readonly string[]) => {
    const all = await lines();
    return wanted.every((line) => all.includes(line));
  };
  t.ok(await has('jetway_door_connections 3', 'jetway_ledger_waiting 7', 'jetway_exchange_open 1'));
  Object.assign(state, { connections: 0, waiting: 0, isOpen: false });
  t.ok(await has('jetway_door_connections 0', 'jetway_ledger_waiting 0', 'jetway_exchange_open 0'));
});

t.test('a time is told to the microsecond', async (t) => {
  t.equal(elapsedMs({ monotonicMs: () => 6.776884999941103 }, 0), 6.777);
});

t.test('every other observation is counted or logged', async (t) => {
  const { lines, metrics } = await told([
    { kind: 'door.refused', code: 'CERTIFICATE_EXPIRED', source: '192.0.2.1', serial: '0a' },
    { kind: 'door.refused', code: 'HANDSHAKE_FAILED', check: 'not-tls', source: '192.0.2.1' },
    { kind: 'door.unspoken' },
    { kind: 'request.unreadable', code: 'REQUEST_TIMEOUT', requestId, organisation: 'X81001' },
    { kind: 'ledger.committed', entries: 7, members: 5, durationMs: 4, aheadMs: 90_000 },
    { kind: 'ledger.failed', members: 12, error: new Error('lost') },
    { kind: 'checkpoint.signed', size: 107 },
    { kind: 'checkpoint.failed', error: new Error('lost') },
    { kind: 'checkpoint.refused', reason: 'lost' },
    { kind: 'checkpoint.failing' },
    { kind: 'checkpoint.resumed' },
    { kind: 'checkpoint.unwitnessed', text: 'no file' },
    { kind: 'register.stale' },
    { kind: 'certificate.loaded', certificate: 'server', notAfter: new Date(1_800_000_000_000) },
    { kind: 'certificate.ending', certificate: 'server', notAfter: new Date(1_800_000_000_000) },
    {
      kind: 'gateway.started',
      exchange: 'https://localhost:8443',
      operations: 'http://127.0.0.1:9464',
      version: '0.1.0',
      logVerifierKey: 'gateway.example/audit+1b2c3d4e+AS',
    },
    { kind: 'gateway.stopping', reason: 'SIGTERM' },
    { kind: 'gateway.stopped', durationMs: 20 },
    { kind: 'notice', text: 'as you were' },
  ]);
  t.equal(lines.length, 19);
  t.match(
    lines.find((line) => JSON.stringify(line).includes('unwitnessed')),
    { level: 'warn', text: 'no file' },
  );
  t.match(
    lines.filter((line) => JSON.stringify(line).includes('certificate.')),
    [
      { level: 'info', certificate: 'server' },
      { level: 'warn', certificate: 'server', notAfter: '2027-01-15T08:00:00.000Z' },
    ],
  );
  for (const line of [
    'jetway_door_refusals_total{code="CERTIFICATE_EXPIRED"} 1',
    'jetway_door_refusals_total{code="HANDSHAKE_FAILED",check="not-tls"} 1',
    'jetway_door_unspoken_total 1',
    'jetway_problems_total{code="REQUEST_TIMEOUT"} 1',
    'jetway_ledger_entries_total 7',
    'jetway_ledger_ahead_seconds 90',
    'jetway_ledger_transaction_members_count 1',
    'jetway_checkpoint_failures_total 3',
    'jetway_ledger_transaction_seconds_count 1',
    'jetway_ledger_failures_total 1',
    'jetway_checkpoint_size 107',
    'jetway_register_stale_total 1',
    'jetway_certificate_not_after_timestamp_seconds{certificate="server"} 1800000000',
    'process_cpu_seconds_total',
  ]) {
    t.match(metrics, line);
  }
});

t.test('the log keeps to its level, the metrics count all the same', async (t) => {
  const { lines, metrics } = await told(
    [
      { kind: 'checkpoint.signed', size: 5 },
      { kind: 'notice', text: 'x' },
    ],
    'warn',
  );
  t.same(lines, []);
  t.match(metrics, 'jetway_checkpoint_size 5');
});

t.test('an unexpected error tells where, and nothing that anybody sent', async (t) => {
  const row = new DatabaseError('invalid input: "canary"', 10, 'error');
  Object.assign(row, {
    code: '23505',
    detail: 'Key (nhs_number)=(canary) already exists.',
    constraint: 'people_pkey',
    table: 'people',
    where: 'canary',
  });
  const parse = t.throws(() => JSON.parse('{"familyName": canary}'));
  const framed = new Error('canary\n    at canary (canary.ts:1:1)\n    at canary');
  const chained = new TypeError('canary', { cause: row });
  const odd = Object.assign(new Error('canary'), {
    code: 'canary canary',
    constraint: { canary: true },
  });
  const errors = [
    row,
    parse,
    framed,
    chained,
    odd,
    new GatewayError('RECORD_INVALID', { detail: 'canary' }),
    'canary',
    { canary: 1 },
    undefined,
  ];
  const { text, lines, metrics } = await told(
    errors.map((error) => ({ kind: 'error.unexpected', error, requestId })),
  );
  t.notMatch(text, /canary/);
  t.match(lines[0], {
    level: 'error',
    requestId,
    error: { class: 'DatabaseError', code: '23505', constraint: 'people_pkey', table: 'people' },
  });
  t.match(lines[1], { error: { class: 'SyntaxError' } });
  t.match(lines[3], { error: { class: 'TypeError', cause: { code: '23505' } } });
  t.match(lines[5], { error: { class: 'GatewayError', code: 'RECORD_INVALID' } });
  t.match(digestError(chained).stack?.[0], /telemetry\.test\.ts:\d+:\d+/);
  t.match(metrics, 'jetway_unexpected_errors_total 9');
});

t.test('no message, however it is made, reaches the digest of an error', async (t) => {
  // Line breaks and frame-like lines within: whoever sends the body writes the message.
  const lines = fc.array(
    fc.oneof(fc.string(), fc.constant('    at canary (file.ts:1:1)'), fc.constant('canary')),
  );
  fc.assert(
    fc.property(lines, (parts) => {
      const digest = digestError(new Error(`canary\n${parts.join('\n')}`));
      t.notMatch(JSON.stringify(digest), 'canary');
    }),
  );
});
