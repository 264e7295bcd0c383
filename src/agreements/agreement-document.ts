/** A sharing agreement's file read: strict JSON, then schemas/agreement/v1.json. */
import schema from '../../schemas/agreement/v1.json' with { type: 'json' };
import { parseStrictJson } from '../encoding/strict-json.ts';
import { compileSchema } from '../validation/json-schema.ts';
import type { AgreementDocument } from './sharing-agreement.ts';

const check = compileSchema<AgreementDocument>(schema);
const limits = { maxDepth: 16, maxKeys: 20_000 };

/** Throws JSON_MALFORMED or REQUEST_INVALID, each fault with its pointer. */
export function parseAgreementDocument(text: string): AgreementDocument {
  return check.checked(parseStrictJson(text, limits).value, 'REQUEST_INVALID');
}
