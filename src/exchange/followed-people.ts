/**
 * What entries say of people, followed one after the other: the state that each write left, which rises by one, so that
 * no node goes on by what it holds; and that each decision rested on the state that was left last, and on the same as
 * every other decision on it. A row that was put in or changed for a while, or a node that was kept from hearing, does
 * not fit into the sequence. What a registration found must be what the one before it left.
 */
import { ownMember } from '../encoding/own-member.ts';
import type { LedgerPosition } from '../ledger/event-store.ts';
import type { StoredEvent } from '../ledger/stored-event.ts';
import type { EventFollower } from '../ledger/verification/event-follower.ts';
import { leavesState, raisesState, uuid } from './state-claim.ts';

export interface FollowedPerson {
  state: number;
  leftBy: LedgerPosition;
  /** Of the decisions on this state: what they rested on, and the last of them. */
  rested: { dossier: string; by: LedgerPosition } | undefined;
  /** Digest of the identity as registered last, and by which entry. */
  identity: { digest: string; leftBy: LedgerPosition } | undefined;
}

/** As a person is registered, before anything is recorded of them. */
const firstState = 1;

export class FollowedPeople implements EventFollower {
  /** By their internal ids. Grows with people, not with entries. */
  readonly people = new Map<string, FollowedPerson>();
  #hasMissed = false;

  /** It may have been one that left another state. */
  miss(): void {
    this.#hasMissed = true;
  }

  faultOf(event: StoredEvent, position: LedgerPosition): string | undefined {
    const fault = this.#follow(event, position);
    return this.#hasMissed ? undefined : fault;
  }

  #follow(event: StoredEvent, position: LedgerPosition): string | undefined {
    const { action, outcome, decision, particulars } = event;
    const personId = uuid(event.person);
    if (personId === undefined) return undefined;
    if (outcome === 'permitted' && decision) {
      return this.#rest(personId, ownMember(decision, 'restsOn'), position);
    }
    if (outcome !== 'done' || !leavesState(action)) return undefined;
    const before = this.people.get(personId);
    const isOther = action === 'client.registered' && isOtherThanFound(before, particulars);
    const fault = this.#leave(personId, event, position);
    return (
      fault ?? (isOther ? 'what it found of its person is not what was registered' : undefined)
    );
  }

  #leave(personId: string, event: StoredEvent, leftBy: LedgerPosition): string | undefined {
    const state = ownMember(event.particulars, 'state');
    if (typeof state !== 'number') return 'it does not say which state of its person it left';
    const before = this.people.get(personId);
    const isRaised = raisesState(event);
    const digest = ownMember(event.particulars, 'identity');
    this.people.set(personId, {
      ...{ state, leftBy },
      rested: before?.state === state ? before.rested : undefined,
      identity: typeof digest === 'string' ? { digest, leftBy } : before?.identity,
    });
    const expected = (before?.state ?? firstState) + (isRaised ? 1 : 0);
    if (state === expected) return undefined;
    return isRaised && state < expected
      ? 'what it wrote left the state of its person as it was, so that nodes went on by what they held'
      : 'the state of its person had changed, and no entry says so';
  }

  #rest(personId: string, restsOn: unknown, by: LedgerPosition): string | undefined {
    const [state, dossier] = [ownMember(restsOn, 'state'), ownMember(restsOn, 'dossier')];
    if (typeof state !== 'number' || typeof dossier !== 'string') {
      return 'it does not say which state of its person it rests on';
    }
    const person = this.people.get(personId);
    if (person?.state !== state) return 'the state that it rests on is not what the entries left';
    const { rested } = person;
    person.rested = { dossier, by };
    return rested === undefined || rested.dossier === dossier
      ? undefined
      : 'it and the decision before it rest on the same state of their person, and not on the same rows';
  }
}

/** Null stands for somebody new. */
function isOtherThanFound(
  before: FollowedPerson | undefined,
  particulars: StoredEvent['particulars'],
): boolean {
  return ownMember(particulars, 'identityFound') !== (before?.identity?.digest ?? null);
}
