/**
 * What was published and sent, followed from entry to entry: nothing else is delivered, nothing that was taken back,
 * and no message but to whom and for what it was sent. A message that somebody put in under a sender's name, or a
 * text that was another for a while, is in no entry of its sender's.
 */
import { ownMember } from '../../encoding/own-member.ts';
import type { StoredEvent } from '../../ledger/stored-event.ts';
import type { EventJudge } from '../../ledger/verification/event-follower.ts';

const deliveries: ReadonlySet<StoredEvent['action']> = new Set([
  'delivery.authorised',
  'inbox.read',
]);
const unsent = 'what it delivered is nothing that entries published, or sent to its recipient';

/** Contents by their digests (dossier-digest.ts). Grows with messages and versions of records. */
export class FollowedContents implements EventJudge {
  /** By record, until it is taken back. */
  readonly #published = new Map<string, Set<string>>();
  /** For what each content was sent to each organisation: somebody may send the same twice. */
  readonly #sent = new Map<string, Set<string | null>>();

  misfitOf(event: StoredEvent): string | undefined {
    const { action, outcome, decision } = event;
    if (outcome === 'done') return this.#follow(event);
    // notices are decided on by nobody, and have no content of a sender's
    const isDelivered = outcome === 'permitted' && deliveries.has(action) && decision !== null;
    return isDelivered ? this.#misfitNow(event) : undefined;
  }

  #follow(event: StoredEvent): string | undefined {
    const { action, purpose, particulars } = event;
    if (action === 'record.retracted') this.#published.delete(recordOf(event));
    if (action !== 'record.published' && action !== 'message.sent') return undefined;
    const content = ownMember(particulars, 'content');
    if (typeof content !== 'string') return 'it does not say what it sent';
    if (action === 'record.published') add(this.#published, recordOf(event), content);
    else add(this.#sent, sending(content, ownMember(particulars, 'recipient')), purpose);
    return undefined;
  }

  #misfitNow(event: StoredEvent): string | undefined {
    const { organisation, purpose, user, particulars } = event;
    const content = ownMember(particulars, 'content');
    if (typeof content !== 'string') return unsent;
    if (ownMember(particulars, 'kind') === 'record') {
      return this.#published.get(recordOf(event))?.has(content) ? undefined : unsent;
    }
    const purposes = this.#sent.get(sending(content, organisation));
    if (!purposes) return unsent;
    // a user says what they read it for, and is decided on for that
    return user !== null || purposes.has(purpose)
      ? undefined
      : 'the message that it delivered was sent for another purpose';
  }
}

function recordOf({ person, recordType, custodian }: StoredEvent): string {
  return JSON.stringify([person, recordType, custodian]);
}

function sending(content: string, recipient: unknown): string {
  return JSON.stringify([content, recipient]);
}

function add<Member>(sets: Map<string, Set<Member>>, key: string, member: Member): void {
  sets.set(key, (sets.get(key) ?? new Set<Member>()).add(member));
}
