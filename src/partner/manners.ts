/**
 * How an endpoint behaves, well and badly: what a gateway must survive without losing or doubling anything. A list is
 * walked round and round, a manner a request; a function is asked at each.
 */

/** Each with what it does, for `jetway partner receive --help`. */
export const manners = [
  ['ok', 'takes the delivery and says so'],
  ['slow', 'takes it, and says so after a while'],
  ['hang', 'never answers, and takes nothing'],
  ['500', 'fails inside'],
  ['503-retry-after', 'asks for another try in half a minute'],
  ['400', 'says that the delivery is faulty'],
  ['redirect', 'points to another place'],
  ['cut-before', 'cuts the connection before it takes the delivery'],
  ['cut-after', 'takes the delivery, then cuts the connection without an answer'],
  ['garbage', 'answers what is no HTTP'],
  ['huge', 'answers with a body beyond all limits'],
  ['huge-headers', 'answers with header fields beyond all limits'],
  ['html', 'answers 200 with a page for people, as captive portals do'],
  ['wrong-certificate', 'shows a certificate of another authority, for another name'],
] as const satisfies readonly (readonly [name: string, does: string])[];

export type Manner = (typeof manners)[number][0];
export type Manners = readonly Manner[] | (() => Manner);

/** Throws RangeError for what is no manner. */
export function parseManners(text: string): readonly Manner[] {
  return text.split(',').map((word) => {
    const manner = mannerNames.find((name) => name === word.trim());
    if (manner === undefined) throw new RangeError(`a manner is one of ${mannerNames.join(', ')}`);
    return manner;
  });
}

const mannerNames: readonly Manner[] = manners.map(([name]) => name);

/** Which manner is whose turn. A certificate is shown before any request, so that one is asked for first. */
export interface MannerWalk {
  /** Whether a new connection is to see the wrong certificate. */
  ofConnection(): 'right' | 'wrong';
  /** `wrong-certificate` where it is that one's turn on a connection that stands: the next will see it. */
  ofRequest(): Manner;
}

export function walkManners(chosen: Manners): MannerWalk {
  if (typeof chosen === 'function') return askManners(chosen);
  let at = 0;
  const current = () => chosen[at % chosen.length] ?? 'ok';
  return {
    ofConnection() {
      if (current() !== 'wrong-certificate') return 'right';
      at += 1;
      return 'wrong';
    },
    ofRequest() {
      const manner = current();
      if (manner !== 'wrong-certificate') at += 1;
      return manner;
    },
  };
}

function askManners(choose: () => Manner): MannerWalk {
  let isWrongNext = false;
  return {
    ofConnection() {
      const certificate = isWrongNext ? 'wrong' : 'right';
      isWrongNext = false;
      return certificate;
    },
    ofRequest() {
      const manner = choose();
      isWrongNext = manner === 'wrong-certificate';
      return manner;
    },
  };
}
