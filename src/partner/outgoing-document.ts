/**
 * A record or message as a partner's file holds it. It is sent as it stands there; only what a partner needs to know
 * to send it is read. Whether it is valid, the gateway says.
 */
import { textOf } from './reply-members.ts';

export interface OutgoingDocument {
  /** For example `social-care-summary`. */
  type: string;
  /** JSON text. */
  text: string;
}

/** Throws RangeError. */
export function parseOutgoingDocument(text: string): OutgoingDocument {
  const [type, version] = textOf(parseJson(text), 'schema').split('/');
  if (!type || !version) {
    throw new RangeError('a document names its schema, for example social-care-summary/v1');
  }
  return { type, text };
}

/** Throws RangeError; never quotes what stands there. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RangeError('this is no JSON');
  }
}
