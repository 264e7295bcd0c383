/**
 * The exchange door's HTTPS server. Its own `secureConnection` listener is replaced by the door's
 * verdict, and only an admitted socket is handed on to it; that keeps Node's connection tracking, so
 * header and request time-outs still work. `rejectUnauthorized` stays off because Node then says why
 * a certificate failed; the verdict does the refusing.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { DoorLimits } from './door-limits.ts';
import { type HandshakeFailure, handshakeCheck } from './handshake-failure.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface DoorServerDuties {
  /** Whether the socket may go on to HTTP. Where it may not, the socket is this function's to close. */
  isAdmitted(socket: TLSSocket): boolean;
  onRequest: RequestHandler;
  /** Input that cannot be parsed, or that did not arrive in time. Must close the socket. */
  onUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void;
  /** A connection that was dropped unread, because too many were open. */
  onDropped(remoteAddress: string): void;
  /** A handshake that failed; its socket is gone already. */
  onHandshakeFailed(failure: HandshakeFailure): void;
  /** A connection that its peer closed without having sent anything. */
  onUnspoken(): void;
}

export function createDoorServer(
  tls: ServerOptions,
  limits: DoorLimits,
  duties: DoorServerDuties,
): Server {
  const server = createServer(
    {
      ...tls,
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: limits.handshakeTimeoutMs,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: limits.connectionsCheckingIntervalMs,
      maxHeaderSize: limits.maxHeaderBytes,
      insecureHTTPParser: false,
      // A missing Host is refused by http-strictness.ts, with a problem document.
      requireHostHeader: false,
    },
    duties.onRequest,
  );
  server.timeout = limits.stalledTimeoutMs;
  // Node drops fields beyond the count silently; the size limit already bounds them.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.maxConnections + limits.maxUnadmitted;
  server.on('drop', (data) => duties.onDropped(data?.remoteAddress ?? 'unknown'));

  const [handOn, ...others] = server.listeners('secureConnection');
  if (handOn === undefined || others.length > 0) throw new Error('https.Server has changed inside');
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket) => {
    if (duties.isAdmitted(socket)) handOn.call(server, socket);
  });

  // Node would answer an expectation that it does not know by itself, before the door has looked.
  server.on('checkExpectation', duties.onRequest);

  // Node would close a connection that asks for a tunnel, and say nothing to anybody.
  server.on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy());
    duties.onUnreadable(new Error('a tunnel was asked for'), socket);
  });

  // The address is kept, because a peer that has gone away cannot be asked for it.
  const sources = new WeakMap<Socket, string>();
  server.on('connection', (socket) => sources.set(socket, socket.remoteAddress ?? 'unknown'));

  // A handshake that fails or takes too long only emits this, once; the socket would stay up.
  server.removeAllListeners('tlsClientError');
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    socket.destroy();
    const connection = connectionBeneath(socket);
    const check = handshakeCheck(error.code, connection?.bytesRead);
    if (check === undefined) return duties.onUnspoken();
    const remoteAddress = (connection && sources.get(connection)) ?? 'unknown';
    duties.onHandshakeFailed({ code: 'HANDSHAKE_FAILED', check, remoteAddress });
  });
  server.on('clientError', (error, socket) => {
    duties.onUnreadable(error, socket);
  });
  return server;
}

/** Node documents no way to it, and counts no byte of an unfinished handshake on the TLS socket itself. */
function connectionBeneath(socket: TLSSocket): Socket | undefined {
  const beneath = '_parent' in socket ? socket._parent : undefined;
  return beneath instanceof Socket ? beneath : undefined;
}
