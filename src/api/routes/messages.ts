/** Messages: referrals, requests for correction, notifications of discharge, each to one addressee. */
import type { IdentitySchemes } from '../../clients/identity-schemes/identity-scheme-registry.ts';
import type { Clock } from '../../clock.ts';
import { formatContentDigest } from '../../encoding/content-digest.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { readRecordDocument } from '../../records/record-document.ts';
import type { SchemaRegistry } from '../../records/schema-registry.ts';
import { idempotencyOf } from '../idempotency-key.ts';
import type { Operations } from '../operations.ts';
import { clientOf, messageSchemaOf } from '../path-parameters.ts';
import { receiptAnswer } from '../receipt-answer.ts';
import type { Route } from '../route.ts';
import { documentLimits } from './records.ts';

/** What every message looks like; each type's own schema is in the gateway's documentation. */
const messageEnvelope = {
  title: 'Message',
  type: 'object',
  additionalProperties: false,
  required: ['schema', 'to', 'asAt', 'sections'],
  properties: {
    schema: { type: 'string', description: 'For example `referral/v1`.' },
    to: { type: 'string', description: 'ODS code of the one addressee.' },
    asAt: { type: 'string', format: 'date-time' },
    sections: { type: 'object', description: 'As the named schema has them.' },
  },
};

export type MessagesDeps = {
  clock: Clock;
  macKey: Buffer;
  schemas: SchemaRegistry;
  identitySchemes: IdentitySchemes;
  limits: { maxBodyBytes: number };
  operations: Pick<Operations, 'sendMessage'>;
};

export function messageRoute(deps: MessagesDeps): Route {
  const { macKey, schemas, identitySchemes, clock, limits, operations } = deps;
  return {
    method: 'POST',
    path: '/v1/clients/{client}/messages/{messageType}',
    access: 'send',
    action: 'message.sent',
    summary: 'Sends a message about a person to one addressee.',
    fields: ['Idempotency-Key', 'Purpose-Of-Use', 'Content-Digest'],
    body: { schema: messageEnvelope, maxBytes: limits.maxBodyBytes, isOptional: false },
    answers: {
      202: {
        body: 'SentMessage',
        means: 'Accepted: it is delivered, or its sender gets a non-delivery report.',
      },
    },
    problems: [
      'ROUTE_NOT_FOUND',
      'NO_SHARING_AGREEMENT',
      'PURPOSE_NEEDED',
      'PURPOSE_NOT_PERMITTED',
      'ASSERTION_NEEDED',
      'TRACE_STALE',
      'CONSENT_NOT_IN_FORCE',
      'RESOURCE_NOT_FOUND',
      'RECORD_INVALID',
      'PERSON_MISMATCH',
      'SCHEMA_UNKNOWN',
    ],
    async answer(call, { context, purpose }) {
      const client = clientOf(call);
      const { recordType: messageType } = messageSchemaOf(call, schemas);
      const route = `POST /v1/clients/${client}/messages/${messageType}`;
      const idempotency = idempotencyOf(macKey, route, call);
      const { to, ...message } = readRecordDocument(call.body, messageType, schemas, {
        limits: documentLimits(limits.maxBodyBytes),
        at: clock.now(),
        identitySchemes,
      });
      // every schema of a message asks for it
      if (to === undefined) throw new GatewayError('RECORD_INVALID');
      const receipt = await operations.sendMessage({
        ...{ context, client, messageType, purpose, idempotency },
        ...{ message: { ...message, to }, digest: formatContentDigest(call.body) },
      });
      return receiptAnswer(receipt);
    },
  };
}
