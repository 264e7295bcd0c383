/**
 * Whether every disclosure rests on grounds that stood at its entry: the newest version of an agreement that was
 * applied and has not ended, and a consent that was not withdrawn. Rows that said otherwise for a while, or a node that
 * was kept from seeing a change, leave disclosures that cite what had gone.
 */
import { ownMember } from '../../encoding/own-member.ts';
import type { JsonObject } from '../ledger-event.ts';
import type { StoredEvent } from '../stored-event.ts';

export class CitedGrounds {
  /** The version in force by id. */
  readonly #agreements = new Map<string, number>();
  readonly #withdrawn = new Set<string>();
  #hasMissed = false;

  /** An entry is missing or does not open: it may have been the one that applied an agreement. */
  miss(): void {
    this.#hasMissed = true;
  }

  /** What is wrong with the disclosure. Requires the events of all logs, each once, in their order. */
  faultOf(event: StoredEvent): string | undefined {
    const fault = event.outcome === 'permitted' ? this.#faultNow(event.decision) : undefined;
    this.#follow(event);
    return fault;
  }

  #faultNow(decision: JsonObject | null): string | undefined {
    const consent = ownMember(decision, 'consentUsed');
    if (this.#withdrawn.has(String(ownMember(consent, 'id')))) {
      return 'the consent that it rests on had been withdrawn';
    }
    const agreement = ownMember(decision, 'agreement');
    if (typeof agreement !== 'object' || agreement === null || this.#hasMissed) return undefined;
    const inForce = this.#agreements.get(String(ownMember(agreement, 'id')));
    return inForce === ownMember(agreement, 'version')
      ? undefined
      : 'the agreement that it rests on was not in force in that version';
  }

  #follow({ action, outcome, particulars }: StoredEvent): void {
    if (outcome !== 'done') return;
    const { agreement, version, consent } = {
      agreement: null,
      version: null,
      consent: null,
      ...particulars,
    };
    if (action === 'agreement.applied' && typeof version === 'number') {
      this.#agreements.set(String(agreement), version);
    }
    if (action === 'agreement.ended') this.#agreements.delete(String(agreement));
    if (action === 'consent.withdrawn') this.#withdrawn.add(String(consent));
  }
}
