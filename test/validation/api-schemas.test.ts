/**
 * What partners send, and sharing agreements, against their schemas: every vector of
 * test/vectors/api/ and every example of schemas/agreement/examples/.
 */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { compileSchema } from '../../src/validation/json-schema.ts';

const schemas = new URL('../../schemas/', import.meta.url);
const vectors = new URL('../vectors/api/', import.meta.url);
const examples = new URL('agreement/examples/', schemas);

interface Refused {
  pointer: string;
  rule: string;
}

const requestVectors = compileSchema<{
  valid: unknown[];
  invalid: (Refused & { body: unknown })[];
}>({
  type: 'object',
  required: ['valid', 'invalid'],
  properties: {
    valid: { type: 'array', minItems: 1 },
    invalid: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['pointer', 'rule', 'body'],
        properties: { pointer: { type: 'string' }, rule: { type: 'string' }, body: true },
      },
    },
  },
});

const invalidAgreement = compileSchema<Refused & { agreement: unknown }>({
  type: 'object',
  required: ['pointer', 'rule', 'agreement'],
  properties: { pointer: { type: 'string' }, rule: { type: 'string' }, agreement: true },
});

function read(url: URL): unknown {
  return JSON.parse(readFileSync(url, 'utf8'));
}

function firstFault(faults: readonly Refused[]): Refused {
  const [first] = faults;
  return { pointer: first?.pointer ?? 'no fault', rule: first?.rule ?? 'no fault' };
}

for (const file of readdirSync(new URL('api/', schemas))) {
  t.test(`takes and refuses each ${file.replace('.json', '')} as it should`, async (t) => {
    const check = compileSchema(read(new URL(`api/${file}`, schemas)));
    const { valid, invalid } = requestVectors.checked(
      read(new URL(file, vectors)),
      'REQUEST_INVALID',
    );
    for (const body of valid) t.same(check(body), [], JSON.stringify(body));
    for (const { pointer, rule, body } of invalid) {
      t.same(firstFault(check(body)), { pointer, rule }, `${rule} at ${pointer}`);
    }
  });
}

t.test('has vectors for every request that has a schema', async (t) => {
  t.same(readdirSync(vectors).sort(), readdirSync(new URL('api/', schemas)).sort());
});

t.test('takes every valid agreement and refuses every invalid one for its reason', async (t) => {
  const check = compileSchema(read(new URL('agreement/v1.json', schemas)));
  for (const file of readdirSync(new URL('valid/', examples))) {
    t.same(check(read(new URL(`valid/${file}`, examples))), [], file);
  }
  for (const file of readdirSync(new URL('invalid/', examples))) {
    const { pointer, rule, agreement } = invalidAgreement.checked(
      read(new URL(`invalid/${file}`, examples)),
      'REQUEST_INVALID',
    );
    t.same(firstFault(check(agreement)), { pointer, rule }, file);
  }
});
