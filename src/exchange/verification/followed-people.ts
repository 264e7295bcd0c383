/**
 * What entries say of people, followed one after the other: the state that each write left, which rises by one, so
 * that no node goes on by what it holds; and that each decision rested on the state that was left last, on as many
 * rows as entries wrote, and on the same as every other decision on that state. A row that was put in or changed for
 * a while, or a node that was kept from hearing, does not fit in. What a registration or a trace found of somebody
 * must be what the registration before it left: numbers that were exchanged for a while would let one be traced as
 * another.
 */
import { ownMember } from '../../encoding/own-member.ts';
import type { LedgerPosition } from '../../ledger/event-store.ts';
import type { StoredEvent } from '../../ledger/stored-event.ts';
import type { EventJudge } from '../../ledger/verification/event-follower.ts';
import { type RestsOn, readRestsOn } from '../rests-on.ts';
import { changeOf, leavesState, uuid } from '../state-claim.ts';

export interface FollowedPerson {
  state: number;
  /** How many rows a decision on it reads. */
  rows: number;
  leftBy: LedgerPosition;
  /** The first decision on this state, refusals among them. */
  rested: { dossier: string; by: LedgerPosition } | undefined;
  /** Digest of the identity as registered last, and by which entry. */
  identity: { digest: string; leftBy: LedgerPosition } | undefined;
}

/** Whose entries say what was found of their person. */
const isFinding: ReadonlySet<StoredEvent['action']> = new Set([
  'client.registered',
  'client.traced',
]);

/** As a person is registered, before anything is recorded of them. */
const unrecorded = { state: 1, rows: 0, rested: undefined, identity: undefined };

export class FollowedPeople implements EventJudge {
  /** By their internal ids. Grows with people, not with entries. */
  readonly people = new Map<string, FollowedPerson>();

  misfitOf(event: StoredEvent, position: LedgerPosition): string | undefined {
    const personId = uuid(event.person);
    if (personId === undefined) return undefined;
    const restsOn = readRestsOn(event.decision);
    if (restsOn !== undefined) return this.#rest(personId, restsOn, position);
    if (event.outcome !== 'done') return undefined;
    const found = isFinding.has(event.action) ? this.#find(personId, event) : undefined;
    return (
      (leavesState(event.action) ? this.#leave(personId, event, position) : undefined) ?? found
    );
  }

  #find(personId: string, { particulars }: StoredEvent): string | undefined {
    const registered = this.people.get(personId)?.identity?.digest ?? null;
    return ownMember(particulars, 'identityFound') === registered
      ? undefined
      : 'what it found of its person is not what was registered';
  }

  #leave(personId: string, event: StoredEvent, leftBy: LedgerPosition): string | undefined {
    const { particulars } = event;
    const before = this.people.get(personId) ?? unrecorded;
    const [state, identity] = [ownMember(particulars, 'state'), ownMember(particulars, 'identity')];
    if (typeof state !== 'number') return 'it does not say which state of its person it left';
    const { isRaised, rows } = changeOf(event);
    this.people.set(personId, {
      ...{ state, leftBy, rows: before.rows + rows },
      rested: before.state === state ? before.rested : undefined,
      identity: typeof identity === 'string' ? { digest: identity, leftBy } : before.identity,
    });
    if (isRaised && state === before.state) {
      return 'it changed rows of its person, and the number of their state did not rise: nodes may have gone on by old ones';
    }
    return state === before.state + (isRaised ? 1 : 0)
      ? undefined
      : 'the state of its person had become another, and no entry says so';
  }

  #rest(personId: string, restsOn: RestsOn | 'unclear', by: LedgerPosition): string | undefined {
    if (restsOn === 'unclear') return 'it does not say what it rests on';
    const person = this.people.get(personId);
    const { state, rows, dossier } = restsOn;
    if (person?.state !== state) {
      return 'the state that it rests on is not the one that entries left last';
    }
    if (person.rows !== rows)
      return 'it rests on more or fewer rows than entries wrote of its person';
    person.rested ??= { dossier, by };
    return person.rested.dossier === dossier
      ? undefined
      : 'it rests on other rows than the first decision on the same state of its person';
  }
}
