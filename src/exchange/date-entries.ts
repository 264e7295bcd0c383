/**
 * What the ledger says of a date that passed, with nobody as its actor. Pure. A date that means nothing any more,
 * because the form came or the agreement was replaced, leaves no entry.
 */
import type { AgreementBook } from '../agreements/coverage.ts';
import { isLapsed } from '../consent/consent-record.ts';
import type { StoredConsent } from '../consent/consent-store.ts';
import { type LedgerEvent, ledgerEvent } from '../ledger/ledger-event.ts';
import type { DueDate, StaleTrace, TraceLife } from './due-date-store.ts';

export interface DateFacts {
  at: number;
  /** The newest versions of the consents of whom the dates are about. */
  consents: readonly StoredConsent[];
  agreements: AgreementBook;
}

export function entryOf(due: DueDate, facts: DateFacts): LedgerEvent | undefined {
  const { what, personId: person, subject, version } = due;
  const dueAt = due.dueAt.toISOString();
  const passed = (particulars: Readonly<Record<string, string | number>>) =>
    ledgerEvent({
      ...{ action: 'date.passed', outcome: 'done', person },
      particulars: { what, due: dueAt, ...particulars },
    });
  switch (what) {
    case 'consent.lapsed':
      return lapseOf(due, facts);
    case 'consent.started':
    case 'consent.ended':
      return passed({ consent: subject ?? '' });
    case 'override.ended':
      return passed({ override: subject ?? '' });
    case 'fact.effective':
    case 'birthday.16':
      return passed({});
    case 'agreement.started':
    case 'agreement.ended': {
      const { agreements } = facts.agreements;
      const stands = agreements.some((one) => one.id === subject && one.version === version);
      return stands ? passed({ agreement: subject ?? '', version: version ?? 0 }) : undefined;
    }
  }
}

function lapseOf(
  { personId: person, subject }: DueDate,
  { at, consents }: DateFacts,
): LedgerEvent | undefined {
  const consent = consents.find(({ id }) => id === subject);
  if (!consent || consent.document.withdrawnAt || !isLapsed(consent.document, at)) return undefined;
  const particulars = { consent: consent.id, version: consent.version };
  return ledgerEvent({ action: 'consent.lapsed', outcome: 'done', person, particulars });
}

/** It names the organisation whose trace it is: it concerns nobody else. */
export function staleEntryOf({ organisation, personId, staleAt }: StaleTrace): LedgerEvent {
  return ledgerEvent({
    ...{ action: 'date.passed', outcome: 'done', organisation, person: personId },
    particulars: { what: 'trace.stale', due: staleAt.toISOString() },
  });
}

/** How long the traces of those count who may pull: for each organisation, by each of its agreements. */
export function traceLives({ agreements }: AgreementBook): readonly TraceLife[] {
  const lives = agreements.flatMap(({ parties, traceFreshnessMs: lifeMs }) =>
    [...parties].flatMap(([organisation, { may }]) =>
      may.has('pull') ? [{ organisation, lifeMs }] : [],
    ),
  );
  return [...new Map(lives.map((life) => [`${life.organisation} ${life.lifeMs}`, life])).values()];
}
