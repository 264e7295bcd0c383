/**
 * Whose ids the organisations' ids for people are, and when each was traced, followed from entry to entry: an id
 * never changes, a trace without a claim leaves the relationship that it found, and a decision rests on the trace
 * before it. An id that was pointed at somebody else would disclose one person under another's consent.
 */
import { type LinkKey, linkKey } from '../../clients/link-store.ts';
import { ownMember } from '../../encoding/own-member.ts';
import type { LedgerPosition } from '../../ledger/event-store.ts';
import type { StoredEvent } from '../../ledger/stored-event.ts';
import type { EventJudge } from '../../ledger/verification/event-follower.ts';
import { type RestsOn, readRestsOn } from '../rests-on.ts';
import { text, uuid } from '../state-claim.ts';

export interface FollowedLink extends LinkKey {
  /** Of the id: src/exchange/state-digest.ts. */
  digest: string;
  /** RFC 3339, as the trace's entry says; null where nobody traced the person by it. */
  traced: string | null;
  relationship: string | null;
  /** The last entry that told of it. */
  by: LedgerPosition;
}

const traces: ReadonlySet<StoredEvent['action']> = new Set(['client.traced', 'client.registered']);

export class FollowedLinks implements EventJudge {
  /** By `linkKey`. Grows with people and organisations, not with entries. */
  readonly links = new Map<string, FollowedLink>();

  misfitOf(event: StoredEvent, by: LedgerPosition): string | undefined {
    const { outcome, action, particulars } = event;
    const [organisation, personId] = [text(event.organisation), uuid(event.person)];
    if (organisation === undefined || personId === undefined) return undefined;
    const key = { organisation, personId };
    if (outcome === 'done' && traces.has(action)) return this.#trace(key, event, by);
    if (outcome !== 'permitted') return undefined;
    const restsOn = readRestsOn(event.decision);
    if (restsOn === 'unclear') return undefined;
    // a notice is decided on by nobody, and tells the id all the same
    const misfit = this.#tell(key, restsOn?.link ?? ownMember(particulars, 'link'), by);
    return misfit ?? (restsOn && this.#rest(key, restsOn, event));
  }

  #trace(key: LinkKey, event: StoredEvent, by: LedgerPosition): string | undefined {
    const { at: traced, particulars } = event;
    const before = this.links.get(linkKey(key));
    const found = before?.relationship ?? null;
    const misfit = this.#tell(key, ownMember(particulars, 'link'), by);
    const link = this.links.get(linkKey(key));
    if (!link) return misfit;
    const held = ownMember(particulars, 'relationshipHeld');
    const relationship = typeof held === 'string' ? held : null;
    this.links.set(linkKey(key), { ...link, traced, relationship });
    const isFound = relationship === (ownMember(particulars, 'relationship') ?? found);
    return (
      misfit ??
      (isFound ? undefined : 'the relationship that it found is not what the trace before it left')
    );
  }

  /** Whoever is only told an id has confirmed nothing by it. */
  #tell(key: LinkKey, digest: unknown, by: LedgerPosition): string | undefined {
    if (typeof digest !== 'string')
      return 'it does not say which id of its organisation it is about';
    const before = this.links.get(linkKey(key));
    if (before && before.digest !== digest) {
      return 'the id that it is about is not the one that entries told of';
    }
    const untraced = { ...key, digest, traced: null, relationship: null };
    this.links.set(linkKey(key), { ...(before ?? untraced), by });
    return undefined;
  }

  #rest(key: LinkKey, restsOn: RestsOn, event: StoredEvent): string | undefined {
    const link = this.links.get(linkKey(key));
    if (restsOn.traced !== (link?.traced ?? null)) {
      return 'the trace that it rests on is not the last one that entries tell of';
    }
    return restsOn.relationship === this.#relationship(link, key, event)
      ? undefined
      : 'the relationship that it rests on is not what the last trace left';
  }

  /** Whoever cares for somebody may refer them: a message rests on its sender's where its recipient has none. */
  #relationship(link: FollowedLink | undefined, { personId }: LinkKey, event: StoredEvent) {
    const own = link?.relationship ?? null;
    const isMessage =
      event.action !== 'record.disclosed' && ownMember(event.particulars, 'kind') === 'message';
    if (own !== null || !isMessage) return own;
    const sender = { organisation: event.custodian ?? '', personId };
    return this.links.get(linkKey(sender))?.relationship ?? null;
  }
}
