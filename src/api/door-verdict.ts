/** What the door asks before each request, answered from memory. */
import type { StandingWatch } from '../exchange/standing-watch.ts';
import type { CheckpointPublisher } from '../ledger/checkpoint-publisher.ts';
import { admit } from '../participants/register.ts';
import type { Admission } from './exchange-door.ts';
import type { PeerCertificate } from './peer-certificate.ts';

/** Throws where there is no register to trust: the door then refuses. */
export function admission(
  watch: Pick<StandingWatch, 'require'>,
  { fingerprint256 }: Pick<PeerCertificate, 'fingerprint256'>,
): Admission {
  const entry = admit(watch.require().register, fingerprint256);
  if (entry.kind === 'refused') return { kind: 'refused', code: entry.code };
  return { kind: 'admitted', odsCode: entry.participant.odsCode, system: entry.system };
}

/** Shut while the ledger does not hold together, or nobody knows who is registered. */
export function openness(
  watch: Pick<StandingWatch, 'current'>,
  publisher: Pick<CheckpointPublisher, 'continuity'>,
): { open: true } | { open: false; reason: string } {
  const { continuity } = publisher;
  // a constant: refusals are summed by it, and the log has the figures (checkpoint.refused)
  if (!continuity.extends) return { open: false, reason: `ledger ${continuity.cause}` };
  if (!watch.current) return { open: false, reason: 'register unreadable' };
  return { open: true };
}
