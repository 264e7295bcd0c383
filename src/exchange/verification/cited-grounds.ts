/**
 * Whether every disclosure rests on grounds that stood at its entry: the newest version of an agreement that was
 * applied and has not ended, and a consent as its newest entry left it. Rows that said otherwise for a while, or a node
 * that was kept from seeing a change, leave disclosures that cite what had gone, or never was.
 */
import { ownMember } from '../../encoding/own-member.ts';
import type { JsonObject } from '../../ledger/ledger-event.ts';
import type { StoredEvent } from '../../ledger/stored-event.ts';
import type { EventFollower } from '../../ledger/verification/event-follower.ts';

export class CitedGrounds implements EventFollower {
  /** The version in force by id. */
  readonly #agreements = new Map<string, number>();
  /** The newest version by id; null once it is withdrawn. */
  readonly #consents = new Map<string, number | null>();
  #hasMissed = false;

  /** It may have been the one that applied an agreement. */
  miss(): void {
    this.#hasMissed = true;
  }

  misfitOf(event: StoredEvent): string | undefined {
    const misfit = event.outcome === 'permitted' ? this.#misfitNow(event.decision) : undefined;
    this.#follow(event);
    return misfit;
  }

  #misfitNow(decision: JsonObject | null): string | undefined {
    const consent = ownMember(decision, 'consentUsed');
    const newest = this.#consents.get(String(ownMember(consent, 'id')));
    if (newest === null) return 'the consent that it rests on had been withdrawn';
    if (this.#hasMissed) return undefined;
    if (typeof consent === 'object' && consent !== null && newest !== ownMember(consent, 'version'))
      return 'the consent that it rests on was not recorded in that version';
    const agreement = ownMember(decision, 'agreement');
    if (typeof agreement !== 'object' || agreement === null) return undefined;
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
    if (action === 'agreement.ended') this.#agreements.delete(String(agreement));
    if (action === 'consent.withdrawn') this.#consents.set(String(consent), null);
    if (typeof version !== 'number') return;
    if (action === 'agreement.applied') this.#agreements.set(String(agreement), version);
    // what is withdrawn stays so
    const isWithdrawn = this.#consents.get(String(consent)) === null;
    if ((action === 'consent.recorded' || action === 'consent.evidenced') && !isWithdrawn)
      this.#consents.set(String(consent), version);
  }
}
