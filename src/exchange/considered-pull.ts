/**
 * A pull considered: which agreement and which custodian's record it concerns, what the consent decision
 * says, and what the partner is told. Pure: everything that was read under the lock is handed in. The
 * decision comes before the record is looked for, so "no record" is said only where the answer would have
 * been a permit.
 */
import { agreementsForPull, agreementsThatLet, isPublisher } from '../agreements/coverage.ts';
import type { SharingAgreement } from '../agreements/sharing-agreement.ts';
import type { ClientLink } from '../clients/link-store.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Participant } from '../participants/register.ts';
import type { RecordSchema } from '../records/record-schema.ts';
import type { RecordVersion } from '../records/record-store.ts';
import { roleOf } from './caller.ts';
import { type Decisions, decideOn, type PullFacts } from './decision-input.ts';
import type { Dossier } from './dossier.ts';
import { notFound } from './own-client.ts';
import type { PullRequest } from './pull-request.ts';
import { refusalOf } from './refusal-code.ts';
import type { Standing } from './standing.ts';

export interface PullSubject {
  standing: Standing;
  participant: Participant;
  link: ClientLink;
  dossier: Dossier;
  schema: RecordSchema;
  at: number;
}

export type ConsideredPull =
  | { kind: 'refused'; error: GatewayError; decided?: Decided }
  | { kind: 'own'; record: RecordVersion }
  | { kind: 'granted'; record: RecordVersion; decided: Decided };

/** One decision and what it rested on. */
export interface Decided extends Decisions {
  agreement: SharingAgreement;
  purpose: string;
  /** Whose record it was about, where there is one. */
  custodian: string | null;
}

interface Candidate {
  agreement: SharingAgreement;
  record: RecordVersion | undefined;
}

export function considerPull(request: PullRequest, subject: PullSubject): ConsideredPull {
  const own = ownRecord(request, subject);
  if (own) return own.retractionReason ? refused(retracted()) : { kind: 'own', record: own };
  // asked by name, so that a publisher learns without purpose or consent that it holds none yet
  if (request.custodian === subject.participant.odsCode) return refused(notFound('NO_RECORD'));

  const agreements = agreementsForPull(
    subject.standing.agreements,
    {
      organisation: subject.participant.odsCode,
      recordType: request.recordType,
      role: roleOf(request.context.caller),
    },
    subject.at,
  );
  if (agreements.length === 0) return refused(noAgreement(roleDetail(request, subject)));
  const purpose = purposeOf(request, agreements);
  if (!purpose) return refused(purposeNeeded(request, agreements));

  const candidates = candidatesFor(request, subject, agreements, purpose);
  if (candidates.length === 0) {
    return refused(noAgreement(purposeDetail(request, agreements, purpose)));
  }
  const considered = candidates.map((candidate) =>
    considerOne(request, subject, candidate, purpose),
  );
  const granted = considered.filter((one) => one.kind === 'granted');
  if (granted.length > 1) return refused(custodianNeeded(granted.map(({ record }) => record)));
  return granted[0] ?? considered[0] ?? refused(noAgreement());
}

/** A publisher always reads its own back whole, unless it asks for another custodian's. */
function ownRecord(request: PullRequest, { participant, dossier }: PullSubject) {
  const { odsCode } = participant;
  if (request.custodian !== undefined && request.custodian !== odsCode) return undefined;
  return dossier.records.find(
    (record) => record.recordType === request.recordType && record.custodian === odsCode,
  );
}

/** The one named by header or assertion, else the only one there is. */
function purposeOf(
  request: PullRequest,
  agreements: readonly SharingAgreement[],
): string | undefined {
  const named = request.context.caller.assertion?.purpose ?? request.purpose;
  if (named !== undefined) return named;
  const purposes = purposesOf(request, agreements);
  return purposes.length === 1 ? purposes[0] : undefined;
}

function purposesOf(request: PullRequest, agreements: readonly SharingAgreement[]): string[] {
  const all = agreements.flatMap((a) => [
    ...(a.recordTypes.get(request.recordType)?.purposes ?? []),
  ]);
  return [...new Set(all)];
}

/** A record each that the agreements open, or none: then the decision alone is made. */
function candidatesFor(
  request: PullRequest,
  { dossier }: PullSubject,
  agreements: readonly SharingAgreement[],
  purpose: string,
): readonly Candidate[] {
  const { recordType, custodian } = request;
  const covering = agreements.filter(
    (agreement) =>
      agreement.recordTypes.get(recordType)?.purposes.has(purpose) &&
      (custodian === undefined || isPublisher(agreement, custodian, recordType)),
  );
  const withRecord = covering.flatMap((agreement) =>
    dossier.records
      .filter(
        (record) =>
          record.recordType === recordType &&
          (custodian === undefined || record.custodian === custodian) &&
          isPublisher(agreement, record.custodian, recordType),
      )
      .map((record) => ({ agreement, record })),
  );
  if (withRecord.length > 0) return withRecord;
  return covering.map((agreement) => ({ agreement, record: undefined }));
}

function considerOne(
  request: PullRequest,
  subject: PullSubject,
  { agreement, record }: Candidate,
  purpose: string,
): ConsideredPull {
  const { link, at } = subject;
  const { assertion } = request.context.caller;
  if (agreement.document.userAssertion === 'required' && !assertion) {
    return refused(
      new GatewayError('ASSERTION_NEEDED', {
        detail: 'The sharing agreement asks for a signed user assertion (Authorization: Bearer).',
      }),
    );
  }
  if (link.tracedAt === null || link.tracedAt + agreement.traceFreshnessMs <= at) {
    return refused(
      new GatewayError('TRACE_STALE', {
        detail: 'Trace the person again, then repeat this request.',
      }),
    );
  }
  const facts: PullFacts = { ...subject, agreement, purpose, request };
  const holds = record !== undefined && record.retractionReason === null;
  const { decision, shown } = decideOn(facts, holds ? record.outline : undefined);
  const custodian = record?.custodian ?? request.custodian ?? null;
  const decided = { agreement, purpose, custodian, decision, shown };
  if (decision.httpStatus !== 200) {
    return { kind: 'refused', error: refusalOf(decision, shown, agreement), decided };
  }
  if (!record) return { kind: 'refused', error: notFound('NO_RECORD'), decided };
  if (!holds) return { kind: 'refused', error: retracted(), decided };
  return { kind: 'granted', record, decided };
}

function refused(error: GatewayError): ConsideredPull {
  return { kind: 'refused', error };
}

function retracted(): GatewayError {
  return new GatewayError('RECORD_RETRACTED', {
    detail: 'The custodian took this record back. Do not use copies of it.',
  });
}

/** Without a detail it is told whom to ask. */
function noAgreement(detail?: string): GatewayError {
  return new GatewayError('NO_SHARING_AGREEMENT', detail === undefined ? {} : { detail });
}

/** Of the caller's own agreements, which `whoami` shows it too. */
function roleDetail({ recordType }: PullRequest, subject: PullSubject): string | undefined {
  const { standing, participant, at } = subject;
  const asking = { organisation: participant.odsCode, activity: 'pull', recordType } as const;
  const roles = agreementsThatLet(standing.agreements, asking, at).flatMap((agreement) => [
    ...agreement.roles.keys(),
  ]);
  if (roles.length === 0) return undefined;
  return `Your role is in no agreement on this record type. Roles that are: ${list(roles)}.`;
}

function purposeDetail(
  request: PullRequest,
  agreements: readonly SharingAgreement[],
  purpose: string,
): string {
  const purposes = purposesOf(request, agreements);
  return purposes.includes(purpose)
    ? 'The custodian that you name publishes no such record under your agreements.'
    : `It is not shared with you for that purpose. Shared for: ${list(purposes)}.`;
}

function list(names: readonly string[]): string {
  return [...new Set(names)].join(', ');
}

function purposeNeeded(
  request: PullRequest,
  agreements: readonly SharingAgreement[],
): GatewayError {
  const purposes = purposesOf(request, agreements).join(', ');
  return new GatewayError('PURPOSE_NEEDED', {
    detail: `The agreement has several purposes. Name one in Purpose-Of-Use: ${purposes}.`,
  });
}

function custodianNeeded(records: readonly RecordVersion[]): GatewayError {
  return new GatewayError('CUSTODIAN_NEEDED', {
    detail: 'Several custodians hold such a record. Name one in ?custodian=.',
    extensions: { custodians: records.map(({ custodian }) => custodian).sort() },
  });
}
