/**
 * The schemas of records and messages that this gateway knows: schemas/<recordType>/v<version>.json,
 * versions side by side. Read once at the start; a file that cannot be used stops the start.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayError } from '../errors/gateway-error.ts';
import { parseRecordSchema, type RecordSchema, type SchemaKind } from './record-schema.ts';

export interface SchemaRegistry {
  /** Of records and messages, in alphabetical order: what agreements, consents and overrides can name. */
  readonly recordTypes: readonly string[];
  /** Every version, by type and then the oldest first. */
  readonly all: readonly RecordSchema[];
  /** The newest version of a type, or the named one, whether records or messages are of it. */
  find(recordType: string, version?: number): RecordSchema | undefined;
  /** The newest version of a type that is stored and pulled. */
  findRecord(recordType: string): RecordSchema | undefined;
  /** The newest version of a type that is sent to one addressee. */
  findMessage(messageType: string): RecordSchema | undefined;
  /** The same, but throws SCHEMA_UNKNOWN with the versions that there are of it. */
  get(recordType: string, version?: number): RecordSchema;
}

const versionFile = /^v([1-9]\d{0,3})\.json$/u;

/** Reads every folder below `schemasDir` whose version files say which record type they are for. */
export function loadSchemaRegistry(schemasDir: string): SchemaRegistry {
  const schemas = readdirSync(schemasDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((folder) => loadVersions(schemasDir, folder.name));
  return createSchemaRegistry(schemas);
}

export function createSchemaRegistry(schemas: readonly RecordSchema[]): SchemaRegistry {
  const byName = new Map(schemas.map((schema) => [schema.name, schema]));
  const newest = new Map<string, RecordSchema>();
  const byVersion = schemas.toSorted((a, b) => a.version - b.version);
  for (const schema of byVersion) newest.set(schema.recordType, schema);
  const recordTypes = [...newest.keys()].sort();
  const find = (recordType: string, version?: number): RecordSchema | undefined =>
    version === undefined ? newest.get(recordType) : byName.get(`${recordType}/v${version}`);
  const findOf = (kind: SchemaKind, type: string): RecordSchema | undefined => {
    const schema = find(type);
    return schema?.kind === kind ? schema : undefined;
  };

  return {
    recordTypes,
    all: recordTypes.flatMap((type) => byVersion.filter(({ recordType }) => recordType === type)),
    find,
    findRecord: (recordType) => findOf('record', recordType),
    findMessage: (messageType) => findOf('message', messageType),
    get(recordType, version) {
      const schema = find(recordType, version);
      if (schema !== undefined) return schema;
      const names = byVersion
        .filter((one) => one.recordType === recordType)
        .map(({ name }) => name);
      const detail = `must be one of: ${names.join(', ')}`;
      const fault = { pointer: '/schema', rule: 'schema', detail };
      throw new GatewayError('SCHEMA_UNKNOWN', { errors: [fault] });
    },
  };
}

function loadVersions(schemasDir: string, folder: string): RecordSchema[] {
  return readdirSync(join(schemasDir, folder)).flatMap((file) => {
    const version = versionFile.exec(file)?.[1];
    const path = join(schemasDir, folder, file);
    if (version === undefined) return [];
    const source: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isRecordSchema(source)) return [];
    const schema = parseRecordSchema(source, Number(version));
    if (schema.recordType !== folder) throw new Error(`${path} is for another record type`);
    return [schema];
  });
}

/** schemas/ also holds what is no record: requests and agreements. */
function isRecordSchema(source: unknown): boolean {
  return typeof source === 'object' && source !== null && 'x-record-type' in source;
}
