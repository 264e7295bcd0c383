/**
 * The first exchange, played through the real doors in two acts: a summary is published, traced, read, refused once
 * consent is withdrawn; then records and messages are delivered, answered, refused; and every bit of it is found in
 * the audit trail. Leaves the person as it found them, so that it can be played any number of times.
 */

import { auditor, council } from './borough.ts';
import { playAudit } from './play-audit.ts';
import { ensureConsent } from './play-consents.ts';
import { deliveryScenes, messageScenes } from './play-deliveries.ts';
import { exchangeScenes, refusalScenes, traceFor } from './play-scenes.ts';
import { openStage, type Print } from './play-steps.ts';
import type { SandboxEndpoint } from './sandbox-endpoint.ts';
import type { SandboxPartners } from './sandbox-partners.ts';
import type { SyntheticPerson } from './synthetic-people.ts';

export interface PlaySetting {
  partners: SandboxPartners;
  /** Consented; nobody else uses this person meanwhile. */
  person: SyntheticPerson;
  /** Somebody whose birth date is got wrong. */
  mistaken: SyntheticPerson;
  /** Of those whom the gateway pushes to. */
  endpoints: readonly SandboxEndpoint[];
  /** Epoch milliseconds. */
  at: number;
  print: Print;
}

export interface Played {
  isAsExpected: boolean;
  /** Under which the first health centre knows the person. */
  client: string;
}

export async function play(setting: PlaySetting): Promise<Played> {
  const { partners, person, print } = setting;
  const stage = openStage(print);
  const custodian = partners.get(council.odsCode);
  const own = await traceFor(stage, custodian, council.odsCode, person);
  await ensureConsent(setting, own);
  try {
    const client = await exchangeScenes(setting, stage, own);
    await refusalScenes(setting, stage);
    print('\nThe second act, in which things are delivered:\n');
    await deliveryScenes(setting, stage, own);
    await messageScenes(setting, stage, { own, client });
    await playAudit(stage, partners.get(auditor), auditor);
    return { isAsExpected: stage.failures === 0, client };
  } finally {
    if (await ensureConsent(setting, own)) {
      const { givenName, familyName } = person;
      print(`\n${givenName} ${familyName} has consented anew: you can go on with the same person.`);
    }
  }
}
