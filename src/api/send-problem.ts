/**
 * Every answer that is a problem goes out here, and what only the operator may know goes to telemetry. A refusal
 * that has no entry in the ledger by now is reported for one, before the partner reads it.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observe } from '../telemetry/observation.ts';
import { problemReply } from './problem-reply.ts';
import type { RequestIntake } from './request-intake.ts';
import { type RequestRefusal, unrecordedRefusal } from './request-refusal.ts';
import { routeOf } from './route-pattern.ts';

export interface ProblemReports {
  observe: Observe;
  /** Must not throw. */
  onRequestRefused(refusal: RequestRefusal): void;
}

export type SendProblem = (
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
) => FastifyReply;

export function problemSender(
  intake: Pick<RequestIntake, 'noteProblem' | 'callerOf'>,
  { observe, onRequestRefused }: ProblemReports,
): SendProblem {
  return (thrown, request, reply) => {
    const { status, code, headers, body, unexpected } = problemReply(thrown, request.id);
    intake.noteProblem(reply.raw, code);
    if (unexpected !== undefined) {
      observe({ kind: 'error.unexpected', error: unexpected, requestId: request.id });
    }
    const peer = intake.callerOf(reply.raw);
    const isUnrecorded = unrecordedRefusal(thrown) !== undefined;
    if (peer && isUnrecorded) {
      onRequestRefused({ peer, code, route: routeOf(request), requestId: request.id });
    }
    // The framework closes over a body that it did not read to its end, and the reset may overtake the
    // answer. Node reads on after the answer instead, for as long as a request may take.
    reply.removeHeader('connection');
    // as bytes: to a text it would add a charset, which the media type does not have
    return reply.code(status).headers(headers).send(Buffer.from(body));
  };
}
