/**
 * One X.509 certificate, from a template to signed DER (RFC 5280 section 4.1). The structure is laid
 * out here; the signature is node:crypto's. Subjects are EC P-256 or RSA alike, because the public
 * key goes in as the SubjectPublicKeyInfo that node:crypto exported.
 */
import { type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  type Asn1,
  bitString,
  explicit,
  integer,
  nothing,
  objectIdentifier,
  parseDer,
  sequence,
  set,
  time,
  toDer,
  utf8String,
} from './asn1.ts';
import { objectIdentifiers as oid } from './object-identifiers.ts';

/** Never a person: organisations, systems and hosts only. */
export interface CertificateName {
  commonName?: string;
  organizationName?: string;
}

export interface CertificateTemplate {
  /** Two's complement, shortest form; `randomSerial()` but for tests. */
  serial: Buffer;
  issuer: Asn1;
  subject: Asn1;
  notBefore: Date;
  notAfter: Date;
  publicKey: KeyObject;
  /** Whole `Extension` values. Empty makes a version 1 certificate, which nobody should accept. */
  extensions: readonly Asn1[];
}

export function distinguishedName(name: CertificateName): Asn1 {
  const part = (id: string, text: string | undefined) =>
    text === undefined ? [] : [set(sequence(objectIdentifier(id), utf8String(text)))];
  return sequence(
    ...part(oid.organizationName, name.organizationName),
    ...part(oid.commonName, name.commonName),
  );
}

/** 128 random bits, positive and never zero: the leading 01 keeps sign and length fixed. */
export function randomSerial(): Buffer {
  return Buffer.concat([Buffer.from([1]), randomBytes(16)]);
}

function signatureAlgorithm(issuerKey: KeyObject): Asn1 {
  if (issuerKey.asymmetricKeyType === 'rsa') {
    return sequence(objectIdentifier(oid.sha256WithRSAEncryption), nothing());
  }
  if (issuerKey.asymmetricKeyType === 'ec') return sequence(objectIdentifier(oid.ecdsaWithSHA256));
  throw new Error('a certificate authority signs with RSA or EC');
}

/** The certificate in DER. `issuerKey` is the issuer's private key, RSA or EC. */
export function signCertificate(template: CertificateTemplate, issuerKey: KeyObject): Buffer {
  const algorithm = signatureAlgorithm(issuerKey);
  const hasExtensions = template.extensions.length > 0;
  const toBeSigned = sequence(
    ...(hasExtensions ? [explicit(0, integer(Buffer.from([2])))] : []),
    integer(template.serial),
    algorithm,
    template.issuer,
    sequence(time(template.notBefore), time(template.notAfter)),
    template.subject,
    parseDer(template.publicKey.export({ type: 'spki', format: 'der' })),
    ...(hasExtensions ? [explicit(3, sequence(...template.extensions))] : []),
  );
  const signature = sign('sha256', toDer(toBeSigned), issuerKey);
  return toDer(sequence(toBeSigned, algorithm, bitString(signature)));
}
