/** Tells how long the certificates in use are good, and warns of those whose end is near. */
import type { Clock } from '../clock.ts';
import type { CertificateEnd } from '../config/certificate-ends.ts';
import type { Observe } from '../telemetry/observation.ts';

/** Long enough to ask an authority of the NHS or of a council for another. */
const warningMs = 14 * 86_400_000;

export function tellCertificateEnds(
  ends: readonly CertificateEnd[],
  { clock, observe }: { clock: Pick<Clock, 'now'>; observe: Observe },
): void {
  const now = clock.now().getTime();
  for (const { certificate, notAfter } of ends) {
    observe({ kind: 'certificate.loaded', certificate, notAfter });
    if (notAfter.getTime() - now <= warningMs) {
      observe({ kind: 'certificate.ending', certificate, notAfter });
    }
  }
}
