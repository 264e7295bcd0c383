/**
 * Entity tags in conditional requests (RFC 9110 sections 8.8.3 and 13.1). Lists keep the quotes, as the
 * gateway's own tags are kept: `"abc", W/"def"`, or `*` alone.
 */
import { GatewayError } from '../errors/gateway-error.ts';
import type { Precondition } from '../exchange/publish-record.ts';
import { malformed } from './malformed.ts';

export interface EntityTag {
  /** Quotes included. */
  tag: string;
  isWeak: boolean;
}

/** One element and the comma before the next; elements may be empty (RFC 9110 section 5.6.1). */
const element = /[ \t]*(?:(W\/)?("[\x21\x23-\x7e\x80-\xff]*"))?[ \t]*(?:,|$)/y;

/** Throws REQUEST_MALFORMED for what is no such list, an empty one included. */
export function parseEntityTags(field: string, name: string): readonly EntityTag[] | '*' {
  if (field.trim() === '*') return '*';
  const tags: EntityTag[] = [];
  for (let at = 0; at < field.length; at = element.lastIndex) {
    element.lastIndex = at;
    const match = element.exec(field);
    if (!match) throw malformed(`${name} must be a list of entity tags in double quotes, or *.`);
    const [, weak, tag] = match;
    if (tag !== undefined) tags.push({ tag, isWeak: weak !== undefined });
  }
  if (tags.length === 0) throw malformed(`${name} must name an entity tag.`);
  return tags;
}

/** If-None-Match of a read: weak comparison, so a weak tag stands for its strong twin. */
export function heldEtags(field: string | undefined): readonly string[] {
  if (field === undefined) return [];
  const tags = parseEntityTags(field, 'If-None-Match');
  return tags === '*' ? ['*'] : tags.map(({ tag }) => tag);
}

/**
 * What a write is conditional on; it has to say. Strong comparison: a weak tag matches nothing. Throws
 * PRECONDITION_NEEDED or REQUEST_MALFORMED.
 */
export function writePrecondition(
  ifMatch: string | undefined,
  ifNoneMatch: string | undefined,
): Precondition {
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw malformed('Send either If-Match or If-None-Match, not both.');
  }
  if (ifNoneMatch !== undefined) {
    if (parseEntityTags(ifNoneMatch, 'If-None-Match') === '*') return { kind: 'absent' };
    throw malformed('If-None-Match of a write must be *.');
  }
  if (ifMatch === undefined) throw new GatewayError('PRECONDITION_NEEDED');
  const tags = parseEntityTags(ifMatch, 'If-Match');
  if (tags === '*') {
    throw new GatewayError('PRECONDITION_NEEDED', {
      detail: 'If-Match: * would replace a version that you have not seen. Send its ETag.',
    });
  }
  return { kind: 'matches', etags: tags.flatMap(({ tag, isWeak }) => (isWeak ? [] : [tag])) };
}
