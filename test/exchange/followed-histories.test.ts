/**
 * Entries of people and of ids, followed from the first one on: whatever honest gateways write in whatever order fits
 * in, and no single thing of it could have been another.
 */
import fc from 'fast-check';
import t from 'tap';
import { FollowedLinks } from '../../src/exchange/followed-links.ts';
import { FollowedPeople } from '../../src/exchange/followed-people.ts';
import { type RestsOn, readRestsOn } from '../../src/exchange/rests-on.ts';
import type { JsonObject } from '../../src/ledger/ledger-event.ts';
import type { StoredEvent } from '../../src/ledger/stored-event.ts';
import { type EventJudge, untilMissed } from '../../src/ledger/verification/event-follower.ts';
import { anySteps, type HonestEntry, honestHistory, type Step } from '../support/honest-history.ts';

const followers = { people: FollowedPeople, links: FollowedLinks };
type Followed = keyof typeof followers;

function faultsOf(follower: EventJudge, events: readonly StoredEvent[]) {
  return events.map((event, index) => follower.faultOf(event, { log: 1, index }));
}

t.test('whatever honest gateways write of whomever, in any order, fits in', async () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const events = honestHistory(steps).map(({ event }) => event);
      return Object.values(followers).every((Follower) =>
        faultsOf(new Follower(), events).every((fault) => fault === undefined),
      );
    }),
  );
});

interface Change {
  title: string;
  followed: Followed;
  found: string;
  /** Undefined where the entry is none of which this could be changed. */
  change(entry: HonestEntry): StoredEvent | undefined;
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : Number.NaN);

/** Of what an entry says it wrote, where it says that at all. */
function particulars(name: string, change: (value: unknown, said: JsonObject) => JsonObject) {
  return ({ event }: HonestEntry) => {
    const said = event.particulars;
    if (!said || !(name in said)) return undefined;
    return { ...event, particulars: { ...said, ...change(said[name], said) } };
  };
}

/** Of what a decision says it rests on. */
function rested(change: (said: RestsOn) => JsonObject | undefined) {
  return ({ event }: HonestEntry) => {
    const said = readRestsOn(event.decision);
    const changed = typeof said === 'object' ? change(said) : undefined;
    if (typeof said !== 'object' || !changed) return undefined;
    return { ...event, decision: { ...event.decision, restsOn: { ...said, ...changed } } };
  };
}

function where(holds: (entry: HonestEntry) => boolean, change: Change['change']): Change['change'] {
  return (entry) => (holds(entry) ? change(entry) : undefined);
}
const isPermitted = ({ event }: HonestEntry) => event.outcome === 'permitted';
const isRaising = ({ event: { particulars: said } }: HonestEntry) =>
  said !== null &&
  said['repeated'] !== true &&
  !(Array.isArray(said['rows']) && said['rows'].length === 0) &&
  !('identity' in said && !('rows' in said));

const otherState = 'the state that it rests on is not the one that entries left last';
const otherCount = 'it rests on more or fewer rows than entries wrote of its person';
const unraised =
  'it changed rows of its person, and the number of their state did not rise: nodes may have gone on by old ones';
const becameAnother = 'the state of its person had become another, and no entry says so';
const otherIdentity = 'what it found of its person is not what was registered';
const otherLink = 'the id that it is about is not the one that entries told of';
const noLink = 'it does not say which id of its organisation it is about';
const otherTrace = 'the trace that it rests on is not the last one that entries tell of';
const otherClaim = 'the relationship that it rests on is not what the last trace left';
const otherFound = 'the relationship that it found is not what the trace before it left';

const ofPeople: readonly Omit<Change, 'followed'>[] = [
  {
    title: 'a write that left the state as it was',
    found: unraised,
    change: where(
      isRaising,
      particulars('state', (state) => ({ state: numberOf(state) - 1 })),
    ),
  },
  {
    title: 'a state raised once more than entries say',
    found: becameAnother,
    change: particulars('state', (state) => ({ state: numberOf(state) + 1 })),
  },
  {
    title: 'a state set back further than it was',
    found: becameAnother,
    change: particulars('state', (state) => ({ state: numberOf(state) - 2 })),
  },
  {
    title: 'a write that does not say which state it left',
    found: 'it does not say which state of its person it left',
    change: particulars('state', () => ({ state: null })),
  },
  {
    title: 'a person registered as somebody else before',
    found: otherIdentity,
    change: particulars('identityFound', () => ({ identityFound: 'another name' })),
  },
  {
    title: 'a row that was there for a while',
    found: otherCount,
    change: rested(({ rows }) => ({ rows: rows + 1 })),
  },
  {
    title: 'a row that was away for a while',
    found: otherCount,
    change: rested(({ rows }) => ({ rows: rows - 1 })),
  },
  {
    title: 'a decision or refusal on the state before, by a node that was kept from hearing',
    found: otherState,
    change: rested(({ state }) => ({ state: state - 1 })),
  },
  {
    title: 'a decision on a state that no entry left yet',
    found: otherState,
    change: rested(({ state }) => ({ state: state + 1 })),
  },
  {
    title: 'two decisions on one state that read different rows',
    found: 'it rests on other rows than the first decision on the same state of its person',
    change: where(
      ({ isRestedBefore }) => isRestedBefore,
      rested(() => ({ dossier: 'of others' })),
    ),
  },
  {
    title: 'a decision that does not say what it rests on',
    found: 'it does not say what it rests on',
    change: ({ event }) => (event.decision ? { ...event, decision: {} } : undefined),
  },
  ...['dossier', 'link', 'relationship', 'rows', 'state', 'traced'].map((member) => ({
    title: `a decision that keeps ${member} to itself`,
    found: 'it does not say what it rests on',
    change: rested(() => ({ [member]: false })),
  })),
];

const ofLinks: readonly Omit<Change, 'followed'>[] = [
  {
    title: 'a decision by an id that was pointed at somebody else',
    found: otherLink,
    change: where(
      (entry) => isPermitted(entry) && entry.isToldBefore,
      rested(() => ({ link: 'of another' })),
    ),
  },
  {
    title: 'a trace or a notice that told another id',
    found: otherLink,
    change: where(
      ({ isToldBefore }) => isToldBefore,
      particulars('link', () => ({ link: 'of another' })),
    ),
  },
  {
    title: 'a trace or a notice that does not tell the id',
    found: noLink,
    change: particulars('link', () => ({ link: null })),
  },
  {
    title: 'a disclosure that says nothing of a decision',
    found: noLink,
    change: where(
      (entry) => isPermitted(entry) && entry.event.decision !== null,
      ({ event }) => ({ ...event, decision: null }),
    ),
  },
  {
    title: 'a trace made fresh for a while',
    found: otherTrace,
    change: where(
      isPermitted,
      rested(() => ({ traced: '2026-11-20T10:00:00.000Z' })),
    ),
  },
  {
    title: 'a trace that was forgotten for a while',
    found: otherTrace,
    change: where(
      isPermitted,
      rested(({ traced }) => (traced === null ? undefined : { traced: null })),
    ),
  },
  {
    title: 'a relationship that nobody claimed',
    found: otherClaim,
    change: where(
      isPermitted,
      rested(() => ({ relationship: 'relative' })),
    ),
  },
  {
    title: "a pull or a record that rests on its custodian's relationship, as messages alone may",
    found: otherClaim,
    change: (entry) => {
      const { event, ofCustodian } = entry;
      const isMessage = event.particulars?.['kind'] === 'message';
      if (!isPermitted(entry) || isMessage || ofCustodian === null) return undefined;
      return rested(({ relationship }) =>
        relationship === null ? { relationship: ofCustodian } : undefined,
      )(entry);
    },
  },
  {
    title: 'a relationship edited before a trace that claims none',
    found: otherFound,
    change: particulars('relationshipHeld', () => ({ relationshipHeld: 'relative' })),
  },
];

const changes: readonly Change[] = [
  ...ofPeople.map((each) => ({ ...each, followed: 'people' as const })),
  ...ofLinks.map((each) => ({ ...each, followed: 'links' as const })),
];

/** The history with one entry of it changed, which `place` selects among those that can be. */
function changedOnce(steps: readonly Step[], { change }: Change, place: number) {
  const history = honestHistory(steps);
  const able = history.flatMap((entry, index) => {
    const event = change(entry);
    return event ? [{ event, index }] : [];
  });
  const changed = able[place % Math.max(1, able.length)];
  fc.pre(changed !== undefined);
  const { event, index } = changed ?? { event: undefined, index: 0 };
  const events = history.map((entry) => entry.event);
  return { events: event ? events.with(index, event) : events, index };
}

for (const change of changes) {
  t.test(`finds ${change.title}, at its entry`, async () => {
    fc.assert(
      fc.property(anySteps, fc.nat(), (steps, place) => {
        const { events, index } = changedOnce(steps, change, place);
        const faults = faultsOf(new followers[change.followed](), events);
        const { person } = events[index] ?? {};
        return faults.every((fault, i) => {
          if (i === index) return fault === change.found;
          // what comes after it may not fit to it, but nobody else is told of
          return fault === undefined || (i > index && events[i]?.person === person);
        });
      }),
    );
  });
}

t.test('where an entry could not be read, nothing is told of those behind it', async () => {
  const anyChange = fc.constantFrom(...changes);
  fc.assert(
    fc.property(anySteps, fc.nat(), anyChange, (steps, place, change) => {
      const { events, index } = changedOnce(steps, change, place);
      const follower = untilMissed(new followers[change.followed]());
      const before = faultsOf(follower, events.slice(0, index));
      follower.miss();
      const faults = [...before, ...faultsOf(follower, events.slice(index))];
      return faults.every((fault) => fault === undefined);
    }),
  );
});
