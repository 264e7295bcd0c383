/** The gateway's public key as a partner gets it: Ed25519, in PEM or as a JWK (RFC 8037 section 2). */
import { createPublicKey, type KeyObject } from 'node:crypto';

/** Throws RangeError for anything else, a private key included: that must never leave the gateway. */
export function parseGatewayKey(text: string): KeyObject {
  const key = readPublicKey(text);
  if (key?.asymmetricKeyType !== 'ed25519') {
    throw new RangeError('the gateway’s key must be an Ed25519 public key, in PEM or as a JWK');
  }
  return key;
}

function readPublicKey(text: string): KeyObject | undefined {
  try {
    if (!text.trimStart().startsWith('{')) {
      return text.includes('PRIVATE KEY') ? undefined : createPublicKey(text);
    }
    const jwk: Record<string, unknown> = JSON.parse(text);
    return 'd' in jwk ? undefined : createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
}
