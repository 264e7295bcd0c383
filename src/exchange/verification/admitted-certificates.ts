/**
 * Whether every act was that of a certificate which an entry before it had admitted, for the organisation that it
 * names: a row that let somebody in, and was taken away afterwards, leaves acts that nobody was admitted for. What is
 * pushed to an organisation needs no certificate of it, but one that is not suspended.
 */
import { parseActorCertificate } from '../../ledger/actor-certificate.ts';
import type { StoredEvent } from '../../ledger/stored-event.ts';
import type { EventFollower } from '../../ledger/verification/event-follower.ts';

/** A refusal is an act of nobody's: whoever knocks has a certificate. */
const acted: ReadonlySet<StoredEvent['outcome']> = new Set(['permitted', 'done']);
const suspended = 'its organisation was suspended';

/** Who had been admitted at each entry, followed from the first on; recorded-register.ts compares where it ends. */
export class AdmittedCertificates implements EventFollower {
  readonly #organisations = new Map<string, string>();
  readonly #suspended = new Set<string>();
  #hasMissed = false;
  #hasToldOfMissed = false;

  /** It may have been the one that admitted somebody. */
  miss(): void {
    this.#hasMissed = true;
  }

  misfitOf(event: StoredEvent): string | undefined {
    this.#follow(event);
    const misfit = this.#misfitNow(event);
    if (misfit === undefined || !this.#hasMissed) return misfit;
    if (this.#hasToldOfMissed) return undefined;
    this.#hasToldOfMissed = true;
    return 'whether its certificate had been admitted cannot be told: an entry before it is missing or does not open';
  }

  #misfitNow({ action, certificate, organisation, outcome }: StoredEvent): string | undefined {
    if (action === 'delivery.authorised' && outcome === 'permitted') {
      return this.#suspended.has(organisation ?? '') ? suspended : undefined;
    }
    const fingerprint256 = parseActorCertificate(certificate);
    if (!acted.has(outcome) || fingerprint256 === undefined) return undefined;
    const admitted = this.#organisations.get(fingerprint256);
    if (admitted === undefined || admitted !== organisation) {
      return 'its certificate was not admitted for its organisation';
    }
    return this.#suspended.has(admitted) ? suspended : undefined;
  }

  #follow({ action, outcome, particulars }: StoredEvent): void {
    if (outcome !== 'done') return;
    const { certificate, odsCode } = { certificate: null, odsCode: null, ...particulars };
    if (typeof odsCode !== 'string') return;
    if (action === 'participant.suspended') this.#suspended.add(odsCode);
    if (action === 'participant.restored') this.#suspended.delete(odsCode);
    if (typeof certificate !== 'string') return;
    if (action === 'certificate.added') this.#organisations.set(certificate, odsCode);
    if (action === 'certificate.revoked') this.#organisations.delete(certificate);
  }
}
