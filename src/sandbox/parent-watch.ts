/**
 * npm ends the shell that it started and not what the shell started: a sandbox under npm notices by its
 * parent's number that nobody is left to stop it, and stops by itself.
 */
const lookMs = 500;

/** Calls `then` once, when the parent is gone. Returns what ends the watch. */
export function whenOrphaned(then: () => void): () => void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, lookMs);
  timer.unref();
  return () => clearInterval(timer);
}
