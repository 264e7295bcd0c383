/** Small JSON bodies: read strictly, then checked against their schema in schemas/api/. */
import { decodeUtf8, parseStrictJson } from '../encoding/strict-json.ts';
import { compileSchema } from '../validation/json-schema.ts';

export interface BodyShape<T> {
  /** The JSON Schema, for the API description. */
  schema: object;
  maxBytes: number;
  isOptional: boolean;
  /** Throws JSON_MALFORMED, or REQUEST_INVALID with what is wrong where. */
  read(body: Uint8Array): T;
}

const limits = { maxDepth: 16, maxKeys: 2_000 };
const maxBytes = 64 * 1_024;

/** `T` is the caller's promise about the schema. An optional body that is not sent is read as `{}`. */
export function bodyShape<T>(schema: object, options: { isOptional?: boolean } = {}): BodyShape<T> {
  const check = compileSchema<T>(schema);
  const isOptional = options.isOptional ?? false;
  return {
    schema,
    maxBytes,
    isOptional,
    read(body) {
      const text = isOptional && body.length === 0 ? '{}' : decodeUtf8(body);
      return check.checked(parseStrictJson(text, limits).value, 'REQUEST_INVALID');
    },
  };
}
