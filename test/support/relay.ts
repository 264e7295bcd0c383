/** What tests of the relay add to the borough: who receives and sends what, people whom the centre awaits, messages. */
import { readFileSync } from 'node:fs';
import type { AgreementDocument } from '../../src/agreements/sharing-agreement.ts';
import type { RequestContext } from '../../src/exchange/caller.ts';
import type { Precondition } from '../../src/exchange/publish-record.ts';
import { sendMessage } from '../../src/exchange/send-message.ts';
import type { Endpoint } from '../../src/participants/endpoint.ts';
import { agree, publish, register, state, trace } from './borough.ts';
import {
  agreement,
  centre,
  consent,
  council,
  type DocumentSubject,
  hospital,
  otherCentre,
  personSection,
  thirdCentre,
} from './builders.ts';
import { testAuthorities } from './test-certificates.ts';
import { contextOf, newKey, recordOf, schemas, type TestExchange } from './test-exchange.ts';

const messageTypes = ['referral', 'correction-request', 'discharge-notification'] as const;
export type MessageType = (typeof messageTypes)[number];

/** The agreement of builders.ts, under which the centres have records delivered and exchange messages. */
export function relayAgreement(changes: Partial<AgreementDocument> = {}): AgreementDocument {
  const base = agreement();
  const everything = messageTypes.map((recordType) => ({
    recordType,
    purposes: ['TREAT', 'CAREMGT'],
    sections: schemas.get(recordType).sections.map(({ name: section }) => ({ section })),
  }));
  const all = Object.fromEntries(messageTypes.map((type) => [type, 'all' as const]));
  return {
    ...base,
    parties: [
      ...base.parties.map((party) =>
        [council, centre, otherCentre].includes(party.odsCode)
          ? { ...party, may: [...party.may, 'send', 'receive'] as const }
          : party,
      ),
      { odsCode: thirdCentre, may: ['pull', 'receive'] },
      { odsCode: hospital, may: ['pull', 'send', 'receive'] },
    ],
    recordTypes: [...base.recordTypes, ...everything],
    roles: Object.fromEntries(
      Object.entries(base.roles).map(([role, byType]) => [role, { ...byType, ...all }]),
    ),
    ...changes,
  };
}

export function endpointOf(odsCode: string, url = 'https://localhost:1/deliveries'): Endpoint {
  const anchors = [testAuthorities().forServers.certificate.toString()];
  return { odsCode, url, anchors, recordTypes: undefined };
}

/** Of any record or message. */
export const generalConsent = consent({
  rules: [{ type: 'permit', purposes: ['individual-care'] }],
});

export interface Awaited {
  /** The council's id for the person. */
  client: string;
  /** The centre's. */
  traced: string;
  consentId: string;
}

/** Registered, with consent, traced by the centre; nothing is published yet. */
export async function awaitedPerson(
  exchange: TestExchange,
  who: { nhsNumber: string },
  tracers: readonly string[] = [centre],
): Promise<Awaited> {
  const client = await register(exchange, who);
  await state(exchange, client);
  const { body } = await agree(exchange, client, generalConsent);
  const [traced = ''] = await Promise.all(tracers.map((odsCode) => trace(exchange, odsCode, who)));
  return { client, traced, consentId: String(body['id']) };
}

/** One version after another: answers the publishing of the next. */
export function publisher(exchange: TestExchange, client: string) {
  let etag: string | undefined;
  return async () => {
    const precondition: Precondition =
      etag === undefined ? { kind: 'absent' } : { kind: 'matches', etags: [etag] };
    const receipt = await publish(exchange, client, { precondition });
    etag = receipt.etag;
    return receipt;
  };
}

/** The example with every section, about the person of `personSection`. */
export function message(type: MessageType, subject?: DocumentSubject) {
  const path = new URL(`../../schemas/${type}/examples/valid/every-section.json`, import.meta.url);
  const { sections, ...head } = JSON.parse(readFileSync(path, 'utf8'));
  const isAboutPerson = sections.person !== undefined;
  const about = isAboutPerson ? { person: personSection(subject) } : {};
  return { ...head, sections: { ...sections, ...about } };
}

export function send(
  exchange: TestExchange,
  client: string,
  {
    from = centre,
    type = 'referral',
    to = council,
    context = contextOf(from),
    subject,
  }: {
    from?: string;
    type?: MessageType;
    to?: string;
    context?: RequestContext;
    subject?: DocumentSubject;
  } = {},
) {
  const read = recordOf(message(type, subject), exchange.clock.now());
  return sendMessage(exchange, {
    ...{ context, client, messageType: type, message: { ...read, to } },
    ...{ digest: 'sha-256=:AAAA:', purpose: 'TREAT', idempotency: newKey() },
  });
}
