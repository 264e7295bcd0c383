/**
 * Questions to the agreements in force. No agreement in force: nothing flows, so every answer here
 * starts from nothing and only adds what an agreement names.
 */
import type { Activity, SharingAgreement } from './sharing-agreement.ts';

/** All agreements at one version of the ledger's head. */
export interface AgreementBook {
  version: number;
  agreements: readonly SharingAgreement[];
}

function inForce(agreement: SharingAgreement, at: number): boolean {
  return agreement.from <= at && at < agreement.until;
}

/** The agreements in force in which the organisation is a party. */
export function agreementsOf(
  book: AgreementBook,
  organisation: string,
  at: number,
): readonly SharingAgreement[] {
  return book.agreements.filter((a) => a.parties.has(organisation) && inForce(a, at));
}

/** Those that let the organisation do something, with this record type where one is named. */
export function agreementsThatLet(
  book: AgreementBook,
  request: { organisation: string; activity: Activity; recordType?: string | undefined },
  at: number,
): readonly SharingAgreement[] {
  const { organisation, activity, recordType } = request;
  return agreementsOf(book, organisation, at).filter((agreement) =>
    recordType === undefined
      ? agreement.parties.get(organisation)?.may.has(activity)
      : lets(agreement, organisation, activity, recordType),
  );
}

/** Whether anybody exchanges records or messages of this type at present. */
export function isExchanged(book: AgreementBook, recordType: string, at: number): boolean {
  return book.agreements.some(
    (agreement) => inForce(agreement, at) && agreement.recordTypes.has(recordType),
  );
}

export interface PullRequest {
  organisation: string;
  recordType: string;
  role: string;
}

/** Those under which the organisation may pull the record type in the role, for whatever purpose. */
export function agreementsForPull(
  book: AgreementBook,
  request: PullRequest,
  at: number,
): readonly SharingAgreement[] {
  return agreementsThatLet(book, { ...request, activity: 'pull' }, at).filter((agreement) =>
    agreement.roles.has(request.role),
  );
}

/** Whether the agreement lets the organisation publish the record type: whose records it opens. */
export function isPublisher(agreement: SharingAgreement, organisation: string, recordType: string) {
  return lets(agreement, organisation, 'publish', recordType);
}

/** Records go from who publishes them, messages from who sends them. */
export type DeliveringActivity = 'publish' | 'send';

/** Those under which `from` may have the type delivered to `to`, in the role, or in any where none is named. */
export function agreementsForDelivery(
  book: AgreementBook,
  delivery: {
    from: string;
    activity: DeliveringActivity;
    to: string;
    recordType: string;
    role?: string | undefined;
  },
  at: number,
): readonly SharingAgreement[] {
  const { from, activity, to, recordType, role } = delivery;
  return agreementsThatLet(book, { organisation: from, activity, recordType }, at).filter(
    (agreement) =>
      lets(agreement, to, 'receive', recordType) &&
      (role === undefined || agreement.roles.has(role)),
  );
}

/** Everybody who has the organisation's records of the type delivered, in alphabetical order. */
export function recipientsOf(
  book: AgreementBook,
  from: string,
  recordType: string,
  at: number,
): readonly string[] {
  const agreements = agreementsThatLet(
    book,
    { organisation: from, activity: 'publish', recordType },
    at,
  );
  const recipients = agreements.flatMap((agreement) =>
    [...agreement.parties.keys()].filter((to) => lets(agreement, to, 'receive', recordType)),
  );
  return [...new Set(recipients)].filter((to) => to !== from).sort();
}

function lets(
  agreement: SharingAgreement,
  organisation: string,
  activity: Activity,
  recordType: string,
): boolean {
  const party = agreement.parties.get(organisation);
  return party?.may.has(activity) === true && party.recordTypes.has(recordType);
}

/**
 * Pairs of agreements that would both answer the same request: the same recipient, publisher, record
 * type, purpose and role at the same time. One decision needs one agreement, so a roll-out refuses these.
 */
export function overlapOf(a: SharingAgreement, b: SharingAgreement): string | undefined {
  if (a.until <= b.from || b.until <= a.from) return undefined;
  for (const [recordType, covered] of a.recordTypes) {
    const other = b.recordTypes.get(recordType);
    const purpose = other && [...covered.purposes].find((p) => other.purposes.has(p));
    const role = [...a.roles.keys()].find((r) => b.roles.has(r));
    if (!purpose || !role) continue;
    const both = (...activities: readonly Activity[]) =>
      [...a.parties.keys()].find((odsCode) =>
        activities.some((activity) =>
          [a, b].every((agreement) => lets(agreement, odsCode, activity, recordType)),
        ),
      );
    const [recipient, source] = [both('pull', 'receive'), both('publish', 'send')];
    if (recipient && source)
      return `${recipient} has ${recordType} of ${source} for ${purpose} as ${role}`;
  }
  return undefined;
}
