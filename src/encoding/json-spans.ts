/**
 * Where each value of a JSON text (RFC 8259) stands in that text, so that sections travel as they
 * came and redactions cut without re-serialising. Built on jsonc-parser's `visit`, which shows every
 * member, duplicates too, and gives exact offsets.
 */
import { visit } from 'jsonc-parser';

/** Offsets are UTF-16 units into the text; `end` is exclusive. */
interface Extent {
  readonly start: number;
  end: number;
}

export interface JsonMember {
  /** The name with its escapes resolved. */
  readonly name: string;
  /** Where the name's opening quote stands. */
  readonly start: number;
  readonly value: JsonSpan;
}

type JsonObjectSpan = Extent & { readonly kind: 'object'; readonly members: JsonMember[] };
type JsonArraySpan = Extent & { readonly kind: 'array'; readonly elements: JsonSpan[] };
type JsonScalarSpan = Extent & {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
};
export type JsonSpan = JsonObjectSpan | JsonArraySpan | JsonScalarSpan;

/** The text is not JSON from here on. */
export class JsonSyntaxError extends SyntaxError {
  readonly offset: number;

  constructor(offset: number) {
    super(`not JSON from character ${offset} on`);
    this.offset = offset;
  }
}

/**
 * Locates every value of a text. Requires that the text nests at most some hundred levels deep:
 * jsonc-parser recurses, and overflows the stack at a depth of 20,000. Throws a JsonSyntaxError on
 * what is not JSON.
 */
export function locateJson(text: string): JsonSpan {
  const open: (JsonObjectSpan | JsonArraySpan)[] = [];
  let root: JsonSpan | undefined;
  let name = { text: '', start: 0 };

  const place = (value: JsonSpan): void => {
    const parent = open.at(-1);
    if (parent === undefined) root = value;
    else if (parent.kind === 'array') parent.elements.push(value);
    else parent.members.push({ name: name.text, start: name.start, value });
  };
  const begin = (container: JsonObjectSpan | JsonArraySpan): void => {
    place(container);
    open.push(container);
  };
  const finish = (offset: number): void => {
    const container = open.pop();
    if (container !== undefined) container.end = offset + 1;
  };

  visit(
    text,
    {
      onObjectBegin: (start) => begin({ kind: 'object', start, end: start, members: [] }),
      onArrayBegin: (start) => begin({ kind: 'array', start, end: start, elements: [] }),
      onObjectEnd: finish,
      onArrayEnd: finish,
      onObjectProperty: (property, start) => {
        name = { text: property, start };
      },
      onLiteralValue: (value: string | number | boolean | null, start, length) =>
        place({ kind: 'scalar', start, end: start + length, value }),
      onError: (_error, offset) => {
        throw new JsonSyntaxError(offset);
      },
    },
    { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false },
  );
  if (root === undefined) throw new JsonSyntaxError(0);
  return root;
}

/** The member of an object by its name; nothing when the value is no object or has none. */
export function findMember(span: JsonSpan, name: string): JsonMember | undefined {
  return span.kind === 'object' ? span.members.find((member) => member.name === name) : undefined;
}
