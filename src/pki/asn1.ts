/**
 * DER building blocks over node-forge's ASN.1 (ITU-T X.690), enough for certificates (RFC 5280).
 * Forge only arranges bytes here: no key, signature or trust decision passes through it.
 */
import forge from 'node-forge';

export type Asn1 = forge.asn1.Asn1;

const { Class, Type } = forge.asn1;

function binary(bytes: Buffer): string {
  return bytes.toString('latin1');
}

function universal(type: forge.asn1.Type, value: string): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, type, false, value);
}

export function sequence(...children: Asn1[]): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, children);
}

export function set(...children: Asn1[]): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.SET, true, children);
}

/** An explicit context tag around one value: `[n] EXPLICIT`. */
export function explicit(tag: number, child: Asn1): Asn1 {
  return forge.asn1.create(Class.CONTEXT_SPECIFIC, tag, true, [child]);
}

/** An implicit context tag over primitive contents: `[n] IMPLICIT`. */
export function implicit(tag: number, contents: Buffer): Asn1 {
  return forge.asn1.create(Class.CONTEXT_SPECIFIC, tag, false, binary(contents));
}

export function objectIdentifier(dotted: string): Asn1 {
  return universal(Type.OID, forge.asn1.oidToDer(dotted).getBytes());
}

/** Requires the contents in two's complement, shortest form. */
export function integer(contents: Buffer): Asn1 {
  return universal(Type.INTEGER, binary(contents));
}

export function boolean(value: boolean): Asn1 {
  return universal(Type.BOOLEAN, value ? '\xff' : '\x00');
}

export function nothing(): Asn1 {
  return universal(Type.NULL, '');
}

export function utf8String(text: string): Asn1 {
  return universal(Type.UTF8, binary(Buffer.from(text, 'utf8')));
}

export function octetString(contents: Buffer): Asn1 {
  return universal(Type.OCTETSTRING, binary(contents));
}

export function bitString(bits: Buffer, unusedBits = 0): Asn1 {
  return universal(Type.BITSTRING, String.fromCharCode(unusedBits) + binary(bits));
}

/** RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050. */
export function time(at: Date): Asn1 {
  return at.getUTCFullYear() < 2050
    ? universal(Type.UTCTIME, forge.asn1.dateToUtcTime(at))
    : universal(Type.GENERALIZEDTIME, forge.asn1.dateToGeneralizedTime(at));
}

export function toDer(node: Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');
}

/**
 * Throws where the bytes are not one whole value. Bit strings stay bytes: forge would otherwise
 * guess that some of them hold further values, which a peer could play on.
 */
export function parseDer(der: Buffer): Asn1 {
  const options = { strict: true, parseAllBytes: true, decodeBitStrings: false };
  // The published types know only the older boolean form of the second parameter.
  return forge.asn1.fromDer(forge.util.createBuffer(binary(der)), options as unknown as boolean);
}

/** The values inside a constructed value. Throws where it is primitive. */
export function childrenOf(node: Asn1 | undefined): readonly Asn1[] {
  if (node === undefined || typeof node.value === 'string')
    throw new Error('value has no children');
  return node.value;
}

/** The contents of a primitive value. Throws where it is constructed. */
export function bytesOf(node: Asn1 | undefined): Buffer {
  if (node === undefined || typeof node.value !== 'string') throw new Error('value has no bytes');
  return Buffer.from(node.value, 'latin1');
}

/** Dotted form. Throws where the value is no object identifier. */
export function dottedOf(node: Asn1 | undefined): string {
  if (node?.type !== Type.OID || typeof node.value !== 'string') throw new Error('value is no OID');
  return forge.asn1.derToOid(node.value);
}

export function isContextTag(node: Asn1 | undefined, tag: number): boolean {
  return node?.tagClass === Class.CONTEXT_SPECIFIC && Number(node.type) === tag;
}

export function isBoolean(node: Asn1 | undefined): boolean {
  return node?.tagClass === Class.UNIVERSAL && node.type === Type.BOOLEAN;
}
