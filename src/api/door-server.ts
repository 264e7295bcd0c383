/**
 * The exchange door's HTTPS server. Its own `secureConnection` listener is replaced by the door's
 * verdict, and only an admitted socket is handed on to it; that keeps Node's connection tracking, so
 * header and request time-outs still work. `rejectUnauthorized` stays off because Node then says why
 * a certificate failed; the verdict does the refusing.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { DoorLimits } from './door-limits.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface DoorServerDuties {
  /** Whether the socket may go on to HTTP. Where it may not, the socket is this function's to close. */
  isAdmitted(socket: TLSSocket): boolean;
  onRequest: RequestHandler;
  /** Input that cannot be parsed, or that did not arrive in time. Must close the socket. */
  onUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void;
  /** A connection that was dropped unread, because too many were open. */
  onDropped(remoteAddress: string): void;
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

  // A handshake that fails or takes too long only emits these; the socket would stay up.
  server.removeAllListeners('tlsClientError');
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('clientError', (error, socket) => {
    duties.onUnreadable(error, socket);
  });
  return server;
}
