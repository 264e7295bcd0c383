/**
 * Processor time of processes and all their descendants, the ended ones among them (Linux, proc(5),
 * /proc/pid/stat fields 14 to 17). A pool's backend that ended is in its postmaster's `cutime`, so nothing
 * of a PostgreSQL cluster is lost or counted twice.
 */
import { readdirSync, readFileSync } from 'node:fs';

interface ProcessTimes {
  pid: number;
  parent: number;
  /** Own and of children that were waited for. */
  ticks: number;
}

/** USER_HZ: 100 on every architecture that Node and PostgreSQL are built for. */
const microsecondsPerTick = 10_000;

/** Microseconds of user and system time so far. Throws where there is no /proc. */
export function cpuMicroseconds(roots: readonly number[]): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readTimes(Number(name)));
  const members = new Set(roots);
  // a child may have a smaller number than its parent, so until nothing more is found
  for (let size = 0; size !== members.size; ) {
    size = members.size;
    for (const { pid, parent } of processes) if (members.has(parent)) members.add(pid);
  }
  const ticks = processes
    .filter(({ pid }) => members.has(pid))
    .reduce((sum, process) => sum + process.ticks, 0);
  return ticks * microsecondsPerTick;
}

/** Nothing where the process ended meanwhile: its parent has its time. */
function readTimes(pid: number): ProcessTimes[] {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return [];
  }
  // the command's name may hold anything, parentheses and spaces too
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, parent = 0] = fields;
  const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
  return [{ pid, parent, ticks }];
}
