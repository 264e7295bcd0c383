/**
 * The certificate extensions that this gateway issues, as RFC 5280 section 4.2.1 writes them. Each
 * function returns one whole `Extension` value.
 */
import { createHash, type KeyObject } from 'node:crypto';
import {
  type Asn1,
  bitString,
  boolean,
  bytesOf,
  childrenOf,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  parseDer,
  sequence,
  toDer,
} from './asn1.ts';
import { ipAddressBytes } from './ip-address-bytes.ts';
import { objectIdentifiers as oid } from './object-identifiers.ts';

export type AlternativeName =
  | { kind: 'uri'; value: string }
  | { kind: 'dns'; value: string }
  | { kind: 'ip'; value: string };

/** Bit positions of RFC 5280 section 4.2.1.3; all that are needed stand in the first octet. */
const keyUsageBits = { digitalSignature: 0x80, keyCertSign: 0x04, crlSign: 0x02 } as const;
export type KeyUsage = keyof typeof keyUsageBits;

function extension(id: string, critical: boolean, value: Asn1): Asn1 {
  const flag = critical ? [boolean(true)] : [];
  return sequence(objectIdentifier(id), ...flag, octetString(toDer(value)));
}

export function basicConstraints(options: { isAuthority: boolean; pathLength?: number }): Asn1 {
  if (!options.isAuthority) return extension(oid.basicConstraints, true, sequence());
  const pathLength =
    options.pathLength === undefined ? [] : [integer(Buffer.from([options.pathLength]))];
  return extension(oid.basicConstraints, true, sequence(boolean(true), ...pathLength));
}

export function keyUsage(...usages: KeyUsage[]): Asn1 {
  const octet = usages.reduce((bits, usage) => bits | keyUsageBits[usage], 0);
  // X.690 section 11.2.2: a named bit list drops its trailing zero bits.
  const unusedBits = octet === 0 ? 0 : 31 - Math.clz32(octet & -octet);
  return extension(oid.keyUsage, true, bitString(Buffer.from([octet]), unusedBits));
}

export function extendedKeyUsage(...purposes: string[]): Asn1 {
  return extension(oid.extKeyUsage, false, sequence(...purposes.map(objectIdentifier)));
}

export function subjectAlternativeName(names: readonly AlternativeName[]): Asn1 {
  const general = names.map((name) => {
    if (name.kind === 'uri') return implicit(6, Buffer.from(name.value, 'ascii'));
    if (name.kind === 'dns') return implicit(2, Buffer.from(name.value, 'ascii'));
    return implicit(7, ipAddressBytes(name.value));
  });
  return extension(oid.subjectAltName, false, sequence(...general));
}

/** RFC 7093 section 2, method 1: the leftmost 160 bits of the SHA-256 of the public key's bits. */
function keyIdentifierOf(publicKey: KeyObject): Buffer {
  const info = parseDer(publicKey.export({ type: 'spki', format: 'der' }));
  const bits = bytesOf(childrenOf(info)[1]).subarray(1);
  return createHash('sha256').update(bits).digest().subarray(0, 20);
}

export function subjectKeyIdentifier(publicKey: KeyObject): Asn1 {
  return extension(oid.subjectKeyIdentifier, false, octetString(keyIdentifierOf(publicKey)));
}

/** Requires an issuer whose own subject key identifier was made by this file. */
export function authorityKeyIdentifier(issuerPublicKey: KeyObject): Asn1 {
  const identifier = implicit(0, keyIdentifierOf(issuerPublicKey));
  return extension(oid.authorityKeyIdentifier, false, sequence(identifier));
}
