/**
 * The last step of an answer. An authorisation that has outlived itself (a node that was frozen) lets
 * nothing out, and what was authorised but did not leave is reported.
 */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Answer } from './route.ts';

const contentType = 'application/json; charset=utf-8';

/** Throws TOO_BUSY where the answer must not leave any more. */
export function sendAnswer(reply: FastifyReply, answer: Answer, clock: Clock): FastifyReply {
  const { status, body, etag, ledgerIndex, goodUntilMs, preferenceApplied } = answer;
  if (goodUntilMs !== undefined && clock.monotonicMs() >= goodUntilMs) {
    answer.onNotDelivered?.();
    throw new GatewayError('TOO_BUSY');
  }
  watchDelivery(reply.raw, answer);
  reply.code(status);
  if (etag !== undefined) reply.header('etag', etag);
  if (ledgerIndex !== undefined) reply.header('ledger-index', String(ledgerIndex));
  if (preferenceApplied !== undefined) reply.header('preference-applied', preferenceApplied);
  if (body !== undefined) reply.header('content-type', contentType);
  return reply.send(body);
}

function watchDelivery(response: ServerResponse, answer: Answer): void {
  if (answer.onNotDelivered === undefined) return;
  if (response.destroyed) {
    answer.onNotDelivered();
    return;
  }
  let hasLeft = false;
  response.once('finish', () => {
    hasLeft = true;
  });
  response.once('close', () => {
    if (!hasLeft) answer.onNotDelivered?.();
  });
}
