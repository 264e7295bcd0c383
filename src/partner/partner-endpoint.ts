/**
 * A partner's own server: HTTPS that takes nobody without a client certificate of its authorities. `GET /` says who it
 * is and who called; a POST to any path is a delivery. With bad manners on command, for partners' own tests and for
 * the gateway's.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createServer as createFront, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { serverTlsOptions } from '../pki/server-tls-options.ts';
import {
  type Described,
  deliveryReceiver,
  describeDelivery,
  type ReceivedDelivery,
  type ReceiverOptions,
} from './delivery-receiver.ts';
import { type Manners, walkManners } from './manners.ts';
import { answerOddly } from './odd-answer.ts';
import { textOf } from './reply-members.ts';
import { seldom } from './seldom.ts';
import { strangerCertificate } from './stranger-certificate.ts';

export interface PartnerEndpointOptions extends ReceiverOptions {
  /** PEM: the endpoint's own, and whose client certificates are taken. */
  tls: { certificate: string; privateKey: string; clientAuthorities: readonly string[] };
  /** 127.0.0.1 where it is left out. */
  host?: string;
  /** Any free one where it is left out. */
  port?: number;
  /** What `GET /` tells, beside who called. */
  about?: Readonly<Record<string, string>>;
  /** Well-behaved where they are left out. */
  manners?: Manners;
  /** How long `slow` is; 2,000 where it is left out. */
  slowMs?: number;
  /** Told of each delivery that was taken, once it was. */
  onReceived?(delivery: ReceivedDelivery): void;
  /** Told of each that was not taken. */
  onRefused?(refusal: Refusal): void;
  /** Told of callers who did not get as far as a request; of those with the same code once a second. */
  onHandshakeFailed?(failure: HandshakeFailure): void;
}

export interface Refusal {
  /** The code of the answer, or the manner on command, for example `manner 400`. */
  why: string;
  /** As its header fields say, which nobody has verified; undefined where they are not those of a delivery. */
  about: Described | undefined;
}

export interface HandshakeFailure {
  code: string;
  /** Of the caller. */
  port: number | undefined;
}

export interface PartnerEndpoint {
  /** For example `https://localhost:43211`: deliveries may go to any path below it. */
  url: string;
  /** What came this far, whatever became of it. */
  seen: { connections: number; requests: number };
  /** In the order in which they were taken. */
  received: readonly ReceivedDelivery[];
  /** Closes connections on which nothing is under way. */
  closeIdle(): void;
  stop(): Promise<void>;
}

const maxBodyBytes = 16 * 1_048_576;

export async function startPartnerEndpoint(
  options: PartnerEndpointOptions,
): Promise<PartnerEndpoint> {
  const { tls, host = '127.0.0.1', port = 0, clock } = options;
  const received: ReceivedDelivery[] = [];
  const seen = { connections: 0, requests: 0 };
  const walk = walkManners(options.manners ?? ['ok']);
  const takes = deliveryReceiver(options);

  const refuse = (why: string, request: IncomingMessage, body: Buffer) =>
    options.onRefused?.({ why, about: describeDelivery({ headers: joined(request), body }) });

  const take = (request: IncomingMessage, body: Buffer) => {
    const { method = '', url = '' } = request;
    const targetUri = new URL(url, `https://${request.headers.host}`).href;
    const receipt = takes({ method, targetUri, headers: joined(request), body });
    if (receipt.kind === 'refused') refuse(receipt.code, request, body);
    else {
      received.push(receipt.delivery);
      options.onReceived?.(receipt.delivery);
    }
    return receipt;
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    seen.requests += 1;
    if (request.method !== 'POST') return answerWho(request, response, options.about ?? {});
    const body = await readBody(request);
    if (body === undefined) {
      refuse('BODY_TOO_LARGE', request, Buffer.alloc(0));
      return answer(response, 413, { code: 'BODY_TOO_LARGE' });
    }
    const manner = walk.ofRequest();
    if (manner !== 'ok' && manner !== 'slow' && manner !== 'cut-after') {
      refuse(`manner ${manner}`, request, body);
      return answerOddly(manner, request, response);
    }
    const receipt = take(request, body);
    if (manner === 'cut-after') {
      request.socket.destroy();
      return;
    }
    if (manner === 'slow') await passed(options.slowMs ?? 2_000, request.socket);
    if (receipt.kind === 'refused') return answer(response, receipt.status, { code: receipt.code });
    const { delivery, status } = receipt.delivery;
    answer(response, 200, { delivery, status });
  }

  // where Node has closed the connection itself, its socket does not know the port any more
  const callerPort = new AsyncLocalStorage<number | undefined>();
  const tellFailure = seldom(clock, (failure: HandshakeFailure) =>
    options.onHandshakeFailed?.(failure),
  );
  const serve = (shown: { certificate: string; privateKey: string }): Server =>
    createServer(
      {
        ...serverTlsOptions({ mode: 'intermediate', ...tls, ...shown }),
        rejectUnauthorized: true,
      },
      // what a caller breaks off while its body is read concerns nobody else
      (request, response) => void handle(request, response).catch(() => response.destroy()),
    ).on('tlsClientError', (error, socket) => {
      const code = handshakeCode(error, socket);
      tellFailure(code, { code, port: callerPort.getStore() });
    });
  const right = serve(tls);
  const wrong = serve(strangerCertificate(clock.now()));
  const sockets = new Set<Socket>();
  const front = createFront((socket) => {
    seen.connections += 1;
    sockets.add(socket);
    const { remotePort: port } = socket;
    socket.once('close', () => {
      sockets.delete(socket);
      // TLS tells of a certificate that it refused from here on, outside the context below
      callerPort.enterWith(port);
    });
    socket.on('error', () => undefined);
    const server = walk.ofConnection() === 'wrong' ? wrong : right;
    callerPort.run(port, () => server.emit('connection', socket));
  });
  front.listen(port, host);
  await once(front, 'listening');
  return {
    url: `https://${nameOf(host)}:${portOf(front.address())}`,
    seen,
    received,
    closeIdle: () => right.closeIdleConnections(),
    stop: () =>
      new Promise((resolve) => {
        front.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function answerWho(
  request: IncomingMessage,
  response: ServerResponse,
  about: Readonly<Record<string, string>>,
): void {
  request.resume();
  const isRoot = request.method === 'GET' && request.url === '/';
  const caller = request.socket instanceof TLSSocket ? callerOf(request.socket) : undefined;
  answer(response, isRoot ? 200 : 404, isRoot ? { ...about, caller } : about);
}

/** The identity in the client certificate, for example `URI:urn:jetway:party:X09GW:main`. */
function callerOf(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate()?.subjectAltName;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** What was wrong with the certificate; of that, Node only tells that the connection is gone. */
function handshakeCode(error: Error, { authorizationError }: TLSSocket): string {
  // a code, whatever its type says
  const judged: unknown = authorizationError;
  if (typeof judged === 'string') return judged;
  return textOf(error, 'code') || 'UNKNOWN';
}

/** Undefined where it is larger than any delivery. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** As RFC 9421 section 2.1 has it: several lines of one name are one value. */
function joined(request: IncomingMessage): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.join(', ')]),
  );
}

/** Over early where the caller does not wait. */
function passed(ms: number, socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Loopback's certificates bear its name. */
function nameOf(host: string): string {
  if (host === '127.0.0.1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function portOf(address: ReturnType<Server['address']>): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
