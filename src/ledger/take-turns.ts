/**
 * Who of those that wait comes into the next transaction. Where not all fit, the organisations take turns, so
 * that one with a thousand requests keeps nobody else waiting. Each one's own requests keep their order, and
 * nobody waits for ever, because one's oldest request is always in its first turn. Pure.
 */
import type { Ticket } from './pool.ts';

export type Waiting = Pick<Ticket, 'party' | 'isWriter'>;

/** Both parts in order of arrival. `tickets` has as many as there are, up to `max`, and writers up to `maxWriters`. */
export function takeTurns<T extends Waiting>(
  waiting: T[],
  max: number,
  maxWriters: number,
): { tickets: T[]; rest: T[] } {
  if (waiting.length <= Math.min(max, maxWriters)) return { tickets: waiting, rest: [] };
  const turnsOf = new Map<string | undefined, number>();
  const turns = waiting.map(({ party }) => {
    const turn = turnsOf.get(party) ?? 0;
    turnsOf.set(party, turn + 1);
    return turn;
  });
  // sorting keeps the order of arrival within a turn
  const inTurn = [...waiting.keys()].sort((a, b) => (turns[a] ?? 0) - (turns[b] ?? 0));
  const taken = new Set<number>();
  // whose next one has to wait, so that what comes after it does not overtake it
  const held = new Set<string | undefined>();
  let writers = 0;
  for (const i of inTurn) {
    const { party, isWriter } = waiting[i] ?? { party: undefined, isWriter: false };
    if (taken.size === max) break;
    if (isWriter && writers === maxWriters) held.add(party);
    if (held.has(party)) continue;
    if (isWriter) writers += 1;
    taken.add(i);
  }
  return {
    tickets: waiting.filter((_, i) => taken.has(i)),
    rest: waiting.filter((_, i) => !taken.has(i)),
  };
}
