/** What an entry says of a decision, whoever asked for it: a pull, a message, a delivery. */
import type { LedgerEvent } from '../ledger/ledger-event.ts';
import type { Decided, PullSubject } from './considered-pull.ts';
import { restsOn } from './rests-on.ts';

/** The decision with the versions of what it rested on; members in the order of RFC 8785, which spares sorting. */
export function decidedEvent(
  { agreement, purpose, custodian, decision }: Decided,
  subject: PullSubject,
): Partial<LedgerEvent> {
  const { reasonCodes } = decision;
  const consent = subject.dossier.consents.find(({ id }) => id === decision.consentUsed);
  return {
    purpose,
    custodian,
    reasonCodes,
    decision: {
      agreement: { id: agreement.id, version: agreement.version },
      basis: decision.basis,
      consentUsed: consent ? { id: consent.id, version: consent.version } : null,
      decision: decision.decision,
      excludedSections: decision.excludedSections,
      httpStatus: decision.httpStatus,
      includedSections: decision.includedSections,
      obligations: decision.obligations,
      reasonCodes,
      redactions: decision.redactions,
      restsOn: restsOn(subject),
    },
  };
}
