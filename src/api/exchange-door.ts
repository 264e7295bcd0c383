/**
 * The exchange door: decides who may speak at all, at connection level and again on every request, so
 * that expiry, revocation and suspension act on kept-alive connections too (OWASP ASVS 8.3.2). It
 * stands in front of the HTTP framework; nothing reaches a handler but through it, and a socket that
 * it does not know is refused. Identity is the registered certificate, never a header (RFC 8705).
 */
import type { IncomingMessage } from 'node:http';
import type { Server, ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../clock.ts';
import type { RequestCode } from '../errors/error-code.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { type AdmittedPeer, DoorConnections } from './door-connections.ts';
import type { DoorLimits } from './door-limits.ts';
import { type DoorRefusal, refusalOf, refusalProblem } from './door-refusal.ts';
import { createDoorServer, type RequestHandler } from './door-server.ts';
import type { HandshakeFailure } from './handshake-failure.ts';
import { strictnessFault } from './http-strictness.ts';
import {
  type CertificateObjection,
  certificateObjection,
  dateObjection,
  type PeerCertificate,
  readPeerCertificate,
} from './peer-certificate.ts';
import { isBeyondAnswer, takeTurn, whenAnswered } from './pipelining.ts';
import { requestIdOf } from './request-ids.ts';
import type { RequestRefusal } from './request-refusal.ts';
import { destroyAfter, refuseRequest, replyAndClose, type StaticProblem } from './static-reply.ts';
import { answerUnreadable, malformedProblem } from './unreadable-request.ts';

/** What the register says of a certificate. */
export type Admission =
  | { kind: 'admitted'; odsCode: string; system: string }
  | {
      kind: 'refused';
      code: 'CERTIFICATE_UNKNOWN' | 'CERTIFICATE_REVOKED' | 'PARTICIPANT_SUSPENDED';
    };

/** None of them may throw. */
export interface DoorReports {
  /** Called once for each refused connection. */
  onRefused(refusal: DoorRefusal | HandshakeFailure): void;
  /** Called for each request that is refused before any handler has seen it. */
  onUnreadable(refusal: RequestRefusal<RequestCode>): void;
  /** Called where a peer closed its connection without having sent anything: nobody was refused. */
  onUnspoken(): void;
}

export interface ExchangeDoorOptions extends DoorReports {
  tls: ServerOptions;
  limits: DoorLimits;
  clock: Clock;
  /** Asked on every connection and every request: synchronous, from memory. A throw refuses. */
  admit(certificate: PeerCertificate): Admission;
  /** Asked likewise. The reason is for the operator; peers see only that the door is closed. */
  isOpen(): { open: true } | { open: false; reason: string };
}

export interface ExchangeDoor {
  /** For Fastify, which may call it once per address. Give it `clientErrorHandler` as well. */
  serverFactory(handler: RequestHandler): Server;
  clientErrorHandler(error: NodeJS.ErrnoException, socket: Duplex): void;
  /** Who is at the other end. Throws the refusal's code where the door did not admit the socket. */
  peerOf(socket: Socket): AdmittedPeer;
  /** Whether the connection may still be used. The door itself asks before every request. */
  recheck(socket: Socket): AdmittedPeer | DoorRefusal;
  /** Those that are open, whatever they do. */
  connectionCount(): number;
  /** Destroys the connections of these peers, in mid-answer too. Returns how many. */
  closeSockets(isMeant: (peer: AdmittedPeer) => boolean): number;
  /** Destroys every connection and reports each as `GATEWAY_CLOSED` with this reason. */
  closeAll(reason: string): number;
}

export function isRefusal(verdict: AdmittedPeer | DoorRefusal): verdict is DoorRefusal {
  return 'code' in verdict;
}

const unrouted = { code: 'REQUEST_MALFORMED', route: undefined } as const;

const registerChecks = {
  CERTIFICATE_UNKNOWN: 'registration',
  CERTIFICATE_REVOKED: 'revocation',
  PARTICIPANT_SUSPENDED: 'participation',
} as const;

export function createExchangeDoor(options: ExchangeDoorOptions): ExchangeDoor {
  const { clock, limits, onRefused, onUnreadable } = options;
  const connections = new DoorConnections();

  /** The register's part of the verdict. `known`: who it was at the request before. */
  function identify(
    certificate: PeerCertificate,
    known?: AdmittedPeer,
  ): AdmittedPeer | CertificateObjection {
    let admission: Admission;
    try {
      const state = options.isOpen();
      if (!state.open) return { code: 'GATEWAY_CLOSED', check: state.reason };
      admission = options.admit(certificate);
    } catch {
      return { code: 'GATEWAY_CLOSED', check: 'the register could not be read' };
    }
    if (admission.kind === 'refused') {
      return { code: admission.code, check: registerChecks[admission.code] };
    }
    const { fingerprint256, serial, notAfter } = certificate;
    const { odsCode, system } = admission;
    if (known?.odsCode === odsCode && known.system === system) return known;
    return Object.freeze({ fingerprint256, serial, notAfter, odsCode, system });
  }

  /** The verdict on a fresh connection; admits it, or says why not. */
  function enter(socket: TLSSocket): DoorRefusal | undefined {
    const presented = socket.getPeerX509Certificate();
    if (presented === undefined) {
      const check = 'no certificate was presented';
      return refusalOf(socket, undefined, { code: 'CERTIFICATE_MISSING', check });
    }
    const certificate = readPeerCertificate(presented);
    const verdict = socket.authorized ? undefined : String(socket.authorizationError);
    const objection = certificateObjection(certificate, verdict, clock.now().getTime());
    if (objection) return refusalOf(socket, certificate, objection);
    const identity = identify(certificate);
    if ('code' in identity) return refusalOf(socket, certificate, identity);
    const isFull =
      connections.size >= limits.maxConnections ||
      connections.countFor(certificate.fingerprint256) >= limits.maxConnectionsPerCertificate;
    if (isFull) {
      const check = 'connections open';
      return refusalOf(socket, certificate, { code: 'TOO_MANY_CONNECTIONS', check });
    }
    connections.add({
      socket,
      certificate,
      peer: identity,
      answers: new Set(),
      latest: undefined,
      held: [],
      isEnding: false,
      refusal: undefined,
    });
    return undefined;
  }

  function isAdmitted(socket: TLSSocket): boolean {
    const refusal = enter(socket);
    if (refusal === undefined) return true;
    onRefused(refusal);
    replyAndClose(socket, refusalProblem(refusal), limits.lingerMs);
    return false;
  }

  function recheck(socket: Socket): AdmittedPeer | DoorRefusal {
    const connection = connections.find(socket);
    if (connection === undefined) {
      const check = 'the connection did not come through the door';
      return refusalOf(socket, undefined, { code: 'CERTIFICATE_MISSING', check });
    }
    if (connection.refusal) return connection.refusal;
    const { certificate, peer } = connection;
    const verdict =
      dateObjection(certificate, clock.now().getTime()) ?? identify(certificate, peer);
    if ('code' in verdict) {
      connection.refusal = refusalOf(socket, certificate, verdict);
      onRefused(connection.refusal);
      return connection.refusal;
    }
    connection.peer = verdict;
    return verdict;
  }

  function objection(request: IncomingMessage): StaticProblem | undefined {
    const verdict = recheck(request.socket);
    if (isRefusal(verdict)) return refusalProblem(verdict);
    const check = strictnessFault(request);
    if (check === undefined) return undefined;
    const requestId = requestIdOf(request.headers);
    onUnreadable({ ...{ peer: verdict, requestId, check }, ...unrouted });
    return malformedProblem(check, requestId);
  }

  function gated(handler: RequestHandler): RequestHandler {
    return (request, response) => {
      const connection = connections.find(request.socket);
      const handle = () => {
        // RFC 9112 section 9.6: nothing more is processed once the answer that closes is on its way
        if (connection?.isEnding) return;
        const problem = objection(request);
        if (problem === undefined) return handler(request, response);
        if (connection) connection.isEnding = true;
        refuseRequest(request, response, problem, limits.lingerMs);
      };
      if (connection) takeTurn(connection, response, handle);
      else handle();
    };
  }

  const unreadable = new WeakSet<Duplex>();

  /** Both the server and Fastify call it, and Node again for every further chunk: acts once. */
  function clientErrorHandler(error: NodeJS.ErrnoException, socket: Duplex): void {
    if (unreadable.has(socket)) return;
    unreadable.add(socket);
    const connection = connections.find(socket);
    if (connection === undefined || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const callOff = destroyAfter(socket, limits.lingerMs);
    if (isBeyondAnswer(connection)) return;
    whenAnswered(connection, () => {
      callOff();
      const answered = answerUnreadable(error, socket, limits.lingerMs);
      if (answered) onUnreadable({ peer: connection.peer, route: undefined, ...answered });
    });
  }

  return {
    clientErrorHandler,
    recheck,
    serverFactory: (handler) =>
      createDoorServer(options.tls, limits, {
        isAdmitted,
        onRequest: gated(handler),
        onUnreadable: clientErrorHandler,
        onDropped: (remoteAddress) => {
          const check = 'connections open';
          onRefused(
            refusalOf({ remoteAddress }, undefined, { code: 'TOO_MANY_CONNECTIONS', check }),
          );
        },
        onHandshakeFailed: onRefused,
        onUnspoken: options.onUnspoken,
      }),
    peerOf(socket) {
      const connection = connections.find(socket);
      if (connection === undefined) throw new GatewayError('CERTIFICATE_MISSING');
      if (connection.refusal) throw new GatewayError(connection.refusal.code);
      return connection.peer;
    },
    connectionCount: () => connections.size,
    closeSockets(isMeant) {
      const meant = connections.list().filter(({ peer }) => isMeant(peer));
      for (const { socket } of meant) socket.destroy();
      return meant.length;
    },
    closeAll(reason) {
      const open = connections.list();
      for (const { socket, certificate } of open) {
        onRefused(refusalOf(socket, certificate, { code: 'GATEWAY_CLOSED', check: reason }));
        socket.destroy();
      }
      return open.length;
    },
  };
}
