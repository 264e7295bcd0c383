/** Organisations and their agreement, entered as operators enter them, so that `jetway ledger verify` holds. */
import { rollOutAgreement } from '../../src/agreements/roll-out-agreement.ts';
import type { AgreementDocument } from '../../src/agreements/sharing-agreement.ts';
import type { OrgType } from '../../src/consent/decision.ts';
import { admitParticipant } from '../../src/participants/admit-participant.ts';
import type { Leaf } from './certificates.ts';
import type { LocalExchange } from './local-exchange.ts';

const operator = 'bench';

/** Throws where the agreement has faults. */
export async function enterParties(
  { ledger, schemas }: Pick<LocalExchange, 'ledger' | 'schemas'>,
  parties: readonly { odsCode: string; kind: OrgType; leaf: Leaf }[],
  document: AgreementDocument,
): Promise<void> {
  for (const { odsCode, kind, leaf } of parties) {
    const { fingerprint256, certificate } = leaf;
    await admitParticipant(
      ledger,
      {
        ...{ odsCode, kind, name: `Organisation ${odsCode}` },
        certificate: { fingerprint256, notAfter: certificate.validToDate, system: 'main' },
      },
      operator,
    );
  }
  const { plan } = await rollOutAgreement(ledger, { document, schemas, operator });
  if (plan.kind === 'refused') throw new Error(JSON.stringify(plan.faults));
}
