/** Organisations and their agreement, entered as operators enter them, so that `jetway ledger verify` holds. */
import { rollOutAgreement } from '../../src/agreements/roll-out-agreement.ts';
import type { AgreementDocument } from '../../src/agreements/sharing-agreement.ts';
import { admitParticipant, type NewParticipant } from '../../src/participants/admit-participant.ts';
import { kinds } from '../../test/support/builders.ts';
import type { Leaf } from './certificates.ts';
import type { LocalExchange } from './local-exchange.ts';

const operator = 'bench';

/** Every party; `leaves`: the certificates of those that have one. Throws where the agreement has faults. */
export async function enterParties(
  { ledger, schemas }: Pick<LocalExchange, 'ledger' | 'schemas'>,
  document: AgreementDocument,
  leaves: ReadonlyMap<string, Leaf>,
): Promise<void> {
  for (const { odsCode } of document.parties) {
    const participant = {
      ...{ odsCode, kind: kinds[odsCode] ?? 'nhs-health-centre', name: `Organisation ${odsCode}` },
      certificate: certificateOf(leaves.get(odsCode)),
    };
    await admitParticipant(ledger, participant, operator);
  }
  const { plan } = await rollOutAgreement(ledger, { document, schemas, operator });
  if (plan.kind === 'refused') throw new Error(JSON.stringify(plan.faults));
}

function certificateOf(leaf: Leaf | undefined): NewParticipant['certificate'] {
  if (!leaf) return undefined;
  const { fingerprint256, certificate } = leaf;
  return { fingerprint256, notAfter: certificate.validToDate, system: 'main' };
}
