/**
 * What an attestation may not do. A health centre says that the person agreed and the form follows
 * within seven days; until it has come, the person's own refusal or withdrawal outranks that word, however
 * narrowly the attested rule is drawn.
 */
import { type ConsentDocument, isAwaitingForm, isLapsed } from './consent-record.ts';
import type { ConsentRule } from './decision.ts';

export interface HeldConsent {
  document: ConsentDocument;
  recordedBy: string;
}

/** Why an attestation cannot be recorded, as a sentence for the partner; undefined where it can. */
export function attestationBar(
  attested: ConsentDocument,
  recordedBy: string,
  held: readonly HeldConsent[],
  at: number,
): string | undefined {
  if (attested.supersedes) return 'An attestation supersedes nothing.';
  if (attested.rules.some(({ type }) => type !== 'permit')) {
    return 'An attestation holds permits only; a refusal is recorded by the custodian.';
  }
  if (
    isOutranked(
      attested,
      held.map(({ document }) => document),
      at,
    )
  ) {
    return 'The person has refused or withdrawn; the custodian has to record a new consent.';
  }
  if (
    held.some(
      ({ document }) => isLapsed(document, at) && shareRecordTypes(attested.rules, document.rules),
    )
  ) {
    return 'An earlier attestation lapsed without its form; the custodian has to record the form.';
  }
  const isRepeated = held.some(
    ({ document, recordedBy: other }) =>
      other === recordedBy &&
      isAwaitingForm(document) &&
      shareRecordTypes(attested.rules, document.rules),
  );
  return isRepeated ? 'Your earlier attestation awaits its form already.' : undefined;
}

/**
 * When the seven days began: with the first attestation that still awaits its form for any of the same
 * record types. Attesting again before the end does not put the end off.
 */
export function attestedSince(
  rules: readonly ConsentRule[],
  held: readonly { document: ConsentDocument }[],
  at: number,
): number {
  const begun = held
    .filter(({ document }) => isAwaitingForm(document) && shareRecordTypes(rules, document.rules))
    .map(({ document }) => Date.parse(document.evidence?.attestedAt ?? ''));
  return Math.min(at, ...begun.filter((instant) => !Number.isNaN(instant)));
}

function shareRecordTypes(a: readonly ConsentRule[], b: readonly ConsentRule[]): boolean {
  return a.some((rule) => b.some((other) => sharesRecordType(rule, other)));
}

/** Whether the person's own refusal or withdrawal stands against an attestation that awaits its form. */
export function isOutranked(
  attested: ConsentDocument,
  held: readonly ConsentDocument[],
  at: number,
): boolean {
  if (!isAwaitingForm(attested)) return false;
  return held.some(
    (other) =>
      other !== attested &&
      other.status !== 'entered-in-error' &&
      other.grantor.type === 'person' &&
      other.rules.some(
        (rule) =>
          (rule.type === 'deny' ? isInForce(other, at) : isWithdrawn(other, at)) &&
          attested.rules.some((own) => sharesRecordType(own, rule)),
      ),
  );
}

function isWithdrawn({ withdrawnAt }: ConsentDocument, at: number): boolean {
  return withdrawnAt !== undefined && Date.parse(withdrawnAt) <= at;
}

function isInForce(document: ConsentDocument, at: number): boolean {
  const { start, end } = document.period;
  return (
    !isWithdrawn(document, at) &&
    Date.parse(start) <= at &&
    (end === undefined || at < Date.parse(end))
  );
}

/** A rule that names no record type is about all of them. */
function sharesRecordType(a: ConsentRule, b: ConsentRule): boolean {
  if (!a.recordTypes?.length || !b.recordTypes?.length) return true;
  return a.recordTypes.some((recordType) => b.recordTypes?.includes(recordType));
}
