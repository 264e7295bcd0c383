/**
 * Who of those that wait comes into the next transaction. Where not all fit, the organisations take turns, so
 * that one with a thousand requests keeps nobody else waiting. Each one's own requests keep their order, and
 * nobody waits for ever, because one's oldest request is always in its first turn. Pure.
 */
import type { Ticket } from './pool.ts';

export type Waiting = Pick<Ticket, 'party'>;

/** Both parts in order of arrival. `tickets` has as many as there are, up to `max`. */
export function takeTurns<T extends Waiting>(
  waiting: T[],
  max: number,
): { tickets: T[]; rest: T[] } {
  if (waiting.length <= max) return { tickets: waiting, rest: [] };
  const turnsOf = new Map<string | undefined, number>();
  const turns = waiting.map(({ party }) => {
    const turn = turnsOf.get(party) ?? 0;
    turnsOf.set(party, turn + 1);
    return turn;
  });
  // sorting keeps the order of arrival within a turn
  const inTurn = [...waiting.keys()].sort((a, b) => (turns[a] ?? 0) - (turns[b] ?? 0));
  const taken = new Set(inTurn.slice(0, max));
  return {
    tickets: waiting.filter((_, i) => taken.has(i)),
    rest: waiting.filter((_, i) => !taken.has(i)),
  };
}
