/** Lines to paste into a shell: the play's requests, such that every partner can make them. */

import { auditor, healthCentres } from './borough.ts';
import { summaryType, traceRequest } from './load-borough.ts';
import type { Credential, PartnerCredential, SandboxCertificates } from './sandbox-certificates.ts';
import { asTyped } from './sandbox-places.ts';
import { shellWord } from './shell-word.ts';
import type { SyntheticPerson } from './synthetic-people.ts';

export interface CurlSetting {
  certificates: SandboxCertificates;
  exchangeUrl: string;
  person: SyntheticPerson;
  /** The first health centre's id for the person. */
  client: string;
}

export function curlLines(setting: CurlSetting): readonly string[] {
  const { certificates, exchangeUrl, person, client } = setting;
  const [reader, , outsider] = healthCentres;
  const as = (odsCode: string, path: string, ...more: string[]) =>
    curl(certificates.caFile, partnerOf(certificates, odsCode), `${exchangeUrl}${path}`, more);
  const json = ['-H', 'Content-Type: application/json'];
  const trace = ['-d', JSON.stringify(traceRequest(person))];
  const record = `/v1/clients/${client}/records/${summaryType}`;
  return [
    '# who does the gateway think you are?',
    as(reader, '/v1/whoami'),
    '# confirm an identity: the answer holds your own id for the person',
    as(reader, '/v1/clients/trace', ...json, ...trace),
    '# read the summary under that id',
    as(reader, record, '-H', 'Purpose-Of-Use: TREAT'),
    '# the same id is nobody to another health centre',
    as(outsider, record, '-H', 'Purpose-Of-Use: TREAT'),
    '# what waits for you; GET /v1/inbox/{id} reads it, and /v1/deliveries is what became of your own',
    as(reader, '/v1/inbox'),
    '# what the auditors see',
    as(auditor, '/v1/audit/events?limit=10'),
    '# a certificate of another authority gets no further than the door',
    curl(certificates.caFile, certificates.stranger, `${exchangeUrl}/v1/whoami`, []),
  ];
}

function partnerOf({ partners }: SandboxCertificates, odsCode: string): PartnerCredential {
  const partner = partners.find((one) => one.odsCode === odsCode);
  if (!partner) throw new Error(`${odsCode} takes no part in the sandbox`);
  return partner;
}

function curl(caFile: string, { certFile, keyFile }: Credential, url: string, more: string[]) {
  const words = [
    ...['curl', '--cacert', asTyped(caFile), '--cert', asTyped(certFile)],
    ...['--key', asTyped(keyFile), ...more, url],
  ];
  return words.map(shellWord).join(' ');
}
