/**
 * The client certificate profile: what this gateway refuses although OpenSSL accepts it. Of 135
 * client cases of x509-limbo, OpenSSL takes 30 that must fail, the ones below among them. Runs on
 * every connection, before any HTTP; peer-controlled input; pure.
 */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { childrenOf } from './asn1.ts';
import {
  alternativeNames,
  type CertificateFields,
  claimsAuthority,
  extendedKeyUsages,
  keyUsages,
  parseCertificateFields,
} from './certificate-fields.ts';
import { objectIdentifiers as oid } from './object-identifiers.ts';

export interface ProfileFault {
  rule: string;
  /** One clause that a partner's engineer can act on; never a value of the certificate. */
  requirement: string;
}

interface ProfileRule extends ProfileFault {
  isBroken(fields: CertificateFields, key: KeyObject): boolean;
}

/** P-256 and P-384: the curves that the door's signature algorithms can verify. */
const acceptedCurves: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1']);
const acceptedKeyTypes: ReadonlySet<string> = new Set(['rsa', 'rsa-pss', 'ec', 'ed25519']);

const acceptedSignatures: ReadonlySet<string> = new Set([
  ...[oid.sha256WithRSAEncryption, oid.sha384WithRSAEncryption, oid.sha512WithRSAEncryption],
  ...[oid.ecdsaWithSHA256, oid.ecdsaWithSHA384, oid.ecdsaWithSHA512, oid.rsassaPss, oid.ed25519],
]);

function isRsa(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'rsa-pss';
}

const rules: readonly ProfileRule[] = [
  {
    // RFC 5280 section 4.1.2.1: "When extensions are used ... version MUST be 3"; without them a
    // certificate says nothing about what it is for.
    rule: 'version-3',
    requirement: 'must be an X.509 version 3 certificate',
    isBroken: (fields) => fields.version !== 3,
  },
  {
    // RFC 5280 section 4.1.2.2: "The serial number MUST be a positive integer".
    rule: 'serial-positive',
    requirement: 'must have a serial number above zero',
    isBroken: ({ serial }) => (serial[0] ?? 0x80) >= 0x80 || serial.every((octet) => octet === 0),
  },
  {
    // RFC 5280 section 4.1.2.6: with an empty subject "the subjectAltName extension MUST be critical".
    rule: 'subject-named',
    requirement: 'must have a subject, or a critical subject alternative name in its place',
    isBroken: (fields) => {
      const names = alternativeNames(fields);
      return childrenOf(fields.subject).length === 0 && !(names.critical && names.count > 0);
    },
  },
  {
    // RFC 8705 section 2.1: the client is known by one registered name, so there may be but one.
    rule: 'one-identity',
    requirement: 'must not carry more than one subject alternative name',
    isBroken: (fields) => alternativeNames(fields).count > 1,
  },
  {
    // RFC 5280 section 4.2.1.9: cA says "whether the certified public key may be used to verify
    // certificate signatures"; a system's certificate may not beget others.
    rule: 'not-an-authority',
    requirement: 'must not be a certificate authority (basicConstraints CA:TRUE)',
    isBroken: claimsAuthority,
  },
  {
    // RFC 5280 section 4.2.1.3: keyCertSign only "for verifying signatures on public key certificates".
    rule: 'no-certificate-signing',
    requirement: 'must not have the key usage keyCertSign',
    isBroken: (fields) => keyUsages(fields)?.keyCertSign ?? false,
  },
  {
    // RFC 5280 section 4.2.1.12: with clientAuth "key usage bits that may be consistent: digitalSignature"; TLS clients sign.
    rule: 'digital-signature',
    requirement: 'must have the key usage digitalSignature, where it has key usages',
    isBroken: (fields) => keyUsages(fields)?.digitalSignature === false,
  },
  {
    // RFC 9155 and NIST SP 800-131A: no new signature by MD5, SHA-1 or SHA-224.
    rule: 'signature-strength',
    requirement: 'must be signed with SHA-256, SHA-384, SHA-512 or Ed25519',
    isBroken: ({ signatureAlgorithm }) => !acceptedSignatures.has(signatureAlgorithm),
  },
  {
    // CA/B baseline section 7.1.2.7.10: extKeyUsage "MUST" be present. Absent means any purpose.
    rule: 'purpose-stated',
    requirement: 'must have the extended key usage extension',
    isBroken: (fields) => extendedKeyUsages(fields) === undefined,
  },
  {
    // RFC 5280 section 4.2.1.12: applications "MAY reject certificates that include the
    // anyExtendedKeyUsage OID even if the particular OID expected is included". This one does.
    rule: 'no-any-purpose',
    requirement: 'must not have the extended key usage anyExtendedKeyUsage',
    isBroken: (fields) => extendedKeyUsages(fields)?.includes(oid.anyExtendedKeyUsage) ?? false,
  },
  {
    // RFC 5280 section 4.2.1.12: "the certificate MUST only be used for one of the purposes indicated".
    rule: 'client-authentication',
    requirement: 'must have the extended key usage clientAuth',
    isBroken: (fields) => extendedKeyUsages(fields)?.includes(oid.clientAuth) === false,
  },
  {
    // CA/B baseline section 6.1.5: a modulus "at least 2048" bits and "evenly divisible by 8".
    rule: 'rsa-key-size',
    requirement: 'must have an RSA key of 2048 bits or more, divisible by 8',
    isBroken: (_fields, key) => {
      const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
      return isRsa(key) && (bits < 2048 || bits % 8 !== 0);
    },
  },
  {
    // NIST SP 800-52r2 section 3.2.1: curves of at least 128 bits of strength.
    rule: 'elliptic-curve',
    requirement: 'must have an EC key on P-256 or P-384',
    isBroken: (_fields, key) =>
      key.asymmetricKeyType === 'ec' &&
      !acceptedCurves.has(key.asymmetricKeyDetails?.namedCurve ?? ''),
  },
  {
    // RFC 9325 section 4.5 and the door's signature algorithms.
    rule: 'key-kind',
    requirement: 'must have an RSA, EC or Ed25519 key',
    isBroken: (_fields, key) => !acceptedKeyTypes.has(key.asymmetricKeyType ?? ''),
  },
];

const keyRules: ReadonlySet<string> = new Set(['rsa-key-size', 'elliptic-curve', 'key-kind']);

/** What keeps its key from being used under our TLS policy, whoever shows the certificate. Never throws. */
export function keyFaults(der: Buffer): ProfileFault[] {
  return profileFaults(der).filter(({ rule }) => keyRules.has(rule));
}

/** Every rule that the certificate breaks; empty where it fits. Never throws. */
export function profileFaults(der: Buffer): ProfileFault[] {
  try {
    const fields = parseCertificateFields(der);
    const key = new X509Certificate(der).publicKey;
    return rules
      .filter((candidate) => candidate.isBroken(fields, key))
      .map(({ rule, requirement }) => ({ rule, requirement }));
  } catch {
    // A certificate that one of two parsers cannot read is nobody's identity.
    return [{ rule: 'readable', requirement: 'must be a well-formed X.509 certificate' }];
  }
}
