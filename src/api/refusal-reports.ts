/**
 * Where refusals go that no operation records: to telemetry as they come, and summed to the ledger. One place
 * for those of the door and those of HTTP, so that neither is told of one and not of the other.
 */
import type { RefusedConnection } from '../ledger/refusal.ts';
import type { SummedRefusals } from '../ledger/summed-refusals.ts';
import type { Observe } from '../telemetry/observation.ts';
import type { DoorRefusal } from './door-refusal.ts';
import type { DoorReports } from './exchange-door.ts';
import type { HandshakeFailure } from './handshake-failure.ts';
import type { RequestRefusal } from './request-refusal.ts';
import type { ProblemReports } from './send-problem.ts';

export interface RefusalReportsDeps {
  observe: Observe;
  refusals: Pick<SummedRefusals, 'add'>;
  /** ODS code of a registered certificate. */
  holderOf(fingerprint256: string): string | undefined;
}

export function refusalReports({
  observe,
  refusals,
  holderOf,
}: RefusalReportsDeps): DoorReports & Pick<ProblemReports, 'onRequestRefused'> {
  /** Telemetry has it already: every request that came to a route is observed. */
  function onRequestRefused({ peer, code, route, check }: RequestRefusal): void {
    const { odsCode, system, fingerprint256, serial } = peer;
    refusals.add({
      action: 'request.refused',
      code,
      route: route ?? null,
      check: check ?? null,
      organisation: odsCode,
      system,
      certificate: { fingerprint256, serial },
    });
  }

  return {
    onRequestRefused,
    onUnreadable(refusal) {
      const { code, check, requestId, peer } = refusal;
      observe({
        ...{ kind: 'request.unreadable', code, requestId, organisation: peer.odsCode },
        ...(check !== undefined && { check }),
      });
      onRequestRefused(refusal);
    },
    onUnspoken: () => observe({ kind: 'door.unspoken' }),
    onRefused(refusal) {
      const { code, check, remoteAddress: source } = refusal;
      const { certificate, organisation } = presented(refusal, holderOf);
      observe({
        ...{ kind: 'door.refused', code, check, source },
        ...('id' in refusal && { requestId: refusal.id }),
        ...(certificate && { serial: certificate.serial }),
        ...(organisation !== null && { organisation }),
      });
      refusals.add({
        ...{ action: 'door.refused', code, check, source },
        ...{ certificate, organisation },
      });
    },
  };
}

function presented(
  refusal: DoorRefusal | HandshakeFailure,
  holderOf: RefusalReportsDeps['holderOf'],
): Pick<RefusedConnection, 'certificate' | 'organisation'> {
  const certificate = 'certificate' in refusal ? refusal.certificate : undefined;
  const holder = certificate && holderOf(certificate.fingerprint256);
  return { certificate, organisation: holder ?? null };
}
