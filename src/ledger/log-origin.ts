/**
 * Names of logs (c2sp.org/tlog-checkpoint, "origin"). The configured origin is the first log's; log n, which
 * a recovery opened, is `<origin>/n`, since one name may stand for one tree only.
 */

export function originOf(origin: string, log: number): string {
  return log === 1 ? origin : `${origin}/${log}`;
}

/** The log's number; undefined for a log that is not one of this origin's. */
export function logOf(origin: string, named: string): number | undefined {
  if (named === origin) return 1;
  const log = Number(named.slice(origin.length + 1));
  return Number.isSafeInteger(log) && log > 1 && originOf(origin, log) === named ? log : undefined;
}
