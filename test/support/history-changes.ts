/**
 * What single entries of an honest history could have been instead, and what each follower then finds at that entry.
 */
import { type RestsOn, readRestsOn } from '../../src/exchange/rests-on.ts';
import type { JsonObject } from '../../src/ledger/ledger-event.ts';
import type { StoredEvent } from '../../src/ledger/stored-event.ts';
import type { HonestEntry } from './honest-history.ts';

export interface Change {
  title: string;
  followed: 'people' | 'links' | 'contents' | 'endpoints';
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
    title: 'a person registered or traced as somebody else',
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

const unsent = 'what it delivered is nothing that entries published, or sent to its recipient';
const isOfUser = ({ event }: HonestEntry) => event.user !== null;
const isMessage = ({ event }: HonestEntry) => event.particulars?.['kind'] === 'message';
const isDelivered = (entry: HonestEntry) =>
  isPermitted(entry) && entry.event.particulars?.['content'] !== undefined;

const ofContents: readonly Omit<Change, 'followed'>[] = [
  {
    title: 'a delivery of what nobody published or sent',
    found: unsent,
    change: where(
      isDelivered,
      particulars('content', () => ({ content: 'forged' })),
    ),
  },
  {
    title: 'a delivery of something to somebody else than it was sent to',
    found: unsent,
    change: where(
      (entry) => isDelivered(entry) && isMessage(entry),
      ({ event }) => ({ ...event, organisation: 'X99999' }),
    ),
  },
  {
    title: 'a version delivered as of another record',
    found: unsent,
    change: where(
      (entry) => isDelivered(entry) && !isMessage(entry),
      ({ event }) => ({ ...event, custodian: 'X99999' }),
    ),
  },
  {
    title: 'a message delivered for another purpose than it was sent for',
    found: 'the message that it delivered was sent for another purpose',
    change: where(
      (entry) => isDelivered(entry) && isMessage(entry) && !isOfUser(entry),
      ({ event }) => ({ ...event, purpose: 'CAREMGT' }),
    ),
  },
  {
    title: 'something published or sent that keeps to itself what',
    found: 'it does not say what it sent',
    change: where(
      ({ event }) => event.outcome === 'done',
      particulars('content', () => ({ content: null })),
    ),
  },
];

const otherEndpoint = 'the endpoint that it was sent to is not the one that an entry set last';
const isPush = ({ event }: HonestEntry) => event.action === 'delivery.authorised';

const ofEndpoints: readonly Omit<Change, 'followed'>[] = [
  {
    title: 'a push to another endpoint',
    found: otherEndpoint,
    change: particulars('endpoint', () => ({ endpoint: 'another' })),
  },
  {
    title: 'a push to somebody who has no endpoint, that names none',
    found: otherEndpoint,
    change: where(isPush, ({ event }) => ({
      ...{ ...event, organisation: 'X99999' },
      particulars: { kind: 'report' },
    })),
  },
];

export const changes: readonly Change[] = [
  ...ofPeople.map((each) => ({ ...each, followed: 'people' as const })),
  ...ofLinks.map((each) => ({ ...each, followed: 'links' as const })),
  ...ofContents.map((each) => ({ ...each, followed: 'contents' as const })),
  ...ofEndpoints.map((each) => ({ ...each, followed: 'endpoints' as const })),
];
