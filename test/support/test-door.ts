/**
 * A real exchange door on loopback with Fastify behind it, and the clients that tests send to it. The
 * register, the clock and whether the gateway is open are plain state that a test changes.
 */
import { once } from 'node:events';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import fastify from 'fastify';
import type { Test } from 'tap';
import { type DoorLimits, defaultDoorLimits } from '../../src/api/door-limits.ts';
import type { DoorRefusal } from '../../src/api/door-refusal.ts';
import { type Admission, createExchangeDoor } from '../../src/api/exchange-door.ts';
import type { HandshakeFailure } from '../../src/api/handshake-failure.ts';
import type { RequestRefusal } from '../../src/api/request-refusal.ts';
import { serverTlsOptions } from '../../src/pki/server-tls-options.ts';
import {
  type TestCredential,
  testAuthorities,
  testClient,
  testServer,
} from './test-certificates.ts';

export const authorities = testAuthorities();
export const ca = authorities.forServers.certificate.toString();
/** Registered for X81001. */
export const good = testClient(authorities.forClients);
/** Registered for XRH01. */
export const other = testClient(authorities.forClients, { odsCode: 'XRH01' });
const server = testServer(authorities.forServers);

export interface DoorSetting {
  mode?: 'intermediate' | 'modern';
  limits?: Partial<DoorLimits>;
}

export interface DoorState {
  /** Added to the system's clock. */
  offsetMs: number;
  closed: boolean;
  /** Requests that came through to Fastify. */
  reached: number;
  refusals: DoorRefusal[];
  handshakes: HandshakeFailure[];
  /** Requests that came to no handler. */
  unreadable: RequestRefusal[];
  /** Connections whose peers went away without a word. */
  unspoken: number;
  /** By fingerprint; a certificate that is not in here is unknown. */
  admissions: Map<string, Admission>;
}

type Teardown = Pick<Test, 'teardown'>;
export type Caller = Partial<Pick<TestCredential, 'cert' | 'key'>>;

/** A door on a free port of loopback. `state` is what the register, the clock and the gateway say. */
export async function openDoor(t: Teardown, setting: DoorSetting = {}) {
  const state: DoorState = {
    offsetMs: 0,
    closed: false,
    reached: 0,
    refusals: [],
    handshakes: [],
    unreadable: [],
    unspoken: 0,
    admissions: new Map([
      [good.fingerprint256, { kind: 'admitted', odsCode: 'X81001', system: 'main' }],
      [other.fingerprint256, { kind: 'admitted', odsCode: 'XRH01', system: 'main' }],
    ]),
  };
  const door = createExchangeDoor({
    tls: serverTlsOptions({
      mode: setting.mode ?? 'intermediate',
      certificate: server.cert,
      privateKey: server.key,
      clientAuthorities: [authorities.forClients.certificate.toString()],
    }),
    limits: { ...defaultDoorLimits, ...setting.limits },
    clock: { now: () => new Date(Date.now() + state.offsetMs), monotonicMs: () => 0 },
    admit: ({ fingerprint256 }) =>
      state.admissions.get(fingerprint256) ?? { kind: 'refused', code: 'CERTIFICATE_UNKNOWN' },
    isOpen: () => (state.closed ? { open: false, reason: 'no checkpoint' } : { open: true }),
    onRefused(refusal) {
      if (refusal.code === 'HANDSHAKE_FAILED') state.handshakes.push(refusal);
      else state.refusals.push(refusal);
    },
    onUnreadable: (refusal) => state.unreadable.push(refusal),
    onUnspoken() {
      state.unspoken += 1;
    },
  });
  const app = fastify({
    https: null,
    serverFactory: door.serverFactory,
    clientErrorHandler: door.clientErrorHandler,
  });
  app.addHook('onRequest', async () => {
    state.reached += 1;
  });
  app.get('/who', async (request) => door.peerOf(request.raw.socket));
  app.post('/write', async () => ({ written: true }));
  app.get('/slow', () => new Promise((resolve) => setImmediate(resolve, { slow: true })));
  app.get('/stall', () => new Promise(() => {}));
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.teardown(() => {
    door.closeAll('test over');
    return app.close();
  });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { door, state, app, port: address.port };
}

export function dial(port: number, caller: Caller, options: ConnectionOptions = {}): TLSSocket {
  const { cert, key } = caller;
  const identity = cert === undefined || key === undefined ? {} : { cert, key };
  return connect({ host: '127.0.0.1', port, ca, ...identity, ...options });
}

/** Sends text on a fresh connection and gives back the answer, once it was closed. */
export async function send(...exchange: Parameters<typeof sendAll>) {
  return parseReply(await sendAll(...exchange));
}

/** The same with all that came. */
export async function sendAll(
  port: number,
  caller: Caller,
  text: string,
  options: ConnectionOptions = {},
) {
  const socket = dial(port, caller, options);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => resolve());
  });
  socket.write(text);
  await closed;
  return Buffer.concat(chunks).toString();
}

function parseReply(text: string) {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const problem: unknown = head.includes('application/problem+json') ? JSON.parse(body) : undefined;
  const code =
    problem && typeof problem === 'object' && 'code' in problem ? problem.code : undefined;
  return { status: Number(head.split(' ')[1]), head, body, code };
}

/** A request in plain text; it asks to be the last on its connection. */
export const get = (path = '/who', fields = 'Connection: close\r\n') =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;

/** A client that keeps its one connection. */
export function keptAlive(t: Teardown, port: number, caller: TestCredential) {
  const agent = new HttpsAgent({
    keepAlive: true,
    maxSockets: 1,
    ca,
    cert: caller.cert,
    key: caller.key,
  });
  t.teardown(() => agent.destroy());
  return async () => {
    const request = httpsRequest({ host: '127.0.0.1', port, path: '/who', agent });
    request.end();
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const answer: unknown = JSON.parse(Buffer.concat(chunks).toString());
    return { status: response.statusCode, answer, reused: request.reusedSocket };
  };
}
