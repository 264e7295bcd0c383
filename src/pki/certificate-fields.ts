/**
 * The parts of a certificate that node:crypto does not show: version, serial as it is encoded,
 * subject, and extensions with their criticality (RFC 5280 section 4.1). Reads bytes that a peer
 * controls and judges nothing.
 */
import {
  type Asn1,
  bytesOf,
  childrenOf,
  dottedOf,
  isBoolean,
  isContextTag,
  parseDer,
} from './asn1.ts';
import { objectIdentifiers as oid } from './object-identifiers.ts';

export interface CertificateExtension {
  critical: boolean;
  value: Buffer;
}

export interface CertificateFields {
  /** As people count: 1, 2 or 3. */
  version: number;
  /** Two's complement. */
  serial: Buffer;
  /** Dotted object identifier. */
  signatureAlgorithm: string;
  subject: Asn1;
  /** By dotted object identifier. */
  extensions: ReadonlyMap<string, CertificateExtension>;
}

function parseExtensions(list: Asn1): ReadonlyMap<string, CertificateExtension> {
  const extensions = new Map<string, CertificateExtension>();
  for (const item of childrenOf(childrenOf(list)[0])) {
    const [id, ...rest] = childrenOf(item);
    const flag = isBoolean(rest[0]) ? rest.shift() : undefined;
    const name = dottedOf(id);
    // RFC 5280 section 4.2: not more than one instance; two readers could choose differently.
    if (extensions.has(name)) throw new Error('an extension stands twice');
    const critical = flag !== undefined && bytesOf(flag).some((octet) => octet !== 0);
    extensions.set(name, { critical, value: bytesOf(rest[0]) });
  }
  return extensions;
}

/** Throws on anything that is not one whole certificate. */
export function parseCertificateFields(der: Buffer): CertificateFields {
  const [toBeSigned] = childrenOf(parseDer(der));
  const parts = [...childrenOf(toBeSigned)];
  const version = isContextTag(parts[0], 0) ? parts.shift() : undefined;
  // serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, then optional parts
  const [serial, signature, , , subject] = parts;
  if (subject === undefined) throw new Error('certificate has no subject');
  const extensions = parts.find((part) => isContextTag(part, 3));
  return {
    version: version === undefined ? 1 : 1 + bytesOf(childrenOf(version)[0]).readUInt8(0),
    serial: bytesOf(serial),
    signatureAlgorithm: dottedOf(childrenOf(signature)[0]),
    subject,
    extensions: extensions === undefined ? new Map() : parseExtensions(extensions),
  };
}

/** The purposes that the certificate names; undefined where it names none. */
export function extendedKeyUsages(fields: CertificateFields): readonly string[] | undefined {
  const extension = fields.extensions.get(oid.extKeyUsage);
  return extension && childrenOf(parseDer(extension.value)).map(dottedOf);
}

/** Whether basicConstraints says that the subject is an authority. */
export function claimsAuthority(fields: CertificateFields): boolean {
  const extension = fields.extensions.get(oid.basicConstraints);
  if (extension === undefined) return false;
  const [first] = childrenOf(parseDer(extension.value));
  return isBoolean(first) && bytesOf(first).some((octet) => octet !== 0);
}

/** What the key may be used for (RFC 5280 section 4.2.1.3); undefined where keyUsage is absent, which forbids nothing. */
export function keyUsages(
  fields: CertificateFields,
): { digitalSignature: boolean; keyCertSign: boolean } | undefined {
  const extension = fields.extensions.get(oid.keyUsage);
  if (extension === undefined) return undefined;
  const octet = bytesOf(parseDer(extension.value))[1] ?? 0;
  return { digitalSignature: (octet & 0x80) !== 0, keyCertSign: (octet & 0x04) !== 0 };
}

/** How many names the subject alternative name holds, and whether it is critical. */
export function alternativeNames(fields: CertificateFields): { count: number; critical: boolean } {
  const extension = fields.extensions.get(oid.subjectAltName);
  if (extension === undefined) return { count: 0, critical: false };
  return { count: childrenOf(parseDer(extension.value)).length, critical: extension.critical };
}
