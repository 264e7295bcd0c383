/** The two listeners to observations, as one thing to hand around. */
import type { Levels } from './levels.ts';
import { createLog, type LogLevel, type LogStream } from './log.ts';
import { createMetrics } from './metrics.ts';
import type { Observation } from './observation.ts';

export interface Telemetry {
  observe(observation: Observation): void;
  /** Once. */
  addLevels(levels: Levels): void;
  metricsText(): Promise<string>;
  /** Writes what the log still holds; before the process ends. */
  flush(): void;
}

export function createTelemetry(options: { level: LogLevel; stream?: LogStream }): Telemetry {
  const log = createLog(options.level, options.stream);
  const metrics = createMetrics();
  return {
    observe(observation) {
      log.observe(observation);
      metrics.observe(observation);
    },
    addLevels: metrics.addLevels,
    metricsText: metrics.text,
    flush: log.flush,
  };
}
