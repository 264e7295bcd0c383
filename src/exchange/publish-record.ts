/**
 * Publishing: a new version of the caller's own record. One record per person, type and custodian, where
 * the custodian is whoever publishes; nobody writes another's.
 */

import { hash } from 'node:crypto';
import type { ClientLink } from '../clients/link-store.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { RecordDocument } from '../records/record-document.ts';
import {
  findCurrentRecord,
  insertRecordVersion,
  type RecordVersion,
} from '../records/record-store.ts';
import { authorise } from './authorise.ts';
import type { RequestContext } from './caller.ts';
import { refuseOtherPerson } from './check-person.ts';
import { deliverRecord, deliverRetraction } from './deliver-record.ts';
import { deliveredDigest } from './dossier-digest.ts';
import type { Exchange } from './exchange.ts';
import { getTracedClient, notFound } from './own-client.ts';
import { keptRefusal, performWrite, type WriteScope } from './perform-write.ts';
import type { Idempotency, Receipt } from './receipt.ts';
import { recordEtag } from './record-etag.ts';
import { recordDigest } from './state-digest.ts';
import { storedForm } from './stored-form.ts';

/** RFC 9110 section 13.1: to create, or to replace exactly the version that was read. */
export type Precondition = { kind: 'absent' } | { kind: 'matches'; etags: readonly string[] };

export interface PublishRequest {
  context: RequestContext;
  client: string;
  recordType: string;
  record: RecordDocument;
  /** RFC 9530 form, of the body as it came. */
  digest: string;
  precondition: Precondition;
  idempotency: Idempotency;
}

/** 201 where there was no record, 200 for a later version of it. */
export function publishRecord(exchange: Exchange, request: PublishRequest): Promise<Receipt> {
  const { context, recordType, record, digest, precondition, idempotency } = request;
  const custodian = context.caller.odsCode;
  return performWrite(exchange, {
    context,
    action: 'record.published',
    event: { recordType, custodian, digest },
    idempotency,
    authorise: (scope) => authorisePublisher(scope, request),
    async effect(scope, { personId }) {
      const { tx, moment, event } = scope;
      const about = { organisation: custodian, personId };
      const mismatch = await refuseOtherPerson(exchange, scope, record, about);
      if (mismatch) return keptRefusal(mismatch);
      const key = { personId, recordType, custodian };
      const current = await findCurrentRecord(tx, key);
      checkPrecondition(exchange.macKey, precondition, current);
      const version = {
        ...key,
        ...storedForm(record),
        version: (current?.version ?? 0) + 1,
        digest,
        retractionReason: null,
      };
      await insertRecordVersion(tx, version, new Date(moment.at));
      const stored = storedDigest(version, moment.at);
      const deliveries = await deliverRecord(exchange, scope, version);
      const { schema, version: number } = version;
      const content = deliveredDigest(version);
      event.particulars = {
        ...{ schema, version: number, stored, content },
        deliveries: deliveries.length,
      };
      return {
        hasEnqueued: deliveries.length > 0,
        receipt: {
          status: !current || current.retractionReason ? 201 : 200,
          etag: recordEtag(exchange.macKey, version),
          body: { recordType, schema, custodian, version: number, digest, deliveries },
        },
      };
    },
  });
}

export interface RetractRequest {
  context: RequestContext;
  client: string;
  recordType: string;
  reason: string;
  idempotency: Idempotency;
}

/** Takes the record back: a new version without sections, so that nothing of it is released any more. */
export function retractRecord(exchange: Exchange, request: RetractRequest): Promise<Receipt> {
  const { context, recordType, reason, idempotency } = request;
  const custodian = context.caller.odsCode;
  return performWrite(exchange, {
    context,
    action: 'record.retracted',
    event: { recordType, custodian },
    idempotency,
    // what one published one may always take back, under an agreement or after it
    authorise: (scope) => getTracedClient(scope, context, request.client),
    async effect(scope, { personId }) {
      const { tx, moment, event } = scope;
      const current = await findCurrentRecord(tx, { personId, recordType, custodian });
      if (!current) throw notFound('NO_RECORD');
      if (current.retractionReason) throw new GatewayError('RECORD_RETRACTED');
      const version = {
        ...current,
        version: current.version + 1,
        sections: '',
        outline: [],
        retractionReason: reason,
      };
      await insertRecordVersion(tx, version, new Date(moment.at));
      const stored = storedDigest(version, moment.at);
      const deliveries = await deliverRetraction(exchange, scope, version);
      event.particulars = {
        ...{ version: version.version, reason, stored },
        deliveries: deliveries.length,
      };
      return {
        hasEnqueued: deliveries.length > 0,
        receipt: {
          status: 200,
          etag: recordEtag(exchange.macKey, version),
          body: {
            ...{ recordType, custodian, version: version.version },
            ...{ status: 'retracted', reason, deliveries },
          },
        },
      };
    },
  });
}

async function authorisePublisher(
  scope: WriteScope,
  { context, client, recordType }: { context: RequestContext; client: string; recordType: string },
): Promise<ClientLink> {
  const link = await getTracedClient(scope, context, client);
  authorise(scope, context, ['publish'], recordType);
  return link;
}

/** Of a record that was taken back there is no current representation (RFC 9110 section 13.1.2). */
function checkPrecondition(
  macKey: Buffer,
  precondition: Precondition,
  current: RecordVersion | undefined,
): void {
  if (precondition.kind === 'absent') {
    if (!current || current.retractionReason) return;
    throw preconditionFailed(
      'You hold this record already. Read it and send its ETag in If-Match.',
    );
  }
  if (current && precondition.etags.includes(recordEtag(macKey, current))) return;
  throw preconditionFailed(
    'The record is not at the version you name. Read it again and send its ETag in If-Match.',
  );
}

function preconditionFailed(detail: string): GatewayError {
  return new GatewayError('PRECONDITION_FAILED', { detail });
}

/** Of the row, where the event's own digest is that of the body as it came. */
function storedDigest({ sections, ...version }: RecordVersion, at: number): string {
  const sectionsDigest = hash('sha256', sections, 'base64');
  return recordDigest({ ...version, sectionsDigest, publishedAt: new Date(at) });
}
