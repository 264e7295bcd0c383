/** The participants of builders.ts and their agreement, entered as operators enter them: recorded in the ledger. */
import { rollOutAgreement } from '../../src/agreements/roll-out-agreement.ts';
import type { AgreementDocument } from '../../src/agreements/sharing-agreement.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { admitParticipant, type NewParticipant } from '../../src/participants/admit-participant.ts';
import type { SchemaRegistry } from '../../src/records/schema-registry.ts';
import { kinds } from './builders.ts';

const operator = 'test';

export interface Entrants {
  schemas: SchemaRegistry;
  document: AgreementDocument;
  certificateOf(odsCode: string): NewParticipant['certificate'];
}

export async function enterParticipants(
  ledger: Ledger,
  { schemas, document, certificateOf }: Entrants,
): Promise<void> {
  await Promise.all(
    Object.entries(kinds).map(([odsCode, kind]) => {
      const certificate = certificateOf(odsCode);
      const participant = { odsCode, name: `Organisation ${odsCode}`, kind, certificate };
      return admitParticipant(ledger, participant, operator);
    }),
  );
  await applyAgreement(ledger, schemas, document);
}

/** Throws where the document has faults. */
export async function applyAgreement(
  ledger: Ledger,
  schemas: SchemaRegistry,
  document: AgreementDocument,
): Promise<void> {
  const { plan } = await rollOutAgreement(ledger, { document, schemas, operator });
  if (plan.kind === 'refused') throw new Error(JSON.stringify(plan.faults));
}
