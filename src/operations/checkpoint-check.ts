/** What `/readyz` says of checkpoints (docs/operations.md, "Backups, and when the exchange stays shut"). */
import type { CheckpointPublisher } from '../ledger/checkpoint-publisher.ts';

/** Checkpoints are signed every second: after a minute without, nothing outside defends what was written. */
const limitMs = 60_000;

export function checkpointCheck({
  sinceSuccessMs,
  isUnwitnessed,
}: Pick<CheckpointPublisher, 'sinceSuccessMs' | 'isUnwitnessed'>): string {
  if (sinceSuccessMs > limitMs) return 'not signed for more than a minute';
  return isUnwitnessed ? 'ok, started without a checkpoint file' : 'ok';
}
