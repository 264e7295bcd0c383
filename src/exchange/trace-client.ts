/**
 * Tracing: an identity is confirmed once, and the organisation gets its own id for the person. Every kind
 * of no is one answer, and failures are limited, so that nobody can ask who is known here.
 */

import { agreementsOf, agreementsThatLet } from '../agreements/coverage.ts';
import { newClientId } from '../clients/client-id.ts';
import { findFacts } from '../clients/fact-store.ts';
import { countFailedTrace, findFailedTraces, hourOf } from '../clients/failed-trace-store.ts';
import { confirmLink } from '../clients/link-store.ts';
import { factsAt } from '../clients/person-facts.ts';
import { findPersonsByIdentifiers, type Person } from '../clients/person-store.ts';
import { keyedDigest } from '../encoding/opaque-token.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { authorise } from './authorise.ts';
import type { RequestContext } from './caller.ts';
import type { Exchange } from './exchange.ts';
import { heldIdentity } from './held-identity.ts';
import { notFound } from './own-client.ts';
import { type Effect, keptRefusal, performWrite, type WriteScope } from './perform-write.ts';
import type { Receipt } from './receipt.ts';
import { registerPerson } from './register-person.ts';
import { linkDigest } from './state-digest.ts';
import { readIdentity, type TracedIdentity, type TraceRequest } from './traced-identity.ts';

const verified = '01';

/** 200 with the caller's own id for the person; 201 where the person was registered by it. */
export function traceClient(
  exchange: Exchange,
  request: { context: RequestContext; trace: TraceRequest },
): Promise<Receipt> {
  const { context, trace } = request;
  return performWrite(exchange, {
    context,
    action: trace.register ? 'client.registered' : 'client.traced',
    idempotency: undefined,
    async authorise(scope) {
      if (trace.register) authorise(scope, context, ['register']);
      else authoriseTrace(scope, context);
      return readIdentity(exchange.identitySchemes, context.caller.odsCode, trace);
    },
    async effect(scope, identity) {
      if (trace.register) {
        const registered = await registerPerson(scope, context, trace, identity);
        if (registered.kind === 'conflict') return keptRefusal(registered.error);
        const status = registered.kind === 'created' ? 201 : 200;
        return traced(scope, context, trace, registered.personId, status);
      }
      const person = await findTraced(exchange, scope, context, identity);
      if (person instanceof GatewayError) return keptRefusal(person);
      scope.event.particulars = { identityFound: await heldIdentity(scope.tx, person.id) };
      return traced(scope, context, trace, person.id, 200);
    },
  });
}

function authoriseTrace({ standing, moment }: WriteScope, { caller }: RequestContext): void {
  if (agreementsOf(standing.agreements, caller.odsCode, moment.at).length > 0) return;
  throw new GatewayError('NO_SHARING_AGREEMENT');
}

/** The person, or the refusal; a failure is counted, so it must not be undone by throwing. */
async function findTraced(
  exchange: Exchange,
  scope: WriteScope,
  context: RequestContext,
  identity: TracedIdentity,
): Promise<Person | GatewayError> {
  const { tx, moment, event } = scope;
  const hour = hourOf(moment.at);
  const { odsCode } = context.caller;
  const { system, value } = identity.identifier;
  const ofOrganisation = `organisation ${odsCode}`;
  const ofNumber = `number ${keyedDigest(exchange.macKey, 'failed-trace', odsCode, system, value)}`;
  const failures = await findFailedTraces(tx, [ofOrganisation, ofNumber], hour);
  const { failedTracesPerHour, failedTracesPerNumberPerHour } = exchange.limits;
  if (
    (failures.get(ofOrganisation) ?? 0) >= failedTracesPerHour ||
    (failures.get(ofNumber) ?? 0) >= failedTracesPerNumberPerHour
  ) {
    return notFound('TRACE_LIMIT_REACHED');
  }
  const [person] = await findPersonsByIdentifiers(tx, [identity.identifier]);
  if (person) event.person = person.id;
  const reason = person ? await mismatch(scope, context, identity, person) : 'NO_MATCH';
  if (person && !reason) return person;
  await countFailedTrace(tx, [ofOrganisation, ofNumber], hour);
  return notFound(reason ?? 'NO_MATCH');
}

async function mismatch(
  scope: WriteScope,
  { caller }: RequestContext,
  identity: TracedIdentity,
  person: Person,
): Promise<string | undefined> {
  if (person.birthDate !== identity.birthDate) return 'IDENTITY_MISMATCH';
  if (identity.nameKey === '' || !person.nameKeys.includes(identity.nameKey)) {
    return 'IDENTITY_NAME_MISMATCH';
  }
  const { nhsNumberStatus } = await factsOf(scope, person.id);
  // who registers people works with those whose number is yet to be verified
  const isRegistrar = registrarsAgreements(scope, caller.odsCode).length > 0;
  return nhsNumberStatus === verified || isRegistrar ? undefined : 'IDENTITY_UNVERIFIED';
}

function registrarsAgreements({ standing, moment }: WriteScope, organisation: string) {
  return agreementsThatLet(standing.agreements, { organisation, activity: 'register' }, moment.at);
}

async function factsOf({ tx, moment }: WriteScope, personId: string) {
  return factsAt((await findFacts(tx, [personId])).get(personId) ?? [], moment.at);
}

async function traced(
  scope: WriteScope,
  { caller }: RequestContext,
  trace: TraceRequest,
  personId: string,
  status: 200 | 201,
): Promise<Effect> {
  const { tx, moment, event, standing } = scope;
  event.person = personId;
  const claimed = trace.relationship?.kind ?? null;
  const key = { organisation: caller.odsCode, personId };
  const { client, relationship } = await confirmLink(tx, {
    ...{ ...key, tracedAt: new Date(moment.at), relationship: claimed },
    client: newClientId(),
  });
  event.particulars = {
    ...event.particulars,
    relationship: claimed,
    relationshipHeld: relationship,
    link: linkDigest({ ...key, client }),
  };
  const freshness = agreementsOf(standing.agreements, caller.odsCode, moment.at).map(
    ({ traceFreshnessMs }) => traceFreshnessMs,
  );
  const { nhsNumberStatus } = await factsOf(scope, personId);
  return {
    receipt: {
      status,
      body: {
        client,
        traceValidUntil: new Date(moment.at + Math.min(...freshness)).toISOString(),
        identity: { nhsNumberStatus },
      },
    },
  };
}
