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
  return agreementsOf(book, request.organisation, at).filter((agreement) => {
    const party = agreement.parties.get(request.organisation);
    return (
      party?.may.has(request.activity) &&
      (request.recordType === undefined || party.recordTypes.has(request.recordType))
    );
  });
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
  const party = agreement.parties.get(organisation);
  return party?.may.has('publish') === true && party.recordTypes.has(recordType);
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
    const both = (activity: Activity) =>
      [...a.parties].find(([ods, party]) =>
        [party, b.parties.get(ods)].every(
          (p) => p?.may.has(activity) && p.recordTypes.has(recordType),
        ),
      )?.[0];
    const [recipient, publisher] = [both('pull'), both('publish')];
    if (recipient && publisher)
      return `${recipient} pulls ${recordType} of ${publisher} for ${purpose} as ${role}`;
  }
  return undefined;
}
