/**
 * Registering a person. Somebody new is added; somebody known, of whom nothing differs, is found; whatever
 * contradicts what is held is queued for people to look at. Nothing is ever merged.
 */
import { randomUUID } from 'node:crypto';
import { agreementsThatLet } from '../agreements/coverage.ts';
import { findFacts } from '../clients/fact-store.ts';
import { factsAt } from '../clients/person-facts.ts';
import {
  findPersonsByIdentifiers,
  type Identifier,
  insertIdentifiers,
  insertNames,
  insertPerson,
  insertRegistrationConflict,
  type Person,
} from '../clients/person-store.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { RequestContext } from './caller.ts';
import { heldIdentity } from './held-identity.ts';
import { maxIdentifiers, maxNames, tooMany } from './held-limits.ts';
import { keepFacts } from './keep-facts.ts';
import type { WriteScope } from './perform-write.ts';
import { isSameIdentifier, type TracedIdentity, type TraceRequest } from './traced-identity.ts';

export type Registered =
  | { kind: 'created' | 'known'; personId: string }
  | { kind: 'conflict'; error: GatewayError };

export async function registerPerson(
  scope: WriteScope,
  context: RequestContext,
  trace: TraceRequest,
  identity: TracedIdentity,
): Promise<Registered> {
  const { tx } = scope;
  if (identity.nameKey === '') {
    throw new GatewayError('IDENTITY_INVALID', {
      detail: 'Check the family name against its source: it has no letters to compare.',
      errors: [{ pointer: '/familyName', rule: 'letters', detail: 'must have letters' }],
    });
  }
  if (Date.parse(identity.birthDate) > scope.moment.at) {
    throw new GatewayError('IDENTITY_INVALID', {
      detail: 'Check the birth date against its source: it lies in the future.',
      errors: [{ pointer: '/birthDate', rule: 'past', detail: 'must not lie in the future' }],
    });
  }
  const found = await findPersonsByIdentifiers(tx, [identity.identifier, ...identity.localIds]);
  if (contradictsItself(identity)) return queueConflict(scope, context, trace, found);
  const [known, ...others] = found;
  if (!known) return create(scope, context, trace, identity);
  const isStatusNew = await differsInStatus(scope, known.id, trace.nhsNumberStatus);
  const mayState = agreementsThatLet(
    scope.standing.agreements,
    { organisation: context.caller.odsCode, activity: 'record-facts' },
    scope.moment.at,
  );
  const contradictsStatus = isStatusNew && mayState.length === 0;
  if (others.length > 0 || contradictsStatus || contradicts(known, identity)) {
    return queueConflict(scope, context, trace, found);
  }
  scope.event.person = known.id;
  const names = identity.previousNameKeys.filter((key) => !known.nameKeys.includes(key));
  const localIds = identity.localIds.filter((id) => !holds(known, id));
  if (isBeyond(maxNames, known.nameKeys, names)) throw tooMany('names');
  if (isBeyond(maxIdentifiers, known.identifiers, localIds)) throw tooMany('identifiers');
  const identityFound = await heldIdentity(tx, known.id);
  await insertNames(tx, known.id, names, false);
  await insertIdentifiers(tx, known.id, localIds);
  if (isStatusNew) await recordStatus(scope, context, known.id, trace.nhsNumberStatus);
  return registered(scope, 'known', known.id, identityFound);
}

/** Two numbers within one scheme: one of them is somebody else's, who would be one with this person ever after. */
function contradictsItself({ identifier, localIds }: TracedIdentity): boolean {
  const systems = [identifier, ...localIds].map(({ system }) => system);
  return new Set(systems).size < systems.length;
}

/** What adds nothing is in order, however much is held. */
function isBeyond(max: number, held: readonly unknown[], added: readonly unknown[]): boolean {
  return added.length > 0 && held.length + added.length > max;
}

/** Another birth date, a name that was never theirs, or a number that differs within its own scheme. */
function contradicts(known: Person, identity: TracedIdentity): boolean {
  return (
    known.birthDate !== identity.birthDate ||
    !known.nameKeys.includes(identity.nameKey) ||
    [identity.identifier, ...identity.localIds].some(
      (given) =>
        known.identifiers.some(({ system }) => system === given.system) && !holds(known, given),
    ) ||
    !holds(known, identity.identifier)
  );
}

function holds({ identifiers }: Person, given: Identifier): boolean {
  return identifiers.some((held) => isSameIdentifier(held, given));
}

/** One request says fewer names and identifiers than a person may have (schemas/api/trace-request.json). */
async function create(
  scope: WriteScope,
  context: RequestContext,
  trace: TraceRequest,
  identity: TracedIdentity,
): Promise<Registered> {
  const { tx, moment } = scope;
  const personId = randomUUID();
  await insertPerson(tx, {
    id: personId,
    birthDate: identity.birthDate,
    nameKey: identity.nameKey,
    previousNameKeys: identity.previousNameKeys,
    identifiers: [identity.identifier, ...identity.localIds],
    registeredBy: context.caller.odsCode,
    at: new Date(moment.at),
  });
  await recordStatus(scope, context, personId, trace.nhsNumberStatus);
  return registered(scope, 'created', personId, null);
}

/** The entry says what was held of them and what is now: `jetway ledger verify` compares both. */
async function registered(
  { tx, event }: WriteScope,
  kind: 'created' | 'known',
  personId: string,
  identityFound: string | null,
): Promise<Registered> {
  const identity = await heldIdentity(tx, personId);
  event.particulars = { ...event.particulars, identity, identityFound };
  return { kind, personId };
}

async function differsInStatus(
  { tx, moment }: WriteScope,
  personId: string,
  nhsNumberStatus: string | undefined,
): Promise<boolean> {
  if (nhsNumberStatus === undefined) return false;
  const held = factsAt((await findFacts(tx, [personId])).get(personId) ?? [], moment.at);
  return held.nhsNumberStatus !== nhsNumberStatus;
}

async function recordStatus(
  scope: WriteScope,
  context: RequestContext,
  personId: string,
  nhsNumberStatus: string | undefined,
): Promise<void> {
  if (nhsNumberStatus === undefined) return;
  const from = scope.moment.at;
  const entry = { name: 'nhsNumberStatus', value: nhsNumberStatus, from };
  await keepFacts(scope, context, personId, [entry]);
}

async function queueConflict(
  { tx, moment, event }: WriteScope,
  { caller }: RequestContext,
  trace: TraceRequest,
  found: readonly Person[],
): Promise<Registered> {
  const id = randomUUID();
  await insertRegistrationConflict(tx, {
    id,
    organisation: caller.odsCode,
    request: trace,
    personIds: found.map((person) => person.id),
    at: new Date(moment.at),
  });
  event.particulars = { conflict: id };
  return {
    kind: 'conflict',
    error: new GatewayError('REGISTRATION_CONFLICT', {
      detail:
        'The registration contradicts what is held, or itself. It was queued for review; nothing was changed. ' +
        'If your data are right, tell the gateway operator the id in `conflict`.',
      extensions: { conflict: id },
    }),
  };
}
