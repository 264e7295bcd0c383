/** An endpoint as an operator gives it: which addresses and authorities can be used, and why others cannot. */
import fc from 'fast-check';
import t from 'tap';
import { parseAnchors, parseEndpointUrl } from '../../src/participants/endpoint.ts';
import { ecKeyPair, testAuthorities, testServer } from '../support/test-certificates.ts';

const { forServers, forClients } = testAuthorities();
const [one, other] = [forServers.certificate.toString(), forClients.certificate.toString()];

function rule(name: string) {
  return { code: 'REQUEST_INVALID', errors: [{ rule: name }] };
}

t.test('an endpoint’s address is HTTPS to a host, in one spelling', async (t) => {
  for (const [text, href] of [
    ['https://records.example.org/deliveries', undefined],
    ['https://records.example.org:8443/', undefined],
    ['HTTPS://Records.Example.ORG:443', 'https://records.example.org/'],
    ['https://192.0.2.7/in', undefined],
    ['https://[2001:db8::7]:8443/in', undefined],
    ['https://127.1/in', 'https://127.0.0.1/in'],
  ] as const) {
    const url = parseEndpointUrl(text);
    t.equal(url.href, href ?? text);
    t.equal(parseEndpointUrl(url.href).href, url.href);
  }
  for (const [text, name] of [
    ['', 'url'],
    ['records.example.org', 'url'],
    ['/deliveries', 'url'],
    ['https://', 'url'],
    ['https://records.example.org:99999/', 'url'],
    ['http://records.example.org/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['https://user@records.example.org/', 'user'],
    ['https://:secret@records.example.org/', 'user'],
    ['https://records.example.org/?', 'query'],
    ['https://records.example.org/?nhs=999', 'query'],
    ['https://records.example.org/#', 'fragment'],
    ['https://records.example.org./', 'host'],
    ['https://records.example.org:0/', 'port'],
    [`https://records.example.org/${'x'.repeat(500)}`, 'length'],
  ] as const) {
    t.throws(() => parseEndpointUrl(text), rule(name), text);
  }
  fc.assert(
    fc.property(fc.webUrl({ validSchemes: ['https'], withQueryParameters: true }), (text) => {
      try {
        return parseEndpointUrl(text).protocol === 'https:';
      } catch (error) {
        return error instanceof Error && !error.message.includes(text);
      }
    }),
  );
});

t.test('an endpoint’s authorities are authorities', async (t) => {
  t.same(parseAnchors(one), [one]);
  t.same(parseAnchors(`subject: whoever\n${one}\r\n\n${other}`), [one, other]);
  const leaf = testServer(forServers).cert;
  const key = ecKeyPair().privateKey.export({ type: 'pkcs8', format: 'pem' });
  t.throws(() => parseAnchors(''), rule('pem'));
  t.throws(() => parseAnchors('no certificate'), rule('pem'));
  t.throws(() => parseAnchors(leaf), rule('authority'));
  t.throws(() => parseAnchors(`${one}${key}`), rule('private'));
  t.throws(() => parseAnchors(one.replace(/^MII/m, 'AAA')), rule('certificate'));
  t.throws(() => parseAnchors(`${one}${leaf}`), {
    errors: [{ pointer: '/anchors/1', rule: 'authority' }],
  });
});
