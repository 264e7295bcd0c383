/**
 * Putting a sharing agreement in force: a new version where it says something else than the one before, and
 * nothing where it does not. Refused where it names what does not exist, or where another agreement would
 * answer the same request, because one decision needs one agreement.
 */
import { documentDigest } from '../encoding/document-digest.ts';
import type { Fault } from '../errors/gateway-error.ts';
import {
  type AdministrativeResult,
  administered,
  administrativeEvent,
  declined,
} from '../ledger/administrative-act.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Outcome } from '../ledger/work.ts';
import { findParticipantKinds } from '../participants/register-store.ts';
import type { SchemaRegistry } from '../records/schema-registry.ts';
import { type AgreementSurroundings, agreementFaults } from './agreement-faults.ts';
import { agreementDifferences } from './agreement-statements.ts';
import { endAgreement, findAgreementVersions, insertAgreementVersion } from './agreement-store.ts';
import { agreementWarnings } from './agreement-warnings.ts';
import { overlapOf } from './coverage.ts';
import { type AgreementDocument, toSharingAgreement } from './sharing-agreement.ts';

export type AgreementVersions = Awaited<ReturnType<typeof findAgreementVersions>>;

export type RollOutPlan =
  | { kind: 'refused'; faults: readonly Fault[] }
  | { kind: 'unchanged'; version: number; warnings: readonly string[] }
  /** `differences` and `warnings` in plain words (agreement-statements.ts, agreement-warnings.ts). */
  | {
      kind: 'change';
      version: number;
      differences: readonly string[];
      warnings: readonly string[];
    };

export type RollOut = { plan: RollOutPlan; result: AdministrativeResult };

/** What rolling the document out would do. Pure. */
export function planRollOut(
  document: AgreementDocument,
  { versions, ...surroundings }: AgreementSurroundings & { versions: AgreementVersions },
): RollOutPlan {
  const faults = [...agreementFaults(document, surroundings), ...overlapFaults(document, versions)];
  if (faults.length > 0) return { kind: 'refused', faults };
  const warnings = agreementWarnings(document);
  const newest = versions.find(({ id }) => id === document.id);
  const inForce = newest?.endedAt === null ? newest.document : undefined;
  const differences = agreementDifferences(inForce, document);
  if (newest && differences.length === 0) {
    return { kind: 'unchanged', version: newest.version, warnings };
  }
  const version = (newest?.version ?? 0) + 1;
  return { kind: 'change', version, differences, warnings };
}

function overlapFaults(document: AgreementDocument, versions: AgreementVersions): Fault[] {
  const planned = toSharingAgreement(document, 0);
  return versions
    .filter(({ id, endedAt }) => id !== document.id && endedAt === null)
    .flatMap((other) => {
      const overlap = overlapOf(planned, toSharingAgreement(other.document, other.version));
      const detail = `must not cover what agreement ${other.id} covers: ${overlap}`;
      return overlap === undefined ? [] : [{ pointer: '', rule: 'overlap', detail }];
    });
}

/** Requires a document that fits its schema (agreement-document.ts). */
export function rollOutAgreement(
  ledger: Pick<Ledger, 'write'>,
  {
    document,
    schemas,
    operator,
  }: {
    document: AgreementDocument;
    schemas: SchemaRegistry;
    operator: string;
  },
): Promise<RollOut> {
  return ledger.write(async (tx, { at }) => {
    const versions = await findAgreementVersions(tx);
    const kinds = await findParticipantKinds(tx);
    const plan = planRollOut(document, { versions, schemas, kinds, at });
    if (plan.kind === 'refused') return withPlan(plan, declined('it has faults'));
    if (plan.kind === 'unchanged') return withPlan(plan, administered([]));
    const { version } = plan;
    await insertAgreementVersion(tx, { document, version, at: new Date(at) });
    const particulars = { agreement: document.id, version };
    const event = administrativeEvent(
      'agreement.applied',
      operator,
      particulars,
      documentDigest(document),
    );
    return withPlan(plan, administered([event]));
  });
}

function withPlan(plan: RollOutPlan, outcome: Outcome<AdministrativeResult>): Outcome<RollOut> {
  return { ...outcome, answer: (index) => ({ plan, result: outcome.answer(index) }) };
}

/** Ends the newest version, for good unless it is rolled out again. */
export function endSharingAgreement(
  ledger: Pick<Ledger, 'write'>,
  id: string,
  operator: string,
): Promise<AdministrativeResult> {
  return ledger.write(async (tx, { at }) => {
    const newest = (await findAgreementVersions(tx)).find((agreement) => agreement.id === id);
    if (!newest) return declined('there is no such agreement');
    if (newest.endedAt !== null) return administered([]);
    await endAgreement(tx, id, new Date(at));
    const particulars = { agreement: id, version: newest.version };
    return administered([administrativeEvent('agreement.ended', operator, particulars)]);
  });
}
