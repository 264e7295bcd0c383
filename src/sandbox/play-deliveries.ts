/**
 * The second act: what is published goes to everybody who traced the person, pushed or kept in an inbox; what is sent
 * is delivered and answered; and what cannot be delivered any more is reported to its sender.
 */

import type { PartnerClient, Reply } from '../partner/partner-client.ts';
import { listOf, memberOf, textOf } from '../partner/reply-members.ts';
import { council, healthCentres, hospital } from './borough.ts';
import type { PlaySetting } from './play.ts';
import { arrivalDuring, awaited, bePushed, takeFromInbox } from './play-inbox.ts';
import { recordPath, traceFor, withdrawAll } from './play-scenes.ts';
import type { Stage } from './play-steps.ts';
import type { SandboxEndpoint } from './sandbox-endpoint.ts';
import { required } from './sandbox-partners.ts';
import type { SyntheticPerson } from './synthetic-people.ts';
import { syntheticReferral } from './synthetic-referral.ts';
import { syntheticSummary } from './synthetic-summary.ts';

const [centreCode] = healthCentres;
const custodianCode = council.odsCode;

/** The health centre traced the person before. */
export async function deliveryScenes(
  setting: PlaySetting,
  stage: Stage,
  own: string,
): Promise<void> {
  const { partners, person, at, endpoints } = setting;
  const centre = partners.get(centreCode);
  await traceFor(stage, partners.get(hospital), hospital, person);
  const published = await publishAgain(stage, partners.get(custodianCode), own, { person, at });
  const id = deliveryTo(published, hospital);
  await bePushed(stage, endpointOf(endpoints, hospital), { what: 'its copy', id });
  await takeFromInbox(stage, centre, {
    ...{ who: centreCode, what: 'its copy', id: deliveryTo(published, centreCode) },
    tell: (read) =>
      `sequence ${memberOf(read, 'sequence')}, ${listOf(read, 'withheld').length} sections withheld`,
  });
}

/** `client` is the health centre's id for the person. */
export async function messageScenes(
  { partners, person, at, endpoints }: PlaySetting,
  stage: Stage,
  { own, client }: { own: string; client: string },
): Promise<void> {
  const [centre, custodian] = [partners.get(centreCode), partners.get(custodianCode)];
  const endpoint = endpointOf(endpoints, custodianCode);
  const refer = (does: string, reference: string) =>
    stage.step({ who: centreCode, does, status: 202 }, () =>
      centre.post(`/v1/clients/${client}/messages/referral`, {
        headers: { 'purpose-of-use': 'TREAT' },
        body: syntheticReferral(person, at, reference),
      }),
    );

  const referral = deliveryTo(await refer('sends a referral', 'ER-0417'), custodianCode);
  await bePushed(stage, endpoint, { what: 'the referral', id: referral });
  const answer = await arrivalDuring(centre, () =>
    stage.step({ who: custodianCode, does: 'answers: accepted', status: 200 }, () =>
      custodian.post(`/v1/inbox/${referral}/answer`, {
        body: { status: 'accepted', reference: 'SC-88' },
      }),
    ),
  );
  await takeFromInbox(stage, centre, {
    ...{ who: centreCode, what: 'the answer', id: answer },
    tell: (read) => `${textOf(read, 'status')}, there known as ${textOf(read, 'reference')}`,
  });
  await follow(stage, centre, referral, ({ body }) => textOf(body, 'state') === 'delivered');

  const waiting = await whileBusy(endpoint, async () => {
    const does = 'sends another, while the endpoint is busy';
    const id = deliveryTo(await refer(does, 'ER-0418'), custodianCode);
    await follow(
      ...([stage, centre, id] as const),
      ({ body }) => textOf(body, 'state') === 'waiting' && memberOf(body, 'attempts') === 1,
    );
    return id;
  });
  // it asked for half a minute, so this comes before the next attempt
  const report = await arrivalDuring(centre, () => withdrawAll(stage, custodian, own));
  await takeFromInbox(stage, centre, {
    ...{ who: centreCode, what: 'the report', id: report },
    tell: (read) => {
      const isOfIt = textOf(read, 'about', 'delivery') === waiting;
      const codes = `${textOf(read, 'code')}, ${textOf(read, 'reason')}`;
      return isOfIt ? `not delivered: ${codes}` : 'of another delivery';
    },
  });
}

async function whileBusy<Value>(
  endpoint: SandboxEndpoint,
  act: () => Promise<Value>,
): Promise<Value> {
  endpoint.setBusy(true);
  try {
    return await act();
  } finally {
    endpoint.setBusy(false);
  }
}

async function publishAgain(
  stage: Stage,
  custodian: PartnerClient,
  own: string,
  { person, at }: { person: SyntheticPerson; at: number },
): Promise<Reply> {
  const held = required(await custodian.get(recordPath(own)), [200], 'reading back');
  return stage.step(
    {
      ...{ who: custodianCode, does: 'publishes the next version', status: 200 },
      tell: ({ body }) => {
        const to = listOf(body, 'deliveries').map((one) => textOf(one, 'recipient'));
        return `version ${memberOf(body, 'version')}, on its way to ${to.join(', ')}`;
      },
    },
    () =>
      custodian.put(recordPath(own), {
        headers: { 'if-match': held.etag ?? '' },
        body: syntheticSummary(person, new Date(at).toISOString()),
      }),
  );
}

/** Its sender looks until it has come so far, and tells the receipts. */
async function follow(
  stage: Stage,
  sender: PartnerClient,
  id: string,
  isThere: (reply: Reply) => boolean,
): Promise<void> {
  const path = `/v1/deliveries/${id}`;
  const found = await awaited(async () => {
    const reply = await sender.get(path);
    return isThere(reply) ? reply : undefined;
  });
  await stage.step(
    {
      ...{ who: centreCode, does: 'looks what became of it (GET /v1/deliveries/…)' },
      ...{ status: 200, tell: tellDelivery },
    },
    async () => found ?? { ...(await sender.get(path)), status: 0 },
  );
}

function tellDelivery({ body }: Reply): string {
  const receipts = listOf(body, 'receipts').map(
    (one) => `${textOf(one, 'receipt')} ${memberOf(one, 'ledgerIndex')}`,
  );
  const failure = textOf(body, 'lastFailure');
  const state = failure && `; ${textOf(body, 'state')} after ${failure}`;
  return `${receipts.join(', ')}${state}`;
}

function deliveryTo({ body }: Reply, recipient: string): string {
  const found = listOf(body, 'deliveries').find((one) => textOf(one, 'recipient') === recipient);
  return textOf(found, 'id');
}

function endpointOf(endpoints: readonly SandboxEndpoint[], odsCode: string): SandboxEndpoint {
  const endpoint = endpoints.find((one) => one.odsCode === odsCode);
  if (!endpoint) throw new Error(`${odsCode} has no endpoint in the sandbox`);
  return endpoint;
}
