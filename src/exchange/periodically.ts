/** Work that every node does again and again beside its requests. One run at a time; one that fails is told. */
export interface Periodical {
  /** Resolves once what is under way has ended. */
  stop(): Promise<void>;
}

export function startPeriodically(
  work: () => Promise<unknown>,
  everyMs: number,
  onError: (error: unknown) => void,
): Periodical {
  let running: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    // one that takes longer than the pause is not overtaken by the next
    running ??= work()
      .catch(onError)
      .finally(() => {
        running = undefined;
      });
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
