/** A person made through the doors: registered by the council, with facts and a consent, and traced by others. */
import type { ConsentRequest } from '../../src/consent/consent-record.ts';
import { centre, consent, council, identity, ordinaryFacts, registration } from './builders.ts';
import { somebody } from './nhs-numbers.ts';
import type { Reply } from './test-gateway.ts';

type Call = (
  odsCode: string,
  method: 'POST' | 'PUT',
  path: string,
  options: { body: unknown },
) => Promise<Pick<Reply, 'body'>>;

export interface PersonAtTheDoor {
  nhsNumber: string;
  /** The council's id for the person. */
  client: string;
  /** Of the first that traced them. */
  traced: string;
  consentId: string;
}

/** Nothing is published yet. */
export async function personAtTheDoor(
  call: Call,
  {
    agreed = consent(),
    tracers = [centre],
  }: { agreed?: ConsentRequest; tracers?: readonly string[] } = {},
): Promise<PersonAtTheDoor> {
  const one = somebody();
  const { body } = await call(council, 'POST', '/v1/clients/trace', { body: registration(one) });
  const client = String(body['client']);
  await call(council, 'PUT', `/v1/clients/${client}/facts`, { body: ordinaryFacts });
  const given = await call(council, 'POST', `/v1/clients/${client}/consents`, { body: agreed });
  const ids: string[] = [];
  for (const odsCode of tracers) {
    const found = await call(odsCode, 'POST', '/v1/clients/trace', { body: identity(one) });
    ids.push(String(found.body['client']));
  }
  return { ...one, client, traced: ids[0] ?? '', consentId: String(given.body['id']) };
}
