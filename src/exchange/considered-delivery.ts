/**
 * A delivery considered: may this content leave for this recipient now? The same decision as for a pull, at the
 * moment of each attempt. A record goes to those who traced the person and whom an agreement lets receive; a
 * message to its one addressee, who need not know the person yet: whoever cares for somebody may refer them.
 * Pure: everything that was read under the lock is handed in.
 */
import { agreementsForDelivery, type DeliveringActivity } from '../agreements/coverage.ts';
import type { SharingAgreement } from '../agreements/sharing-agreement.ts';
import type { ClientLink } from '../clients/link-store.ts';
import type { Channel } from '../deliveries/delivery.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { RecordVersion } from '../records/record-store.ts';
import { asAnybody, asEndpoint, type Caller, roleOf } from './caller.ts';
import type { Decided, PullSubject } from './considered-pull.ts';
import { decideOn, type PullFacts } from './decision-input.ts';
import type { PullRequest } from './pull-request.ts';
import { refusalOf } from './refusal-code.ts';

/** What is delivered: a version of a record, or a message in the same form. */
export type DeliveredContent = RecordVersion;

export interface DeliverySubject extends PullSubject {
  activity: DeliveringActivity;
  /** As whom the recipient gets it: its system, or a user of it who reads the inbox. */
  caller: Caller;
  content: DeliveredContent;
  /** Of a message: what its sender sent it for. A record's is the agreement's. */
  purpose: string | undefined;
}

export type ConsideredDelivery =
  | { kind: 'granted'; decided: Decided; request: PullRequest }
  | { kind: 'refused'; error: GatewayError; decided?: Decided };

/** For the caller as whom the recipient gets it: the first agreement and purpose that open it. */
export function considerDelivery(subject: DeliverySubject): ConsideredDelivery {
  const { caller, content } = subject;
  const named = caller.assertion?.purpose ?? subject.purpose;
  const considered = covering(subject, roleOf(caller)).flatMap((agreement) =>
    purposesOf(agreement, content)
      .filter((purpose) => named === undefined || purpose === named)
      .map((purpose) => considerUnder(agreement, purpose, subject)),
  );
  const granted = considered.find(({ kind }) => kind === 'granted');
  return granted ?? considered[0] ?? refused(new GatewayError('NO_SHARING_AGREEMENT'));
}

/**
 * As it waits: for what is pushed, as its recipient's endpoint; for what is fetched, as whoever of the recipient might
 * fetch it, having traced the person again. What is refused so, nobody there will have.
 */
export function considerWaiting(subject: DeliverySubject, channel: Channel): ConsideredDelivery {
  const { participant, content, at } = subject;
  const { odsCode } = participant;
  const asItself = considerDelivery({ ...subject, caller: asEndpoint(odsCode) });
  if (channel === 'push' || asItself.kind === 'granted') return asItself;
  const link = { ...subject.link, tracedAt: at };
  for (const agreement of covering(subject)) {
    for (const purpose of purposesOf(agreement, content)) {
      for (const role of agreement.roles.keys()) {
        const caller = asAnybody(odsCode, role, purpose);
        const fetched = considerUnder(agreement, purpose, { ...subject, link, caller });
        if (fetched.kind === 'granted') return fetched;
      }
    }
  }
  return asItself;
}

function covering(
  { standing, activity, participant, content, at }: DeliverySubject,
  role?: string,
): readonly SharingAgreement[] {
  const { custodian: from, recordType } = content;
  const delivery = { from, activity, to: participant.odsCode, recordType, role };
  return agreementsForDelivery(standing.agreements, delivery, at);
}

function purposesOf(
  { recordTypes }: SharingAgreement,
  { recordType }: DeliveredContent,
): readonly string[] {
  return [...(recordTypes.get(recordType)?.purposes ?? [])];
}

function considerUnder(
  agreement: SharingAgreement,
  purpose: string,
  subject: DeliverySubject,
): ConsideredDelivery {
  const { activity, content, caller, at } = subject;
  if (agreement.document.userAssertion === 'required' && !caller.assertion) {
    return refused(new GatewayError('ASSERTION_NEEDED'));
  }
  if (activity === 'publish' && isStale(subject.link, agreement, at)) {
    return refused(new GatewayError('TRACE_STALE'));
  }
  const request = askedBy(subject, purpose);
  const facts: PullFacts = { ...subject, agreement, purpose, request };
  const { decision, shown } = decideOn(facts, content.outline);
  const decided = { agreement, purpose, custodian: content.custodian, decision, shown };
  if (decision.httpStatus === 200) return { kind: 'granted', decided, request };
  return { kind: 'refused', error: refusalOf(decision, shown, agreement), decided };
}

function isStale({ tracedAt }: ClientLink, agreement: SharingAgreement, at: number): boolean {
  return tracedAt === null || tracedAt + agreement.traceFreshnessMs <= at;
}

/** The question that a pull of the same content would ask. */
function askedBy({ caller, link, content }: DeliverySubject, purpose: string): PullRequest {
  return {
    context: { caller, requestId: '' },
    client: link.client,
    recordType: content.recordType,
    sections: undefined,
    custodian: content.custodian,
    purpose,
    ifNoneMatch: [],
  };
}

function refused(error: GatewayError): ConsideredDelivery {
  return { kind: 'refused', error };
}
