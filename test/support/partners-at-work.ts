/**
 * A gateway that pushes, with partners who have their files as partners have them: what their programs are tried
 * against. Agreements and endpoints come from the operator's commands.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { formatPkcs12 } from '../../src/pki/pkcs12.ts';
import { centre, council, identity, kinds } from './builders.ts';
import { personAtTheDoor } from './person-at-the-door.ts';
import { generalConsent, message, relayAgreement } from './relay.ts';
import {
  rsaKeyPair,
  type TestCredential,
  testAuthorities,
  testClient,
  testServer,
} from './test-certificates.ts';
import { startTestGateway } from './test-gateway.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
export const p12Password = 'test';

interface Owner {
  teardown(undo: () => unknown): unknown;
  testdir(): string;
}

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** A program that stays until it is ended. */
export interface Staying {
  nextLine(): Promise<string>;
  /** With a signal; gives the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export async function partnersAtWork(t: Owner) {
  const folder = t.testdir();
  // whatever the umask: keys are refused where others may write
  chmodSync(folder, 0o755);
  const file = (name: string, text: string | Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const { forServers, forClients } = testAuthorities();
  const authority = forClients.certificate;
  const outbound = testClient(forClients, { odsCode: 'X09GW' });
  const signing = generateKeyPairSync('ed25519').privateKey;
  const gateway = await startTestGateway(t, {
    JETWAY_ALLOW_PRIVATE_ENDPOINTS: 'true',
    JETWAY_REQUESTS_PER_MINUTE: '0',
    JETWAY_CLIENT_CERTIFICATE_FILE: file('outbound.pem', outbound.cert),
    JETWAY_CLIENT_KEY_FILE: file('outbound.key', outbound.key),
    JETWAY_SIGNING_KEY_FILE: file('signing.key', pem(signing)),
  });
  const { call, environment, exchangeUrl, credentialOf } = gateway;
  const ca = file('ca.pem', gateway.ca);
  const clientCa = file('client-ca.pem', authority.toString());
  const p12 = (name: string, { privateKey, certificate }: TestCredential) => {
    const parts = { privateKey, certificate, chain: [authority], friendlyName: name };
    return file(name, formatPkcs12({ ...parts, password: p12Password }));
  };
  const server = testServer(forServers, rsaKeyPair(2048));

  async function operator(...words: readonly string[]) {
    const err: string[] = [];
    const io = { out: () => undefined, err: (line: string) => err.push(line), env: environment };
    if ((await dispatch(commands, words, io)) !== 0) throw new Error(err.join('\n'));
  }
  await operator('agreement', 'apply', '--file', file('a.json', JSON.stringify(relayAgreement())));

  const jetway = (words: readonly string[]) => run(process.execPath, [main, ...words]);
  return {
    gateway,
    file,
    ca,
    clientCa,
    jetway,
    stays: (owner: Pick<Owner, 'teardown'>, words: readonly string[]) =>
      stays(owner, process.execPath, [main, ...words]),
    operator,
    /** A partner's endpoint: its certificate, in both forms. */
    endpoint: {
      cert: file('endpoint.pem', server.cert),
      key: file('endpoint.key', server.key),
      p12: () => p12('endpoint.p12', server),
    },
    /** Deliveries for the organisation go there from now on. */
    async placeEndpoint(odsCode: string, url: string) {
      await operator('endpoint', 'set', odsCode, '--url', `${url}/deliveries`, '--anchors', ca);
    },
    /** The options by which the command line and the Python example reach the gateway. */
    as(odsCode: string): readonly string[] {
      const { cert, key } = credentialOf(odsCode);
      const files = ['--cert', file(`${odsCode}.pem`, cert), '--key', file(`${odsCode}.key`, key)];
      return ['--gateway', exchangeUrl, '--ca', ca, ...files];
    },
    /** And those of the Java example, with a certificate of their own: a PKCS#12 file holds RSA keys alone. */
    async withP12(odsCode: string): Promise<readonly string[]> {
      const system = { odsCode, system: 'java', keys: rsaKeyPair(2048) };
      const credential = testClient(forClients, system);
      const certificate = file('java.pem', credential.cert);
      const words = ['--ods', odsCode, '--kind', kinds[odsCode] ?? '', '--system', 'java'];
      const named = ['--name', `Organisation ${odsCode}`, '--certificate', certificate];
      await operator('participant', 'add', ...words, ...named);
      const own = p12(`${odsCode}.p12`, credential);
      return ['--gateway', exchangeUrl, '--ca', ca, '--p12', own, '--password', p12Password];
    },
    /** Registered, with consent to everything; the trace as a file, by which the centre finds them too. */
    async knownPerson() {
      const person = await personAtTheDoor(call, { agreed: generalConsent, tracers: [] });
      const { client, nhsNumber } = person;
      return { client, trace: file('trace.json', JSON.stringify(identity({ nhsNumber }))) };
    },
    referral: (to: string) => file('referral.json', JSON.stringify({ ...message('referral'), to })),
    async tracedBy(odsCode: string, trace: unknown) {
      const { body } = await call(odsCode, 'POST', '/v1/clients/trace', { body: trace });
      return String(body['client']);
    },
    centre,
    council,
  };
}

/** To its end. */
export async function run(program: string, words: readonly string[]): Promise<Ran> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  await once(child, 'close');
  return { code: child.exitCode, ...said };
}

export async function stays(
  t: { teardown(undo: () => unknown): unknown },
  program: string,
  words: readonly string[],
): Promise<Staying> {
  const child: ChildProcess = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  if (!child.stdout) throw new Error('no output');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => String((await lines.next()).value);
  return {
    nextLine,
    async end(signal) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
      return child.exitCode;
    },
  };
}

/** The URL that an endpoint prints first. */
export async function urlOf(endpoint: Staying): Promise<string> {
  return (await endpoint.nextLine()).replace('listening on ', '');
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
