/**
 * What a ledger tells of some people when nobody tampers: entries of writes, traces, decisions and refusals, in the
 * order of given steps and with the members that followers read. The model is small and its own: what it says does not
 * come from the code that is tested with it.
 */
import fc from 'fast-check';
import type { RestsOn } from '../../src/exchange/rests-on.ts';
import { endpointDigest } from '../../src/exchange/state-digest.ts';
import { type JsonObject, type LedgerEvent, ledgerEvent } from '../../src/ledger/ledger-event.ts';
import type { StoredEvent } from '../../src/ledger/stored-event.ts';

const steps = [
  ...['register', 'register again', 'facts', 'consent', 'withdraw', 'withdraw again', 'override'],
  ...['publish again', 'trace', 'claim', 'pull', 'own record', 'refuse', 'refuse early'],
  ...['publish', 'retract', 'send', 'record', 'message', 'read record', 'read message', 'notice'],
  ...['set endpoint', 'remove endpoint', 'suspend', 'restore', 'search'],
] as const;

export interface Step {
  kind: (typeof steps)[number];
  person: number;
  organisation: number;
  /** How many facts. */
  rows: number;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...steps),
  person: fc.nat({ max: 2 }),
  organisation: fc.nat({ max: 1 }),
  rows: fc.nat({ max: 3 }),
});

export const anySteps = fc.array(anyStep, { minLength: 1, maxLength: 40, size: 'max' });

export interface HonestEntry {
  event: StoredEvent;
  /** Whether an entry before it decided on the same state of the same person. */
  isRestedBefore: boolean;
  /** Whether an entry before it told of the id. */
  isToldBefore: boolean;
  /** The relationship of the organisation whose record or message it is. */
  ofCustodian: string | null;
}

interface Person {
  state: number;
  rows: number;
  identity: string | null;
  isRested: boolean;
  /** Contents of the record's versions, until it is taken back. */
  published: readonly string[];
  /** Contents of messages by recipient. */
  sent: Readonly<Record<string, string>>;
}

interface Link {
  traced: string | null;
  relationship: string | null;
}

/** Of the last organisation are the records and messages; a claim is its own. */
const organisations = ['X81001', 'X82002', 'X09SC'] as const;
const custodian = 'X09SC';

export function personIdOf(person: number): string {
  return `0193a0de-0000-7000-8000-00000000000${person}`;
}

export function honestHistory(given: readonly Step[]): readonly HonestEntry[] {
  const people = new Map<number, Person>();
  const links = new Map<string, Link>();
  /** URLs by organisation. */
  const endpoints = new Map<string, string>();
  const suspended = new Set<string>();
  const entries: HonestEntry[] = [];
  for (const step of given) {
    for (const kind of firstOf(step)) entries.push(...enter({ ...step, kind }));
    entries.push(...enter(step));
  }
  return entries;

  /**
   * What must have been before: nobody is asked about before they are registered, nothing delivered before it is
   * sent.
   */
  function firstOf({ kind, person: number, organisation: place }: Step): readonly Step['kind'][] {
    const person = people.get(number);
    const organisation = organisations[place] ?? custodian;
    const isPush = kind === 'record' || kind === 'message' || kind === 'notice';
    const isOfRecord = kind === 'record' || kind === 'read record' || kind === 'retract';
    const isOfMessage = kind === 'message' || kind === 'read message';
    return [
      ...(person || kind === 'register' ? [] : (['register'] as const)),
      ...(isOfRecord && !person?.published.length ? (['publish'] as const) : []),
      ...(isOfMessage && !person?.sent[organisation] ? (['send'] as const) : []),
      ...(isPush && !endpoints.has(organisation) ? (['set endpoint'] as const) : []),
      ...(isPush && suspended.has(organisation) ? (['restore'] as const) : []),
    ];
  }

  function enter({
    kind,
    person: number,
    organisation: place,
    rows,
  }: Step): readonly HonestEntry[] {
    const at = new Date(Date.parse('2026-11-20T09:00:00Z') + entries.length * 1_000).toISOString();
    const unknown = { state: 1, rows: 0, identity: null, isRested: false, published: [], sent: {} };
    const person: Person = people.get(number) ?? unknown;
    people.set(number, person);
    const isCustodians = ['register', 'register again', 'own record'].includes(kind);
    const organisation = isCustodians ? custodian : (organisations[place] ?? custodian);
    const key = `${organisation} ${number}`;
    const before = links.get(key);
    const held = before ?? { traced: null, relationship: null };
    const ofCustodian = links.get(`${custodian} ${number}`)?.relationship ?? null;
    const isRestedBefore = person.isRested;
    const link = `the id of ${key}`;

    function add(said: Pick<LedgerEvent, 'action' | 'outcome'> & Partial<LedgerEvent>) {
      const event = {
        ...ledgerEvent({ organisation, person: personIdOf(number), digest: 'rows', ...said }),
        ...{ id: personIdOf(number), at },
      };
      return [{ event, isRestedBefore, isToldBefore: before !== undefined, ofCustodian }];
    }

    /** So many rows more, in a state of its own, unless it changes nothing. */
    function write(action: LedgerEvent['action'], more: number, particulars: JsonObject) {
      const isRaised = particulars['repeated'] !== true && (more > 0 || !('rows' in particulars));
      person.state += isRaised ? 1 : 0;
      person.rows += more;
      if (isRaised) person.isRested = false;
      return add({
        ...{ action, outcome: 'done', recordType: 'social-care-summary', custodian },
        particulars: { ...particulars, stored: 'row', state: person.state },
      });
    }

    function confirm(relationship: string | null): JsonObject {
      const relationshipHeld = relationship ?? held.relationship;
      links.set(key, { traced: at, relationship: relationshipHeld });
      return { link, relationship, relationshipHeld };
    }

    function publish(version: number) {
      const content = `${number} at ${at}`;
      person.published = [...person.published, content];
      return write('record.published', version === 1 ? 1 : 0, { version, content });
    }

    /** To an inbox, where a user may read it for a purpose of their own. */
    function deliver(kind: 'record' | 'message', action: 'delivery.authorised' | 'inbox.read') {
      const content =
        kind === 'record' ? (person.published.at(-1) ?? '') : (person.sent[organisation] ?? '');
      const isPush = action === 'delivery.authorised';
      const by = isPush || rows === 0 ? { purpose: 'TREAT' } : { purpose: 'CAREMGT', user: 'dr-1' };
      const endpoint = endpointDigest(endpoints.get(organisation) ?? null, null);
      return decide('permitted', {
        ...{ action, recordType: 'social-care-summary', ...by },
        particulars: { kind, content, ...(isPush && { endpoint }) },
      });
    }

    function operate(action: LedgerEvent['action'], particulars: JsonObject = {}) {
      const said = { odsCode: organisation, ...particulars };
      return add({ action, outcome: 'done', person: null, organisation: null, particulars: said });
    }

    function registered(names: string): JsonObject {
      const identityFound = person.identity;
      person.identity = names;
      return { ...confirm('registered'), identity: names, identityFound };
    }

    function decide(outcome: 'permitted' | 'refused', said: Partial<LedgerEvent>) {
      person.isRested = true;
      if (outcome === 'permitted') links.set(key, held);
      const { state, rows } = person;
      const borrowed = said.particulars?.['kind'] === 'message' ? ofCustodian : null;
      const decision = {
        restsOn: {
          ...{ link, state, rows, dossier: `${number} as of ${state}`, traced: held.traced },
          relationship: held.relationship ?? borrowed,
        } satisfies RestsOn,
      };
      return add({ action: 'record.disclosed', custodian, decision, ...said, outcome });
    }

    const id = personIdOf(number);
    switch (kind) {
      case 'register':
        if (person.identity !== null) return [];
        person.state += 1;
        person.rows += 1;
        return add({
          ...{ action: 'client.registered', outcome: 'done' },
          particulars: { ...registered('a name'), rows: [1], state: person.state },
        });
      case 'register again':
        return add({
          ...{ action: 'client.registered', outcome: 'done' },
          particulars: { ...registered(`a name, and ${at}`), state: person.state },
        });
      case 'facts':
        return write('facts.recorded', rows, { rows: Array.from({ length: rows }, (_, i) => i) });
      case 'consent':
        return write('consent.recorded', 1, { consent: id, version: 1 });
      case 'withdraw':
        return write('consent.withdrawn', 0, { consent: id, version: 2 });
      case 'withdraw again':
        return write('consent.withdrawn', 0, { consent: id, version: 2, repeated: true });
      case 'override':
        return write('override.recorded', 1, { override: id });
      case 'publish':
        return publish(1);
      case 'publish again':
        return publish(2);
      case 'retract':
        person.published = [];
        return write('record.retracted', 0, { version: 3 });
      case 'trace':
      case 'claim': {
        const claimed = confirm(kind === 'claim' ? 'patient' : null);
        const particulars = { ...claimed, identityFound: person.identity };
        return add({ action: 'client.traced', outcome: 'done', particulars });
      }
      case 'pull':
      case 'own record':
        return decide('permitted', {});
      case 'refuse':
        return decide('refused', {});
      case 'refuse early':
        return add({ action: 'record.disclosed', outcome: 'refused' });
      case 'message':
      case 'record':
        return deliver(kind, 'delivery.authorised');
      case 'read message':
        return deliver('message', 'inbox.read');
      case 'read record':
        return deliver('record', 'inbox.read');
      case 'notice': {
        links.set(key, held);
        const endpoint = endpointDigest(endpoints.get(organisation) ?? null, null);
        return add({
          ...{ action: 'delivery.authorised', outcome: 'permitted', custodian },
          particulars: { kind: 'report', link, endpoint },
        });
      }
      case 'send': {
        const content = `a message of ${number} at ${at}`;
        person.sent = { ...person.sent, [organisation]: content };
        return add({
          ...{ action: 'message.sent', outcome: 'done', organisation: custodian, purpose: 'TREAT' },
          particulars: { message: id, recipient: organisation, content },
        });
      }
      case 'set endpoint':
        endpoints.set(organisation, `https://${organisation}/${at}`);
        return operate('endpoint.set', { url: endpoints.get(organisation) ?? '' });
      case 'remove endpoint':
        endpoints.delete(organisation);
        return operate('endpoint.removed');
      case 'suspend':
        suspended.add(organisation);
        return operate('participant.suspended');
      case 'restore':
        suspended.delete(organisation);
        return operate('participant.restored');
      case 'search':
        return add({ action: 'audit.read', outcome: 'permitted', person: null });
    }
  }
}
