/** Who gets through the door of a whole gateway, who is cut off, and what auditors see of it. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import t from 'tap';
import { openDatabase } from '../../src/database/database.ts';
import { updateParticipantStatus } from '../../src/participants/register-store.ts';
import { auditor, benefits, centre, council, otherCentre } from '../support/builders.ts';
import { testAuthorities, testClient } from '../support/test-certificates.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const requestsPerMinute = 20;
const gateway = await startTestGateway(t, {
  JETWAY_REQUESTS_PER_MINUTE: String(requestsPerMinute),
});
const { call, ca } = gateway;
const database = openDatabase({ url: gateway.database.gatewayUrl, max: 1 });
t.teardown(() => database.end());

const portOf = (url: string) => Number(new URL(url).port);
const whoAmI = 'GET /v1/whoami HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** One request over a connection of its own; the whole answer as text. */
async function speak(
  credential: { cert: string; key: string } | undefined,
  text = whoAmI,
  options: ConnectionOptions = {},
): Promise<string> {
  const port = portOf(gateway.exchangeUrl);
  const socket = connect({ port, host: 'localhost', ca, ...credential, ...options });
  let answer = '';
  socket.setEncoding('utf8').on('data', (data) => {
    answer += data;
  });
  const closed = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve));
  socket.write(text);
  await closed;
  return answer;
}

/** A connection that never comes to TLS; without text, one that only looks whether somebody listens. */
async function knock(text?: string): Promise<void> {
  const socket = connectTcp(portOf(gateway.exchangeUrl), 'localhost').resume();
  const closed = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve));
  if (text === undefined) socket.once('connect', () => socket.end());
  else socket.write(text);
  await closed;
}

interface Refused {
  action: string;
  organisation: string | null;
  system: string | null;
  certificate: string | null;
  reasonCodes: string[];
  particulars: { check?: string; source?: string; route?: string | null; count: number };
}

async function refusals(search: string): Promise<Refused[]> {
  const { status, body } = await call(auditor, 'GET', `/v1/audit/events?limit=200&${search}`);
  if (status !== 200) throw new Error(`the search was answered ${status}`);
  return body['events'] as Refused[];
}

/** How often each was refused, whichever minutes' entries it stands in. */
function counted(events: readonly Refused[], what: (event: Refused) => string) {
  const counts: Record<string, number> = {};
  for (const event of events) {
    counts[what(event)] = (counts[what(event)] ?? 0) + event.particulars.count;
  }
  return counts;
}

t.test('a certificate of another authority is refused with the reason', async (t) => {
  const stranger = testClient(testAuthorities().forServers, { odsCode: centre });
  const answer = await speak(stranger);
  t.match(answer, /^HTTP\/1.1 401 /);
  t.match(answer, /application\/problem\+json/);
  t.match(answer, /"code":"CERTIFICATE_/);
});

t.test(
  'no certificate, and one that nobody registered, are refused each with its reason',
  async (t) => {
    t.match(await speak(undefined), /401.*CERTIFICATE_MISSING/s);
    const unknown = testClient(testAuthorities().forClients, {
      odsCode: centre,
      system: 'unknown',
    });
    t.match(await speak(unknown), /403.*CERTIFICATE_UNKNOWN/s);
  },
);

t.test('suspending a participant cuts its open connections and refuses new ones', async (t) => {
  const port = Number(new URL(gateway.exchangeUrl).port);
  const open = connect({ port, host: 'localhost', ca, ...gateway.credentialOf(centre) });
  await once(open, 'secureConnect');
  open.resume().on('error', () => {});
  const closed = once(open, 'close');
  await updateParticipantStatus(database, centre, 'suspended');
  await closed;
  t.match(await speak(gateway.credentialOf(centre)), /403.*PARTICIPANT_SUSPENDED/s);
  t.equal((await call(council, 'GET', '/v1/whoami')).status, 200, 'others notice nothing');
  await updateParticipantStatus(database, centre, 'active');
});

t.test('auditors see the refusals, summed by reason and source', async (t) => {
  const events = await refusals('action=door.refused');
  const told = events.map(({ reasonCodes, organisation, particulars }) =>
    [reasonCodes[0], organisation, particulars.check].join(),
  );
  for (const refusal of [
    'CERTIFICATE_MISSING,,no certificate was presented',
    'CERTIFICATE_UNKNOWN,,registration',
    `PARTICIPANT_SUSPENDED,${centre},participation`,
  ]) {
    t.ok(told.includes(refusal), refusal);
  }
});

const handshakes = 'action=door.refused&reason=HANDSHAKE_FAILED';
const byCheck = ({ particulars }: Refused) => String(particulars.check);

t.test('handshakes that fail are in the audit trail, summed by reason and source', async (t) => {
  const knocks = Array.from({ length: 60 }, (_, n) => {
    const texts = ['nonsense canary\r\n', '\x16\x03\x01\x00\x06canary', undefined];
    return knock(texts[n % 3]);
  });
  const old: ConnectionOptions = {
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  };
  await Promise.all([...knocks, speak(gateway.credentialOf(centre), whoAmI, old)]);
  const metrics = [
    'jetway_door_refusals_total{code="HANDSHAKE_FAILED",check="not-tls"} 20',
    'jetway_door_refusals_total{code="HANDSHAKE_FAILED",check="other"} 20',
    'jetway_door_refusals_total{code="HANDSHAKE_FAILED",check="protocol-version"} 1',
    'jetway_door_unspoken_total 20',
  ];
  for (const metric of metrics) {
    while (!(await gateway.telemetry.metricsText()).includes(`${metric}\n`)) {
      await new Promise((next) => setImmediate(next));
    }
  }
  const events = await refusals(handshakes);
  t.strictSame(counted(events, byCheck), { 'not-tls': 20, other: 20, 'protocol-version': 1 });
  t.ok(events.length < 10, 'not an entry each');
  t.match(events[0], { organisation: null, certificate: null, particulars: { source: /127|::1/ } });
  t.notMatch(JSON.stringify(events), 'canary');
});

t.test('what HTTP refuses a partner is in the audit trail, by code and call', async (t) => {
  const record = '/v1/clients/c_canary/records/social-care-summary';
  const ask = (path: string, headers: Record<string, string> = {}) =>
    call(benefits, 'GET', path, { headers });
  await ask('/v1/canary');
  await ask('/v1/canary?q=canary');
  await call(benefits, 'POST', record);
  await ask(record, { accept: 'text/html' });
  const body = 'canary';
  const put = (headers: Record<string, string>, sent = body) =>
    call(benefits, 'PUT', record, { headers, body: sent });
  await put({ 'content-type': 'text/plain' });
  await put({}, 'x'.repeat(3_000_000));
  const credential = gateway.credentialOf(benefits);
  t.match(await speak(credential, 'GET / HTTP/1.1\r\nHost: a\r\nHost: canary\r\n\r\n'), ' 400 ');
  t.match(await speak(credential, 'canary\r\n\r\n'), ' 400 ');
  let limited = 0;
  for (let n = 0; n < requestsPerMinute * 3; n += 1) {
    if ((await ask('/v1/whoami')).status === 429) limited += 1;
  }
  t.ok(limited > requestsPerMinute);
  const events = await refusals(`organisation=${benefits}&outcome=refused`);
  const pattern = '/v1/clients/{client}/records/{recordType}';
  t.strictSame(
    counted(events, ({ reasonCodes, particulars }) => `${reasonCodes[0]} ${particulars.route}`),
    {
      'ROUTE_NOT_FOUND null': 2,
      'METHOD_NOT_ALLOWED null': 1,
      [`NOT_ACCEPTABLE GET ${pattern}`]: 1,
      [`MEDIA_TYPE_UNSUPPORTED PUT ${pattern}`]: 1,
      [`BODY_TOO_LARGE PUT ${pattern}`]: 1,
      'REQUEST_MALFORMED null': 2,
      'RATE_LIMITED GET /v1/whoami': limited,
    },
  );
  for (const { action, organisation, system, certificate } of events) {
    t.match(
      { action, organisation, system, certificate },
      {
        action: 'request.refused',
        organisation: benefits,
        system: 'main',
        certificate: /^sha-256:[0-9a-f]{64}$/,
      },
    );
  }
  t.ok(events.length < 20, `${events.length} entries: a flood is summed`);
  t.notMatch(JSON.stringify(events), 'canary');
});

t.test('what an operation refuses stands in the audit trail once', async (t) => {
  const { status, headers } = await call(
    otherCentre,
    'GET',
    '/v1/clients/c_unknown/records/social-care-summary',
    { headers: { 'purpose-of-use': 'TREAT' } },
  );
  t.equal(status, 404);
  t.ok(headers['ledger-index']);
  const events = await refusals(`organisation=${otherCentre}&outcome=refused`);
  t.match(events, [{ action: 'record.disclosed' }]);
});

t.test('refusals that nobody has asked for yet are written before the gateway stops', async (t) => {
  const before = counted(await refusals(handshakes), byCheck);
  await knock('nonsense');
  await gateway.restart();
  const after = counted(await refusals(handshakes), byCheck);
  t.equal(after['not-tls'], (before['not-tls'] ?? 0) + 1);
});

t.test('a database that lost entries shuts the door until an operator has looked', async (t) => {
  const owner = openDatabase({ url: gateway.database.ownerUrl, max: 1 });
  t.teardown(() => owner.end());
  await call(council, 'GET', '/v1/audit/events');
  await gateway.stop();
  await owner.query(`
update ledger_head set size = 0, frontier = '', root = sha256('');
delete from ledger_leaves;
delete from ledger_payloads;
delete from ledger_events`);
  await gateway.restart();
  const ready = await fetch(`${gateway.operationsUrl}/readyz`);
  t.equal(ready.status, 503);
  t.match(await speak(gateway.credentialOf(centre)), /503.*GATEWAY_CLOSED/s);
});
