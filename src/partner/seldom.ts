/** Telling the same thing seldom: whoever knocks at a door in a loop must not fill the log of who minds it. */
import type { Clock } from '../clock.ts';

const everyMs = 1_000;

/** Passes on what has not been told within the last second. `key` must be one of few: each is remembered. */
export function seldom<News>(
  clock: Pick<Clock, 'monotonicMs'>,
  tell: (news: News) => void,
): (key: string, news: News) => void {
  const told = new Map<string, number>();
  return (key, news) => {
    const now = clock.monotonicMs();
    if (now - (told.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
    told.set(key, now);
    tell(news);
  };
}
