/**
 * Records of a person: published and taken back by their custodian, read by recipients as far as the
 * decision lets them.
 */
import recordRetraction from '../../../schemas/api/record-retraction.json' with { type: 'json' };
import type { IdentitySchemes } from '../../clients/identity-schemes/identity-scheme-registry.ts';
import type { Clock } from '../../clock.ts';
import { formatContentDigest } from '../../encoding/content-digest.ts';
import type { Pulled } from '../../exchange/pull-record.ts';
import { readRecordDocument } from '../../records/record-document.ts';
import type { SchemaRegistry } from '../../records/schema-registry.ts';
import { heldEtags, writePrecondition } from '../entity-tags.ts';
import { idempotencyOf } from '../idempotency-key.ts';
import { bodyShape } from '../json-body.ts';
import type { Operations } from '../operations.ts';
import { clientOf, recordSchemaOf } from '../path-parameters.ts';
import { queryShape } from '../query.ts';
import { receiptAnswer } from '../receipt-answer.ts';
import { requestedSections } from '../requested-sections.ts';
import type { Route } from '../route.ts';

const pulling = queryShape<{ sections?: string; custodian?: string }>({
  sections: { type: 'string', maxLength: 4_096, description: 'Names with commas between them.' },
  custodian: {
    type: 'string',
    pattern: '^[A-Z0-9]{3,10}$',
    description: 'ODS code; needed where several organisations hold such a record.',
  },
});

const retraction = bodyShape<{ reason: string }>(recordRetraction);

/** What every record looks like; each type's own schema is in the gateway's documentation. */
const recordEnvelope = {
  title: 'Record',
  type: 'object',
  additionalProperties: false,
  required: ['schema', 'asAt', 'sections'],
  properties: {
    schema: { type: 'string', description: 'For example `social-care-summary/v1`.' },
    asAt: { type: 'string', format: 'date-time' },
    sections: { type: 'object', description: 'As the named schema has them.' },
  },
};

/** Of a record or message as it is sent. */
export function documentLimits(maxBytes: number) {
  return { maxDepth: 32, maxKeys: 20_000, maxBytes };
}

const path = '/v1/clients/{client}/records/{recordType}';

export type RecordsDeps = {
  clock: Clock;
  macKey: Buffer;
  schemas: SchemaRegistry;
  identitySchemes: IdentitySchemes;
  limits: { maxBodyBytes: number };
  operations: Pick<Operations, 'publishRecord' | 'pullRecord' | 'retractRecord'>;
  /** Records that an answer which was authorised did not leave. Must not throw. */
  onNotDelivered(pulled: Pulled): void;
};

export function recordsRoutes(deps: RecordsDeps): readonly Route[] {
  return [pullRoute(deps), publishRoute(deps), retractRoute(deps)];
}

function pullRoute(deps: RecordsDeps): Route {
  return {
    method: 'GET',
    path,
    access: 'pull',
    action: 'record.disclosed',
    summary: 'A record as far as agreement and consent open it at this moment.',
    query: pulling,
    fields: ['Purpose-Of-Use', 'If-None-Match'],
    answers: {
      200: {
        body: 'ReleasedRecord',
        means: 'The sections that may be read, `withheld` and `redacted`.',
        hasEtag: true,
      },
      304: {
        means: 'You hold this already. As much a disclosure as 200, and recorded.',
        hasEtag: true,
      },
    },
    problems: [
      'ROUTE_NOT_FOUND',
      'NO_SHARING_AGREEMENT',
      'PURPOSE_NEEDED',
      'ASSERTION_NEEDED',
      'TRACE_STALE',
      'CONSENT_NOT_IN_FORCE',
      'CUSTODIAN_NEEDED',
      'RESOURCE_NOT_FOUND',
      'RECORD_RETRACTED',
    ],
    async answer(call, { context, purpose }) {
      const schema = recordSchemaOf(call, deps.schemas);
      const { sections, custodian } = pulling.read(call.search);
      const pulled = await deps.operations.pullRecord({
        context,
        client: clientOf(call),
        recordType: schema.recordType,
        sections: requestedSections(sections, schema),
        custodian,
        purpose,
        ifNoneMatch: heldEtags(call.headers['if-none-match']),
      });
      const { body, etag, ledgerIndex, goodUntilMs } = pulled;
      return {
        status: body === undefined ? 304 : 200,
        body,
        etag,
        ledgerIndex,
        goodUntilMs,
        onNotDelivered: () => deps.onNotDelivered(pulled),
      };
    },
  };
}

function publishRoute(deps: RecordsDeps): Route {
  const { macKey, schemas, identitySchemes, clock, limits, operations } = deps;
  return {
    method: 'PUT',
    path,
    access: 'publish',
    action: 'record.published',
    summary: 'Publishes a new version of your own record.',
    fields: ['Idempotency-Key', 'If-Match', 'If-None-Match', 'Content-Digest'],
    body: { schema: recordEnvelope, maxBytes: limits.maxBodyBytes, isOptional: false },
    answers: {
      200: { body: 'PublishedRecord', means: 'The receipt of a later version.', hasEtag: true },
      201: { body: 'PublishedRecord', means: 'The receipt of the first version.', hasEtag: true },
    },
    problems: [
      'ROUTE_NOT_FOUND',
      'NO_SHARING_AGREEMENT',
      'RESOURCE_NOT_FOUND',
      'TRACE_STALE',
      'PRECONDITION_NEEDED',
      'PRECONDITION_FAILED',
      'RECORD_INVALID',
      'PERSON_MISMATCH',
      'SCHEMA_UNKNOWN',
    ],
    async answer(call, { context }) {
      const client = clientOf(call);
      const { recordType } = recordSchemaOf(call, schemas);
      const route = `PUT /v1/clients/${client}/records/${recordType}`;
      const idempotency = idempotencyOf(macKey, route, call);
      const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = call.headers;
      const precondition = writePrecondition(ifMatch, ifNoneMatch);
      const record = readRecordDocument(call.body, recordType, schemas, {
        limits: documentLimits(limits.maxBodyBytes),
        at: clock.now(),
        identitySchemes,
      });
      const receipt = await operations.publishRecord({
        context,
        client,
        recordType,
        record,
        digest: formatContentDigest(call.body),
        precondition,
        idempotency,
      });
      return receiptAnswer(receipt);
    },
  };
}

function retractRoute(deps: RecordsDeps): Route {
  return {
    method: 'POST',
    path: `${path}/retraction`,
    access: 'publish',
    action: 'record.retracted',
    summary: 'Takes your own record back.',
    fields: ['Idempotency-Key'],
    body: retraction,
    answers: { 200: { body: 'RetractedRecord', means: 'The receipt.', hasEtag: true } },
    problems: ['ROUTE_NOT_FOUND', 'RESOURCE_NOT_FOUND', 'TRACE_STALE', 'RECORD_RETRACTED'],
    async answer(call, { context }) {
      const client = clientOf(call);
      const { recordType } = recordSchemaOf(call, deps.schemas);
      const route = `POST /v1/clients/${client}/records/${recordType}/retraction`;
      const idempotency = idempotencyOf(deps.macKey, route, call);
      const { reason } = retraction.read(call.body);
      const { retractRecord } = deps.operations;
      return receiptAnswer(
        await retractRecord({ context, client, recordType, reason, idempotency }),
      );
    },
  };
}
