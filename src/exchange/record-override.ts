/**
 * Recording an override: a fact with its evidence, never a bare header. Who may record which: compulsion
 * the custodian alone, break-glass the requester with a user assertion, safeguarding either.
 */
import { randomUUID } from 'node:crypto';
import { agreementsThatLet } from '../agreements/coverage.ts';
import { isWhoAsks } from '../consent/authoriser.ts';
import { type OverrideDocument, overrideLives } from '../consent/override-record.ts';
import { countOverrides, insertOverride } from '../consent/override-store.ts';
import { asRead } from '../encoding/as-read.ts';
import { type Fault, GatewayError } from '../errors/gateway-error.ts';
import type { SchemaRegistry } from '../records/schema-registry.ts';
import { authorise } from './authorise.ts';
import type { RequestContext } from './caller.ts';
import type { Exchange } from './exchange.ts';
import { maxOverrides, tooMany } from './held-limits.ts';
import { getTracedClient } from './own-client.ts';
import { performWrite, type WriteScope } from './perform-write.ts';
import type { Idempotency, Receipt } from './receipt.ts';
import { overrideDigest } from './state-digest.ts';

export function recordOverride(
  exchange: Exchange,
  request: {
    context: RequestContext;
    client: string;
    override: OverrideDocument;
    idempotency: Idempotency;
  },
): Promise<Receipt> {
  const { context, client, override, idempotency } = request;
  return performWrite(exchange, {
    context,
    action: 'override.recorded',
    event: { recordType: override.recordType },
    idempotency,
    async authorise(scope) {
      const link = await getTracedClient(scope, context, client);
      authorise(scope, context, ['record-overrides'], override.recordType);
      checkRecorder(scope, context, override);
      checkNames(scope, exchange.schemas, override);
      checkTexts(override);
      checkEnd(override, scope.moment.at);
      return link;
    },
    async effect({ tx, moment, event }, { personId }) {
      if ((await countOverrides(tx, personId)) >= maxOverrides) throw tooMany('overrides');
      const id = randomUUID();
      const recordedAt = new Date(moment.at);
      const stored = {
        id,
        personId,
        organisation: override.for,
        recordType: override.recordType,
        document: override,
        expiresAt: Date.parse(override.expires),
        recordedBy: context.caller.odsCode,
      };
      await insertOverride(tx, stored, recordedAt);
      event.digest = overrideDigest(stored, recordedAt);
      event.particulars = { override: id, type: override.type, for: override.for };
      return { receipt: { status: 201, body: { id, ...override } } };
    },
  });
}

function checkRecorder(
  { standing, moment }: WriteScope,
  { caller }: RequestContext,
  { type, recordType, for: served, authoriser }: OverrideDocument,
): void {
  const isCustodian =
    agreementsThatLet(
      standing.agreements,
      { organisation: caller.odsCode, activity: 'publish', recordType },
      moment.at,
    ).length > 0;
  const isRequester = served === caller.odsCode;
  if (type === 'break-glass') {
    if (!isRequester) throw notPermitted('Break-glass is recorded by the organisation it serves.');
    if (!caller.assertion) throw assertionNeeded('Break-glass');
  } else if (type === 'safeguarding') {
    if (!isRequester && !isCustodian) {
      throw notPermitted('A safeguarding override is recorded by its custodian or its requester.');
    }
    // an authoriser who is not the requester can be told from one only where the requester has a name
    if (!isCustodian && !caller.assertion) throw assertionNeeded('Your own safeguarding override');
    const asking = { user: caller.assertion?.subject, userName: caller.assertion?.name };
    if (authoriser !== undefined && isWhoAsks(authoriser, asking)) {
      throw notPermitted('A safeguarding override needs an authoriser who is not its requester.');
    }
  } else if (!isCustodian) {
    throw notPermitted('A court order or statutory duty is recorded by the custodian.');
  }
}

/** An override for nobody, or of nothing, would silently serve nobody. */
function checkNames(
  { standing }: WriteScope,
  schemas: SchemaRegistry,
  { for: served, recordType, sections }: OverrideDocument,
): void {
  const faults: Fault[] = [];
  if (!standing.register.participants.has(served)) {
    faults.push({ pointer: '/for', rule: 'known', detail: 'must be a participant' });
  }
  const known = schemas.find(recordType)?.sections.map(({ name }) => name);
  if (!known) {
    faults.push({ pointer: '/recordType', rule: 'known', detail: 'must be a record type' });
  }
  sections?.forEach((section, i) => {
    if (known?.includes(section)) return;
    const detail = 'must be a section of the record type';
    faults.push({ pointer: `/sections/${i}`, rule: 'known', detail });
  });
  if (faults.length > 0) throw new GatewayError('REQUEST_INVALID', { errors: faults });
}

/** What no reader sees is left blank, whatever the schema's pattern finds in it. */
function checkTexts(override: OverrideDocument): void {
  const errors = (['ref', 'authoriser', 'rationale', 'justification'] as const).flatMap((name) => {
    const text = override[name];
    if (text === undefined || asRead(text) !== '') return [];
    return [{ pointer: `/${name}`, rule: 'blank', detail: 'must hold something to read' }];
  });
  if (errors.length > 0) throw new GatewayError('REQUEST_INVALID', { errors });
}

function checkEnd({ type, expires }: OverrideDocument, at: number): void {
  const end = Date.parse(expires);
  const life = overrideLives[type];
  if (at < end && end <= at + life.ms) return;
  const detail = at < end ? `must be within ${life.text} for ${type}` : 'must lie in the future';
  throw new GatewayError('REQUEST_INVALID', {
    errors: [{ pointer: '/expires', rule: 'period', detail }],
  });
}

function assertionNeeded(what: string): GatewayError {
  return new GatewayError('ASSERTION_NEEDED', {
    detail: `${what} needs a signed user assertion (Authorization: Bearer).`,
  });
}

function notPermitted(detail: string): GatewayError {
  return new GatewayError('NOT_PERMITTED', { detail });
}
