/**
 * What happens to every request that passed the door, before its route is looked at: ids and standing
 * header fields, the bounds on requests in flight, and the observation once its connection is done with it.
 */
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Clock, elapsedMs } from '../clock.ts';
import type { ErrorCode } from '../errors/error-code.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Observe } from '../telemetry/observation.ts';
import type { AdmittedPeer } from './door-connections.ts';
import type { ExchangeDoor } from './exchange-door.ts';
import { correlationIdOf } from './request-ids.ts';
import { routerPatternOf } from './route-pattern.ts';

export interface IntakeDeps {
  door: Pick<ExchangeDoor, 'peerOf'>;
  clock: Clock;
  observe: Observe;
  limits: { maxInFlight: number };
}

export type RequestIntakeDeps = IntakeDeps & {
  /** Of every answer. */
  standingHeaders: Readonly<Record<string, string>>;
};

export interface RequestIntake {
  /** The refusal where there is one too many. Answers carry their header fields either way. */
  begin(request: FastifyRequest, reply: FastifyReply): GatewayError | undefined;
  /** For the observation: which problem the answer is. */
  noteProblem(response: ServerResponse, code: ErrorCode): void;
  /** Whose request it was when it came in; undefined where the door had refused the connection by then. */
  callerOf(response: ServerResponse): AdmittedPeer | undefined;
}

/**
 * Places of one organisation among those of all, so that none starves the others: a tenth, and at least so
 * many.
 */
const minPlaces = 50;

/** Nothing was answered: the caller went away first. */
const clientClosed = 499;

export function requestIntake(deps: RequestIntakeDeps): RequestIntake {
  const { door, clock, observe, limits } = deps;
  const ofEveryAnswer = { ...deps.standingHeaders, 'cache-control': 'no-store' };
  const problems = new WeakMap<ServerResponse, ErrorCode>();
  const callers = new WeakMap<ServerResponse, AdmittedPeer>();
  const places = Math.max(minPlaces, Math.floor(limits.maxInFlight / 10));
  const taken = new Map<string, number>();
  let inFlight = 0;

  function take(odsCode: string): GatewayError | undefined {
    if (inFlight >= limits.maxInFlight) return new GatewayError('TOO_BUSY');
    const own = taken.get(odsCode) ?? 0;
    if (own >= places) {
      const detail = `Your organisation has ${places} requests under way: wait for their answers.`;
      return new GatewayError('TOO_BUSY', { detail });
    }
    taken.set(odsCode, own + 1);
    inFlight += 1;
    return undefined;
  }

  function give(odsCode: string): void {
    const own = taken.get(odsCode) ?? 0;
    if (own > 1) taken.set(odsCode, own - 1);
    else taken.delete(odsCode);
    inFlight -= 1;
  }

  function complete(
    request: FastifyRequest,
    response: ServerResponse,
    odsCode: string,
    at: number,
  ) {
    const code = problems.get(response);
    observe({
      kind: 'request.completed',
      method: request.method,
      route: routerPatternOf(request),
      status: response.headersSent ? response.statusCode : clientClosed,
      durationMs: elapsedMs(clock, at),
      requestId: request.id,
      organisation: odsCode,
      ...(code !== undefined && { code }),
    });
  }

  return {
    begin(request, reply) {
      const startedAt = clock.monotonicMs();
      const { raw } = reply;
      const peer = door.peerOf(request.raw.socket);
      const { odsCode } = peer;
      callers.set(raw, peer);
      reply.headers(ofEveryAnswer);
      reply.header('x-request-id', request.id);
      const correlationId = correlationIdOf(request.headers);
      if (correlationId !== undefined) reply.header('x-correlation-id', correlationId);
      const refusal = take(odsCode);
      // 'close' always comes, 'finish' only where the answer left
      raw.once('close', () => {
        if (refusal === undefined) give(odsCode);
        complete(request, raw, odsCode, startedAt);
      });
      return refusal;
    },
    noteProblem: (response, code) => problems.set(response, code),
    callerOf: (response) => callers.get(response),
  };
}
