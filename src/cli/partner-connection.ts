/** The options by which a partner's commands reach the gateway: where it is, and who asks. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../clock.ts';
import type { PartnerClient } from '../partner/partner-client.ts';
import type { AssertedUser } from '../partner/user-assertion.ts';
import { loadKeyFile } from '../pki/key-file.ts';
import { required, UsageError } from './arguments.ts';
import { OperatorError, readTextFile } from './operator-error.ts';

export const connectionOptions = {
  gateway: { type: 'string' },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  purpose: { type: 'string' },
  user: { type: 'string' },
  'assertion-key': { type: 'string' },
} as const;

export const connectionUsage = `  --gateway URL         the exchange door, for example https://localhost:8443
  --ca FILE             the authority of the gateway's certificate, PEM
  --cert FILE           your client certificate, and its issuers but for the root, PEM
  --key FILE            its private key, PEM, closed to others (chmod 600)
  --purpose CODE        purpose of use, for example TREAT; needed where the agreement has several
  --user FILE           {"sub","name","role"} of the user who asks: makes a user assertion for each request
  --assertion-key FILE  signs those: RSA or EC P-256, PEM, closed to others; with --purpose and --user`;

export interface ConnectionValues {
  gateway?: string | undefined;
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  purpose?: string | undefined;
  user?: string | undefined;
  'assertion-key'?: string | undefined;
}

/** The caller closes it. */
export async function connectPartner(values: ConnectionValues): Promise<PartnerClient> {
  const origin = parseOrigin(required(values.gateway, '--gateway'));
  const ca = required(values.ca, '--ca');
  const cert = required(values.cert, '--cert');
  const key = required(values.key, '--key');
  const isOfUser = values.user !== undefined || values['assertion-key'] !== undefined;
  const user = isOfUser ? await assertedUser(values) : undefined;
  const { readCertificates, isKeyOf } = await import('./partner-certificates.ts');
  const certificate = await readCertificates(cert);
  const loaded = loadKeyFile(key);
  if (!isKeyOf(loaded, certificate, cert)) {
    throw new OperatorError('nothing was sent: --key is not the key of --cert');
  }
  const options = { origin, certificate, privateKey: loaded.pem, ca: await readCertificates(ca) };
  // the other commands need none of it, and are quicker without it
  const { partnerClient } = await import('../partner/partner-client.ts');
  const client = partnerClient(options);
  if (user === undefined) return client;
  const { signUserAssertion } = await import('../partner/user-assertion.ts');
  const { issuer, audience } = await whoAmI(client);
  await client.close();
  const signing = { ...user, issuer, audience };
  const assertion = () => signUserAssertion({ ...signing, now: systemClock.now() });
  return partnerClient({ ...options, assertion });
}

/** A key of the caller's own, for a command that is repeated, or a new one. */
export function idempotencyKeyOf(given: string | undefined): string {
  return given ?? randomUUID();
}

function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') {
    throw new UsageError('--gateway must be a URL, for example https://localhost:8443');
  }
  return url.origin;
}

async function assertedUser(values: ConnectionValues) {
  const purpose = required(values.purpose, '--purpose');
  const keyFile = required(values['assertion-key'], '--assertion-key');
  const file = required(values.user, '--user');
  const { parseJson } = await import('../partner/outgoing-document.ts');
  const { textOf } = await import('../partner/reply-members.ts');
  const value = readAs(file, await readTextFile(file), parseJson);
  const user: AssertedUser = {
    ...{ sub: textOf(value, 'sub'), name: textOf(value, 'name'), role: textOf(value, 'role') },
    purpose,
  };
  if (!user.sub || !user.name || !user.role) {
    throw new OperatorError(`${file} must have sub, name and role, each a text`);
  }
  return { user, key: loadKeyFile(keyFile).key };
}

/** What the gateway takes in `iss` and `aud`. */
async function whoAmI(client: PartnerClient): Promise<{ issuer: string; audience: string }> {
  const { accepted } = await import('../partner/problem-line.ts');
  const { textOf } = await import('../partner/reply-members.ts');
  const { body } = accepted(await client.get('/v1/whoami'), [200], 'who am I was refused');
  return {
    issuer: textOf(body, 'organisation', 'odsCode'),
    audience: textOf(body, 'gateway', 'name'),
  };
}

/** Throws OperatorError that names the file, where the parser throws. */
export function readAs<Value>(file: string, text: string, parse: (text: string) => Value): Value {
  try {
    return parse(text);
  } catch (error) {
    throw new OperatorError(`${file}: ${error instanceof Error ? error.message : 'unusable'}`);
  }
}
