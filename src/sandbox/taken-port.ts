/** The commonest fault of a first start, in words that say what to do. */

export interface DoorPort {
  port: number;
  /** The setting that changes it. */
  setting: string;
}

/** Undefined where the error is another. */
export function takenPortMessage(error: unknown, doors: readonly DoorPort[]): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return undefined;
  const port = 'port' in error ? Number(error.port) : undefined;
  const setting = doors.find((door) => door.port === port)?.setting ?? 'its setting';
  const fault = code === 'EADDRINUSE' ? 'is taken by another program' : 'may not be used';
  return `port ${port} ${fault}: stop that one, or choose another port with ${setting} (0 takes any free one)`;
}
