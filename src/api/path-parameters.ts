/**
 * Ids in paths. What cannot be an id of ours is replaced by one that is never given out, so that the
 * operation refuses and records it exactly like an unknown one, and no answer tells the two apart.
 */
import { GatewayError } from '../errors/gateway-error.ts';
import type { RecordSchema } from '../records/record-schema.ts';
import type { SchemaRegistry } from '../records/schema-registry.ts';
import { isUuid } from './request-ids.ts';
import type { Call } from './route.ts';

const clientPattern = /^c_[A-Za-z0-9_-]{1,64}$/;
const noClient = 'c_';
const noUuid = '00000000-0000-0000-0000-000000000000';
const indexPattern = /^(?:0|[1-9][0-9]{0,14})$/;

export function clientOf({ parameters }: Call): string {
  const client = parameters['client'] ?? '';
  return clientPattern.test(client) ? client : noClient;
}

export function consentIdOf(call: Call): string {
  return uuidOf(call);
}

export function deliveryIdOf(call: Call): string {
  return uuidOf(call);
}

function uuidOf({ parameters }: Call): string {
  const id = parameters['id'] ?? '';
  return isUuid(id) ? id.toLowerCase() : noUuid;
}

/** The newest schema of the record type in the path; a message has no record. Throws ROUTE_NOT_FOUND. */
export function recordSchemaOf({ parameters }: Call, schemas: SchemaRegistry): RecordSchema {
  const schema = schemas.findRecord(parameters['recordType'] ?? '');
  if (schema) return schema;
  throw unknownType('RECORD_TYPE_UNKNOWN', 'record type');
}

/** The same for the message type. Throws ROUTE_NOT_FOUND. */
export function messageSchemaOf({ parameters }: Call, schemas: SchemaRegistry): RecordSchema {
  const schema = schemas.findMessage(parameters['messageType'] ?? '');
  if (schema) return schema;
  throw unknownType('MESSAGE_TYPE_UNKNOWN', 'message type');
}

/** The one version that the path names. Throws ROUTE_NOT_FOUND. */
export function schemaVersionOf({ parameters }: Call, schemas: SchemaRegistry): RecordSchema {
  const name = `${parameters['recordType'] ?? ''}/${parameters['version'] ?? ''}`;
  const schema = schemas.all.find((one) => one.name === name);
  if (schema) return schema;
  throw unknownType('ROUTE_NOT_FOUND', 'schema');
}

/** Which types there are is no secret, unlike whatever else is not found, and says nothing of anybody. */
function unknownType(reason: string, what: string): GatewayError {
  const detail = `There is no such ${what}: GET /v1/schemas lists them.`;
  return new GatewayError('ROUTE_NOT_FOUND', { detail, reasonCodes: [reason] });
}

/** Throws RESOURCE_NOT_FOUND. */
export function eventIndexOf({ parameters }: Call): number {
  const index = parameters['index'] ?? '';
  if (indexPattern.test(index)) return Number(index);
  throw new GatewayError('RESOURCE_NOT_FOUND', { reasonCodes: ['EVENT_UNKNOWN'] });
}
