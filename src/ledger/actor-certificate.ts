/**
 * How an entry names the certificate that acted: the algorithm stands in front of the fingerprint, as RFC 9530 has it in
 * front of a digest.
 */
const algorithm = 'sha-256:';

/** `fingerprint256`: lower-case hex. */
export function formatActorCertificate(fingerprint256: string): string {
  return `${algorithm}${fingerprint256}`;
}

/** The fingerprint; undefined where the text names none. */
export function parseActorCertificate(text: string | null): string | undefined {
  return text?.startsWith(algorithm) ? text.slice(algorithm.length) : undefined;
}
