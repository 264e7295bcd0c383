/**
 * `x-person` of a record schema: which section says who the document is about, and where in it the
 * identifiers and the birth date stand (docs/record-types.md, annotations).
 */
import { parsePointer } from '../encoding/json-pointer.ts';
import { ownMember } from '../encoding/own-member.ts';

export interface PersonPlaces {
  readonly section: string;
  /** Paths within the section; `*` stands for every element of an array. */
  readonly identifiers: readonly string[];
  readonly birthDate: readonly string[];
}

export interface PersonAnnotation {
  identifiers: string;
  birthDate: string;
}

const pointer = { type: 'string', pattern: '^/' };

/** Of the annotation itself. */
export const personAnnotation = {
  type: 'object',
  required: ['identifiers', 'birthDate'],
  additionalProperties: false,
  properties: { identifiers: pointer, birthDate: pointer },
};

type Sections = Readonly<Record<string, { 'x-person'?: PersonAnnotation }>>;

/**
 * Undefined where no section is annotated. Throws an Error where two are, or where a place is not there:
 * a comparison that looks at nothing would let everybody through.
 */
export function readPersonPlaces(sections: Sections, defs: unknown): PersonPlaces | undefined {
  const annotated = Object.entries(sections).flatMap(([section, definition]) => {
    const annotation = definition['x-person'];
    return annotation ? [{ section, definition, annotation }] : [];
  });
  const [one, another] = annotated;
  if (another) throw faulty(another.section, 'is not the only one with x-person');
  if (!one) return undefined;
  const { section, definition, annotation } = one;
  const identifiers = parsePointer(annotation.identifiers);
  const birthDate = parsePointer(annotation.birthDate);
  const identifier = schemaAt(definition, identifiers, defs);
  for (const member of ['system', 'value']) {
    const type = ownMember(schemaAt(identifier, [member], defs), 'type');
    if (type !== 'string') throw faulty(section, `has no ${member} at ${annotation.identifiers}`);
  }
  // full dates alone: of these, equal days are equal texts
  if (ownMember(schemaAt(definition, birthDate, defs), 'format') !== 'date') {
    throw faulty(section, `has no full date at ${annotation.birthDate}`);
  }
  return { section, identifiers, birthDate };
}

/** The schema of what a path leads to, as far as `properties`, `items` and `$ref` tell. */
function schemaAt(from: unknown, path: readonly string[], defs: unknown): unknown {
  return path.reduce<unknown>(
    (schema, segment) =>
      resolved(
        segment === '*'
          ? ownMember(schema, 'items')
          : ownMember(ownMember(schema, 'properties'), segment),
        defs,
      ),
    resolved(from, defs),
  );
}

function resolved(schema: unknown, defs: unknown): unknown {
  const $ref = ownMember(schema, '$ref');
  return typeof $ref === 'string' ? ownMember(defs, $ref.replace('#/$defs/', '')) : schema;
}

function faulty(section: string, what: string): Error {
  return new Error(`not a record schema: section ${section} ${what}`);
}
