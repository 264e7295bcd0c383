/**
 * What the ledger records of one act: the payload that a leaf commits to, and the narrow row by which
 * it is searched. Field names are those of the audit API; `person` is the gateway's own id, which the API
 * replaces by the reader's.
 */
import { canonicalJson } from '../encoding/canonical-json.ts';

export const actions = [
  'door.refused',
  'request.refused',
  'client.registered',
  'client.traced',
  'facts.recorded',
  'record.published',
  'record.disclosed',
  'record.retracted',
  'consent.recorded',
  'consent.read',
  'consent.withdrawn',
  'consent.evidenced',
  'consent.lapsed',
  'override.recorded',
  'message.sent',
  'message.answered',
  'delivery.authorised',
  'delivery.settled',
  'delivery.rerun',
  'inbox.read',
  'inbox.acknowledged',
  'date.passed',
  'agreement.applied',
  'agreement.ended',
  'participant.added',
  'participant.changed',
  'participant.suspended',
  'participant.restored',
  'certificate.added',
  'certificate.revoked',
  'assertion-key.added',
  'endpoint.set',
  'endpoint.removed',
  'registration.resolved',
  'changes.read',
  'audit.read',
  'log.opened',
] as const;
export type Action = (typeof actions)[number];

export const eventOutcomes = ['permitted', 'refused', 'done', 'failed'] as const;
export type EventOutcome = (typeof eventOutcomes)[number];

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/** Who acted, as the certificate and the signed user assertion say. */
export interface Actor {
  organisation: string | null;
  system: string | null;
  /** SHA-256 fingerprint of the certificate. */
  certificate: string | null;
  /** Subject of the user assertion. */
  user: string | null;
  role: string | null;
}

export interface LedgerEvent extends Actor {
  action: Action;
  outcome: EventOutcome;
  purpose: string | null;
  /** The person's internal id. Never an identifier that means anything outside. */
  person: string | null;
  recordType: string | null;
  custodian: string | null;
  /** The request's id (UUID). */
  request: string | null;
  /** RFC 9530 style digest of what was published or released, or of the rows that were written. */
  digest: string | null;
  /** The exact codes, also those that the partner is not shown. */
  reasonCodes: readonly string[];
  /** The decision with the versions of what it rested on, or the particulars of an administrative act. */
  decision: JsonObject | null;
  particulars: JsonObject | null;
}

const nothing = {
  organisation: null,
  system: null,
  certificate: null,
  user: null,
  role: null,
  purpose: null,
  person: null,
  recordType: null,
  custodian: null,
  request: null,
  digest: null,
  reasonCodes: [],
  decision: null,
  particulars: null,
} satisfies Partial<LedgerEvent>;

/** An event with what is not said left null. */
export function ledgerEvent(
  event: Pick<LedgerEvent, 'action' | 'outcome'> & Partial<LedgerEvent>,
): LedgerEvent {
  return { ...nothing, ...event };
}

/**
 * The bytes that a leaf commits to (RFC 8785). `at` in epoch milliseconds. The members are named in that order,
 * which spares sorting them for every event.
 */
export function eventPayload(event: LedgerEvent, id: string, at: number): string {
  return canonicalJson({
    action: event.action,
    at: new Date(at).toISOString(),
    certificate: event.certificate,
    custodian: event.custodian,
    decision: event.decision,
    digest: event.digest,
    id,
    organisation: event.organisation,
    outcome: event.outcome,
    particulars: event.particulars,
    person: event.person,
    purpose: event.purpose,
    reasonCodes: event.reasonCodes,
    recordType: event.recordType,
    request: event.request,
    role: event.role,
    system: event.system,
    user: event.user,
  } satisfies Record<keyof LedgerEvent | 'id' | 'at', unknown>);
}
