/**
 * Random choices that come out the same every time (mulberry32, public domain): the synthetic borough has the
 * same people on every machine, so that documents and scripts can name them. Never for secrets.
 */
export interface SeededRandom {
  /** A whole number, 0 <= n < bound. */
  below(bound: number): number;
  /** Requires at least one item. */
  pick<const Item>(items: readonly Item[]): Item;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed;
  function below(bound: number): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  }
  return {
    below,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('there is nothing to pick from');
      return item;
    },
  };
}
