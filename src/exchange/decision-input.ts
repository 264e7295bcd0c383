/** The consent decision, asked with what was read under the lock. Pure. */
import type { SharingAgreement } from '../agreements/sharing-agreement.ts';
import type { ClientLink } from '../clients/link-store.ts';
import { ageAt, factsAt } from '../clients/person-facts.ts';
import { isOutranked } from '../consent/attestation.ts';
import { toDecisionConsent } from '../consent/consent-record.ts';
import { decideDisclosure } from '../consent/decide-disclosure.ts';
import type { Consent, Decision, DecisionInput, Section } from '../consent/decision.ts';
import { overridesFor } from '../consent/override-record.ts';
import type { Participant } from '../participants/register.ts';
import type { RecordSchema } from '../records/record-schema.ts';
import { roleOf } from './caller.ts';
import type { Dossier } from './dossier.ts';
import type { PullRequest } from './pull-request.ts';

export interface PullFacts {
  request: PullRequest;
  participant: Participant;
  link: ClientLink;
  dossier: Dossier;
  schema: RecordSchema;
  agreement: SharingAgreement;
  purpose: string;
  at: number;
}

export interface Decisions {
  /** On the sections that are held. */
  decision: Decision;
  /** On those that the schema has, whatever is held: all that a partner may be shown of what is withheld. */
  shown: Decision;
}

/**
 * Requires an agreement that covers organisation, record type, purpose and role. Where nothing is held, the
 * decision is on what the schema has.
 */
export function decideOn(facts: PullFacts, held: readonly Section[] | undefined): Decisions {
  const { sections, explicitOnly } = facts.schema;
  const input = inputOf(facts);
  const decide = (of: readonly Section[]) =>
    decideDisclosure({ ...input, record: { sections: of, explicitOnly } });
  const shown = decide(sections);
  return { shown, decision: held && !isAlike(held, sections) ? decide(held) : shown };
}

/** Whether a decision on the one is a decision on the other. */
function isAlike(some: readonly Section[], others: readonly Section[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ name, label }, i) => {
      const other = others[i];
      return other?.name === name && other.label === label;
    })
  );
}

function inputOf(facts: PullFacts): Omit<DecisionInput, 'record'> {
  const { request, participant, link, dossier, agreement, purpose, at } = facts;
  const { caller } = request.context;
  const { recordType } = request;
  const role = roleOf(caller);
  const known = factsAt(dossier.facts, at);
  return {
    at,
    requester: {
      org: participant.odsCode,
      orgType: participant.kind,
      role,
      user: caller.assertion?.subject,
      userName: caller.assertion?.name,
      legitimateRelationship: link.relationship !== null,
    },
    purpose,
    recordType,
    requestedSections: request.sections,
    person: {
      ...known,
      age: ageAt(dossier.birthDate, at),
      // number and birth date were confirmed by the trace, without which there is no link
      identity: { checkDigit: true, dobMatch: true, status: known.nhsNumberStatus },
    },
    consents: consentsOf(dossier, at),
    overrides: overridesFor(dossier.overrides, {
      organisation: participant.odsCode,
      recordType,
      purpose,
      user: caller.assertion?.subject,
      at,
    }),
    policy: {
      agreement: true,
      implicit: agreement.document.implicitPolicy ?? 'deny',
      breakGlassRoles: agreement.document.breakGlassRoles ?? [],
      emergencySections: agreement.recordTypes.get(recordType)?.emergencySections ?? [],
      roleSections: agreement.roles.get(role)?.get(recordType) ?? [],
    },
  };
}

const decisionConsents = new WeakMap<Dossier, readonly Consent[]>();

/** An attestation that awaits its form is left out where the person's own word stands against it. */
function consentsOf(dossier: Dossier, at: number): readonly Consent[] {
  let all = decisionConsents.get(dossier);
  if (!all) {
    all = dossier.consents.map(({ id, document }) => toDecisionConsent(id, document));
    decisionConsents.set(dossier, all);
  }
  const documents = dossier.consents.map(({ document }) => document);
  return all.filter((_, i) => {
    const document = documents[i];
    return document !== undefined && !isOutranked(document, documents, at);
  });
}
