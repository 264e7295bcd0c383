/** Who asks: what a partner is told of itself, and how it says which user asks. */
import { generateKeyPairSync } from 'node:crypto';
import { CompactSign } from 'jose';
import t from 'tap';
import { toSharingAgreement } from '../../src/agreements/sharing-agreement.ts';
import type { Standing } from '../../src/exchange/standing.ts';
import { good } from '../support/test-door.ts';
import { emptyStanding, openExchange } from '../support/test-exchange-server.ts';

const record = '/v1/clients/c_abc/records/social-care-summary';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const standing: Standing = {
  register: {
    ...emptyStanding.register,
    participants: new Map([
      [
        'X81001',
        {
          odsCode: 'X81001',
          name: 'Example Health Centre',
          kind: 'nhs-health-centre',
          status: 'active',
          assertionKeys: [{ kid: 'k1', publicKey, algorithm: 'ES256' }],
        },
      ],
    ]),
  },
  agreements: {
    version: 1,
    agreements: [
      toSharingAgreement(
        {
          id: 'care',
          title: 'Care',
          period: { from: '2020-01-01T00:00:00Z', until: '2099-01-01T00:00:00Z' },
          lawfulBasis: { article6: '6(1)(e)' },
          parties: [
            { odsCode: 'X81001', may: ['pull'] },
            { odsCode: 'X09SC', may: ['publish'], recordTypes: ['social-care-summary'] },
          ],
          recordTypes: [
            {
              recordType: 'social-care-summary',
              purposes: ['TREAT'],
              sections: [{ section: 'person' }],
            },
          ],
          roles: { gp: { 'social-care-summary': 'all' } },
        },
        1,
      ),
    ],
  },
};

function assertion(claims: object): Promise<string> {
  const iat = Math.floor(Date.now() / 1_000);
  const whole = {
    iss: 'X81001',
    aud: 'jetway-test',
    sub: 'u1',
    name: 'Dr Example',
    role: 'gp',
    purpose: 'TREAT',
    jti: 'jti-00000001',
    iat,
    exp: iat + 60,
    ...claims,
  };
  return new CompactSign(Buffer.from(JSON.stringify(whole)))
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .sign(privateKey);
}

t.test('a partner learns who the gateway thinks it is', async (t) => {
  const { ask, askAsOther } = await openExchange(t, { standing });
  const reply = await ask('GET', '/v1/whoami');
  t.match(reply.json, {
    organisation: { odsCode: 'X81001', name: 'Example Health Centre', kind: 'nhs-health-centre' },
    system: 'main',
    certificate: { serial: good.certificate.serialNumber, fingerprint256: good.fingerprint256 },
    agreements: [
      {
        id: 'care',
        may: ['pull'],
        recordTypes: ['social-care-summary'],
        purposes: ['TREAT'],
        roles: ['gp'],
        until: '2099-01-01T00:00:00.000Z',
        parties: [{ odsCode: 'X09SC', name: null, may: ['publish'] }],
      },
    ],
    gateway: { name: 'jetway-test', version: '0.0.0' },
  });
  t.notOk('ledger-index' in reply.headers);
  t.match((await askAsOther('GET', '/v1/whoami')).json, {
    organisation: { odsCode: 'XRH01', name: null },
    agreements: [],
  });
});

t.test('a user is who the organisation’s own key says, for the purpose that it says', async (t) => {
  const { ask, askAsOther, state } = await openExchange(t, { standing });
  const pull = async (claims: object, more: Record<string, string> = {}, as = ask) =>
    as('GET', record, { headers: { authorization: `Bearer ${await assertion(claims)}`, ...more } });
  t.equal((await pull({})).status, 200);
  t.equal((await pull({}, { 'purpose-of-use': 'TREAT' })).status, 200);
  t.match(state.calls[0], {
    request: {
      purpose: 'TREAT',
      context: { caller: { assertion: { subject: 'u1', role: 'gp' } } },
    },
  });
  state.calls = [];
  t.match(await pull({}, { 'purpose-of-use': 'HPAYMT' }), { status: 400 }, 'two purposes');
  for (const claims of [{ iss: 'XRH01' }, { aud: 'elsewhere' }, { exp: 1 }, { role: undefined }]) {
    t.match(await pull(claims), { status: 401, json: { code: 'ASSERTION_INVALID' } });
  }
  t.match(await pull({}, {}, askAsOther), { status: 401 }, 'another organisation’s assertion');
  t.same(state.calls, []);
});
