/** Who gets through the door of a whole gateway, who is cut off, and what auditors see of it. */
import { once } from 'node:events';
import { connect } from 'node:tls';
import t from 'tap';
import { openDatabase } from '../../src/database/database.ts';
import { updateParticipantStatus } from '../../src/participants/register-store.ts';
import { auditor, centre, council } from '../support/builders.ts';
import { testAuthorities, testClient } from '../support/test-certificates.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const gateway = await startTestGateway(t);
const { call, ca } = gateway;
const database = openDatabase({ url: gateway.database.gatewayUrl, max: 1 });
t.teardown(() => database.end());

/** One request over a connection of its own; the whole answer as text. */
async function speak(credential: { cert: string; key: string } | undefined): Promise<string> {
  const port = Number(new URL(gateway.exchangeUrl).port);
  const socket = connect({ port, host: 'localhost', ca, ...credential });
  let answer = '';
  socket.setEncoding('utf8').on('data', (data) => {
    answer += data;
  });
  socket.on('error', () => {});
  socket.write('GET /v1/whoami HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'close');
  return answer;
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
  const { body } = await call(auditor, 'GET', '/v1/audit/events?action=door.refused');
  const codes = (body['events'] as { reasonCodes: string[] }[]).flatMap((one) => one.reasonCodes);
  for (const code of ['CERTIFICATE_MISSING', 'CERTIFICATE_UNKNOWN', 'PARTICIPANT_SUSPENDED']) {
    t.ok(codes.includes(code), code);
  }
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
