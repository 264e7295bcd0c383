/** The scenes of the play: what partners ask at the exchange door, and what each should come to. */

import type { PartnerClient, Reply } from '../partner/partner-client.ts';
import { listOf, memberOf, textOf } from '../partner/reply-members.ts';
import { council, healthCentres } from './borough.ts';
import { summaryType, traceRequest } from './load-borough.ts';
import type { PlaySetting } from './play.ts';
import { standingConsents } from './play-consents.ts';
import type { Stage } from './play-steps.ts';
import { required } from './sandbox-partners.ts';
import { careConsent } from './scenario-consents.ts';
import type { SyntheticPerson } from './synthetic-people.ts';
import { syntheticSummary } from './synthetic-summary.ts';

const [reader, , outsider] = healthCentres;
export const recordPath = (client: string) => `/v1/clients/${client}/records/${summaryType}`;
const treatment = { headers: { 'purpose-of-use': 'TREAT' } };

export async function exchangeScenes(
  { partners, person, at }: PlaySetting,
  stage: Stage,
  own: string,
): Promise<string> {
  const custodian = partners.get(council.odsCode);
  const centre = partners.get(reader);
  await stage.step(
    { who: reader, does: 'asks who the gateway thinks it is', status: 200, tell: tellWhoAmI },
    () => centre.get('/v1/whoami'),
  );
  const held = required(await custodian.get(recordPath(own)), [200], 'reading back');
  await stage.step(
    {
      who: council.odsCode,
      does: 'publishes a new version of the summary (If-Match)',
      status: 200,
      tell: ({ body }) => `version ${memberOf(body, 'version')}, ${textOf(body, 'digest')}`,
    },
    () =>
      custodian.put(recordPath(own), {
        headers: { 'if-match': held.etag ?? '' },
        body: syntheticSummary(person, new Date(at).toISOString()),
      }),
  );
  const client = await traceFor(stage, centre, reader, person);
  await stage.step(
    { who: reader, does: 'pulls the summary for treatment', status: 200, tell: tellPull },
    () => centre.get(recordPath(client), treatment),
  );
  await withdrawAll(stage, custodian, own);
  await stage.step(
    {
      ...{ who: reader, does: 'pulls it again' },
      ...{ status: 403, code: 'CONSENT_WITHDRAWN', tell: ({ body }) => textOf(body, 'title') },
    },
    () => centre.get(recordPath(client), treatment),
  );
  await stage.step({ who: council.odsCode, does: 'records a new consent', status: 201 }, () =>
    custodian.post(`/v1/clients/${own}/consents`, { body: careConsent(person, at) }),
  );
  return client;
}

export async function refusalScenes(
  { partners, person, mistaken }: PlaySetting,
  stage: Stage,
): Promise<void> {
  const other = partners.get(outsider);
  const client = await traceFor(stage, other, outsider, person);
  await stage.step(
    {
      who: outsider,
      does: 'pulls the summary, though no consent names it',
      ...{ status: 403, code: 'CONSENT_SCOPE_MISMATCH' },
    },
    () => other.get(recordPath(client), treatment),
  );
  await stage.step(
    {
      who: reader,
      does: 'traces somebody with a wrong birth date',
      ...{ status: 404, code: 'RESOURCE_NOT_FOUND' },
    },
    () =>
      partners.get(reader).post('/v1/clients/trace', {
        body: { ...traceRequest(mistaken), birthDate: '1900-01-01' },
      }),
  );
  await stage.step(
    {
      who: 'stranger',
      does: 'knocks with a certificate of another authority',
      ...{ status: 401, code: 'CERTIFICATE_UNTRUSTED' },
    },
    () => partners.stranger.get('/v1/whoami'),
  );
}

export async function traceFor(
  stage: Stage,
  partner: PartnerClient,
  who: string,
  person: SyntheticPerson,
): Promise<string> {
  const traced = await stage.step(
    {
      who,
      does: `traces ${person.givenName} ${person.familyName}, ${person.nhsNumber}`,
      status: 200,
      tell: ({ body }) => `known to it as ${textOf(body, 'client')}`,
    },
    () => partner.post('/v1/clients/trace', { body: traceRequest(person) }),
  );
  return textOf(traced.body, 'client');
}

export async function withdrawAll(
  stage: Stage,
  custodian: PartnerClient,
  own: string,
): Promise<void> {
  for (const id of await standingConsents(custodian, own)) {
    await stage.step(
      { who: council.odsCode, does: 'withdraws the consent, as the person asked', status: 200 },
      () =>
        custodian.post(`/v1/consents/${id}/withdrawal`, {
          body: { reason: 'asked by the person' },
        }),
    );
  }
}

function tellWhoAmI({ body }: Reply): string {
  const name = textOf(body, 'organisation', 'name');
  const kind = textOf(body, 'organisation', 'kind');
  return `${name} (${kind}), certificate until ${textOf(body, 'certificate', 'notAfter')}`;
}

function tellPull({ body }: Reply): string {
  const given = Object.keys(Object(memberOf(body, 'sections'))).length;
  const withheld = listOf(body, 'withheld')
    .map((entry) => `${textOf(entry, 'section')} (${textOf(entry, 'reason')})`)
    .join(', ');
  return `${given} sections by ${textOf(body, 'basis')}; withheld: ${withheld}`;
}
