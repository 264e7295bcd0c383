/**
 * What the files of certificates and keys hold, judged before anything starts with it: TLS would tell it to every
 * client and to no operator, and OpenSSL in words that name no setting.
 */
import type { KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { keyFaults } from '../pki/certificate-profile.ts';
import { loadKeyFile } from '../pki/key-file.ts';
import { parsePemCertificates } from '../pki/pem-certificates.ts';
import type { ConfigurationFault } from './configuration-error.ts';
import type { Environment } from './parse-settings.ts';
import { settingDefinitions } from './settings-schema.ts';

/** Each certificate with the setting of its key, and the use that it has to allow (RFC 5280 section 4.2.1.12). */
const pairs = [
  ['JETWAY_TLS_CERTIFICATE_FILE', 'JETWAY_TLS_KEY_FILE', 'serverAuth'],
  ['JETWAY_CLIENT_CERTIFICATE_FILE', 'JETWAY_CLIENT_KEY_FILE', 'clientAuth'],
] as const;
const uses = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' };
const authoritiesSetting = 'JETWAY_CLIENT_CA_FILE';
const noteKeySettings = ['JETWAY_LEDGER_KEY_FILE', 'JETWAY_SIGNING_KEY_FILE'] as const;

type CredentialSetting =
  | (typeof pairs)[number][0 | 1]
  | typeof authoritiesSetting
  | (typeof noteKeySettings)[number];

/**
 * Of the files that `environment` names, which must be readable. With `servingAt`, the time at which they are to
 * be shown or trusted, their dates are judged too.
 */
export function credentialFaults(
  environment: Environment,
  servingAt: Date | undefined,
): readonly ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  const add = (setting: CredentialSetting, problem: string, remedy?: string) =>
    faults.push({ setting, problem, remedy: remedy ?? settingDefinitions[setting].description });

  const certificatesOf = (setting: CredentialSetting): readonly X509Certificate[] => {
    const path = environment[setting];
    if (!path) return [];
    try {
      const certificates = parsePemCertificates(readFileSync(path, 'utf8'));
      if (certificates.length === 0) add(setting, 'holds no certificate in PEM');
      return certificates;
    } catch {
      add(setting, 'holds a certificate that cannot be read');
      return [];
    }
  };
  const keyOf = (setting: CredentialSetting): KeyObject | undefined => {
    const path = environment[setting];
    if (!path) return undefined;
    try {
      return loadKeyFile(path).key;
    } catch {
      add(setting, 'holds no unencrypted private key in PEM');
      return undefined;
    }
  };

  for (const [certificateSetting, keySetting, use] of pairs) {
    const chain = certificatesOf(certificateSetting);
    const key = keyOf(keySetting);
    const [own] = chain;
    if (own === undefined) continue;
    const unfit = keyFaults(own.raw);
    for (const { requirement } of unfit) add(certificateSetting, requirement);
    if (!allows(own, use)) add(certificateSetting, `holds a certificate that is not for ${use}`);
    if (key && !own.checkPrivateKey(key)) {
      const remedy = 'name the two that belong together, and in its file the certificate first';
      add(keySetting, `is not the key of the certificate in ${certificateSetting}`, remedy);
    } else if (key && unfit.length === 0) {
      const code = tlsRefusal(chain, key);
      if (code !== undefined) add(certificateSetting, `cannot be used for TLS (${code})`);
    }
    const problem = servingAt && dateProblem(own, servingAt);
    if (problem) add(certificateSetting, `holds a certificate that ${problem}`, renewal);
  }
  const authorities = certificatesOf(authoritiesSetting);
  if (authorities.length > 0 && !authorities.some(({ ca }) => ca)) {
    add(authoritiesSetting, 'holds no authority’s certificate (CA:TRUE)');
  }
  const problems = authorities.map((each) => servingAt && dateProblem(each, servingAt));
  // one that is over may stand beside its successor; with none left, nobody could connect
  if (problems.length > 0 && problems.every((problem) => problem !== undefined)) {
    const which = problems.length === 1 ? 'an authority that' : 'authorities of which the first';
    add(authoritiesSetting, `holds ${which} ${problems[0]}`, renewal);
  }
  for (const setting of noteKeySettings) {
    const key = keyOf(setting);
    if (key && key.asymmetricKeyType !== 'ed25519') add(setting, 'holds a key that is not Ed25519');
  }
  return faults;
}

const renewal = 'name one that is in its dates, and see that the clock is right';

/** One that names no use is for every use. */
function allows({ keyUsage }: X509Certificate, use: keyof typeof uses): boolean {
  const named: readonly string[] | undefined = keyUsage;
  return named === undefined || named.includes(uses[use]);
}

/** A clause; undefined where the certificate is good at that time. */
function dateProblem(certificate: X509Certificate, at: Date): string | undefined {
  const { validFromDate, validToDate } = certificate;
  if (at < validFromDate) return `is not valid before ${validFromDate.toISOString()}`;
  return at < validToDate ? undefined : `ended at ${validToDate.toISOString()}`;
}

/** OpenSSL's code for what it will not serve with, as a chain of too small a key; undefined where it will. */
function tlsRefusal(chain: readonly X509Certificate[], key: KeyObject): string | undefined {
  const cert = chain.map((certificate) => certificate.toString()).join('');
  try {
    createSecureContext({ cert, key: key.export({ type: 'pkcs8', format: 'pem' }) });
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'refused';
  }
}
