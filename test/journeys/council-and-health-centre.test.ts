/** The main job, end to end, through the real doors: publish, trace, pull, withdraw, refuse, audit. */
import t from 'tap';
import {
  auditor,
  centre,
  consent,
  council,
  identity,
  ordinaryFacts,
  otherCentre,
  registration,
  summary,
} from '../support/builders.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const gateway = await startTestGateway(t);
const { call } = gateway;
const record = (client: unknown) => `/v1/clients/${client}/records/social-care-summary`;
const treating = { 'purpose-of-use': 'TREAT' };

t.test('a health centre is told who it is', async (t) => {
  const { status, body } = await call(centre, 'GET', '/v1/whoami');
  t.equal(status, 200);
  t.match(body, {
    organisation: { odsCode: centre, kind: 'nhs-health-centre' },
    agreements: [{ id: 'borough-care' }],
  });
});

t.test('from a publish to a refused pull, each of it in the audit trail', async (t) => {
  const registered = await call(council, 'POST', '/v1/clients/trace', { body: registration() });
  t.equal(registered.status, 201);
  const { client } = registered.body;
  const facts = await call(council, 'PUT', `/v1/clients/${client}/facts`, { body: ordinaryFacts });
  t.equal(facts.status, 200);
  const published = await call(council, 'PUT', record(client), {
    body: summary(identity()),
    headers: { 'if-none-match': '*' },
  });
  t.equal(published.status, 201);
  t.match(published.headers, { etag: /^"/, 'ledger-index': /^\d+$/ });
  const agreed = await call(council, 'POST', `/v1/clients/${client}/consents`, {
    body: consent({
      rules: [{ type: 'permit', recordTypes: ['social-care-summary'], actors: [centre] }],
    }),
  });
  t.equal(agreed.status, 201);

  const traced = await call(centre, 'POST', '/v1/clients/trace', { body: identity() });
  t.equal(traced.status, 200);
  const wrong = await call(centre, 'POST', '/v1/clients/trace', {
    body: identity({ birthDate: '1948-03-03' }),
  });
  t.match(wrong, { status: 404, body: { code: 'RESOURCE_NOT_FOUND' } });

  const pulled = await call(centre, 'GET', record(traced.body['client']), { headers: treating });
  t.match(pulled, { status: 200, body: { basis: 'explicit-consent', purpose: 'TREAT' } });
  const again = await call(centre, 'GET', record(traced.body['client']), {
    headers: { ...treating, 'if-none-match': String(pulled.headers['etag']) },
  });
  t.equal(again.status, 304);

  const others = await call(otherCentre, 'POST', '/v1/clients/trace', { body: identity() });
  const refused = await call(otherCentre, 'GET', record(others.body['client']), {
    headers: treating,
  });
  t.match(refused, { status: 403, body: { code: 'CONSENT_SCOPE_MISMATCH' } });

  const withdrawn = await call(council, 'POST', `/v1/consents/${agreed.body['id']}/withdrawal`, {
    body: { reason: 'asked by the person' },
  });
  t.match(withdrawn, { status: 200, body: { status: 'inactive' } });
  const after = await call(centre, 'GET', record(traced.body['client']), { headers: treating });
  t.match(after, { status: 403, body: { code: 'CONSENT_WITHDRAWN' } });
  t.ok(Number(after.headers['ledger-index']) > Number(withdrawn.headers['ledger-index']));

  const audit = await call(auditor, 'GET', '/v1/audit/events?limit=50');
  t.equal(audit.status, 200);
  const seen = (audit.body['events'] as { action: string; outcome: string }[]).map(
    ({ action, outcome }) => `${action} ${outcome}`,
  );
  for (const event of [
    'client.registered done',
    'facts.recorded done',
    'record.published done',
    'consent.recorded done',
    'client.traced done',
    'client.traced refused',
    'record.disclosed permitted',
    'record.disclosed refused',
    'consent.withdrawn done',
  ]) {
    t.ok(seen.includes(event), event);
  }
});

t.test('a number that is said twice, or in two spellings, registers the person once', async (t) => {
  const nhsNumber = '9990548609';
  const said = [nhsNumber, '999 054 8609'].map((value) => {
    return { system: 'https://fhir.nhs.uk/Id/nhs-number', value };
  });
  const body = registration({ nhsNumber, localIds: said, previousFamilyNames: ['ONEILL'] });
  const { status, headers } = await call(council, 'POST', '/v1/clients/trace', { body });
  t.equal(status, 201);
  t.match(headers['ledger-index'], /^\d+$/);
  const traced = await call(centre, 'POST', '/v1/clients/trace', { body: identity({ nhsNumber }) });
  t.equal(traced.status, 200);
});

t.test('a refusal before any operation is recorded, too', async (t) => {
  const forged = await call(centre, 'GET', record('c_unknown'), {
    headers: { authorization: 'Bearer not.a.token' },
  });
  t.match(forged, { status: 401, body: { code: 'ASSERTION_INVALID' } });
  const invalid = await call(council, 'POST', '/v1/clients/trace', { body: { familyName: 'X' } });
  t.match(invalid, { status: 422, body: { code: 'REQUEST_INVALID' } });
  const { body } = await call(auditor, 'GET', '/v1/audit/events?outcome=refused&limit=2');
  const codes = (body['events'] as { reasonCodes: string[] }[]).flatMap((one) => one.reasonCodes);
  t.strictSame(codes, ['REQUEST_INVALID', 'ASSERTION_INVALID']);
  t.ok(forged.headers['ledger-index']);
});

t.test('the gateway is ready, and starts again on what it wrote', async (t) => {
  await gateway.restart();
  const ready = await fetch(`${gateway.operationsUrl}/readyz`);
  t.match(await ready.json(), { checks: { database: 'ok', ledger: 'ok', register: 'ok' } });
  t.equal((await call(centre, 'GET', '/v1/whoami')).status, 200);
});
