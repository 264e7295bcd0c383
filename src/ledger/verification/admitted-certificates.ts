/**
 * Whether every act was that of a certificate which an entry before it had admitted, for the organisation that it
 * names: a row that let somebody in, and was taken away afterwards, leaves acts that nobody was admitted for.
 */
import type { StoredEvent } from '../stored-event.ts';

/** A refusal is an act of nobody's: whoever knocks has a certificate. */
const acted: ReadonlySet<StoredEvent['outcome']> = new Set(['permitted', 'done']);
/** As an actor's certificate is written (RFC 9530 has the algorithm in front of a digest too). */
const algorithm = 'sha-256:';

export class AdmittedCertificates {
  readonly #organisations = new Map<string, string>();
  readonly #suspended = new Set<string>();

  #told = 0;

  /**
   * Requires the events of all logs in their order. `found`: how much was found wrong so far; behind an entry that does
   * not open, nobody knows who was admitted, and nothing is told any more.
   */
  judge(event: StoredEvent, tell: (fault: string) => void, found: number): void {
    const fault = this.#faultOf(event);
    if (fault === undefined || found > this.#told) return;
    this.#told += 1;
    tell(fault);
  }

  #faultOf(event: StoredEvent): string | undefined {
    this.#note(event);
    const { certificate, organisation, outcome } = event;
    if (!acted.has(outcome) || !certificate?.startsWith(algorithm)) return undefined;
    const admitted = this.#organisations.get(certificate.slice(algorithm.length));
    if (admitted === undefined || admitted !== organisation) {
      return 'its certificate was not admitted for its organisation';
    }
    return this.#suspended.has(admitted) ? 'its organisation was suspended' : undefined;
  }

  #note({ action, outcome, particulars }: StoredEvent): void {
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
