/**
 * What was published and sent, followed from entry to entry: nothing else is delivered. A message that somebody put in
 * under a sender's name, or a text that was another for a while, is in no entry of its sender's.
 */
import { ownMember } from '../encoding/own-member.ts';
import type { StoredEvent } from '../ledger/stored-event.ts';
import type { EventJudge } from '../ledger/verification/event-follower.ts';

const deliveries: ReadonlySet<StoredEvent['action']> = new Set([
  'delivery.authorised',
  'inbox.read',
]);
const sources: ReadonlySet<StoredEvent['action']> = new Set(['record.published', 'message.sent']);

export class FollowedContents implements EventJudge {
  /** Digests (dossier-digest.ts). Grows with messages and versions of records. */
  readonly #contents = new Set<unknown>();

  faultOf({ action, outcome, decision, particulars }: StoredEvent): string | undefined {
    const content = ownMember(particulars, 'content');
    if (outcome === 'done' && sources.has(action)) {
      if (typeof content !== 'string') return 'it does not say what it sent';
      this.#contents.add(content);
    }
    // notices are decided on by nobody, and have no content of a sender's
    const isDelivered = outcome === 'permitted' && deliveries.has(action) && decision !== null;
    if (!isDelivered || this.#contents.has(content)) return undefined;
    return 'what it delivered is nothing that an entry published or sent';
  }
}
