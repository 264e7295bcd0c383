/** Everything that considering some deliveries reads, set-based, under the head's lock. */
import { newClientId } from '../clients/client-id.ts';
import {
  type ClientLink,
  findKnownPersons,
  insertLinks,
  type LinkKey,
  linkKey,
} from '../clients/link-store.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import { findMessages, type Message } from '../deliveries/message-store.ts';
import type { NewDelivery } from '../deliveries/outbox-store.ts';
import type { Moment } from '../ledger/work.ts';
import { findRecordVersions, type RecordVersion } from '../records/record-store.ts';
import type { Caller } from './caller.ts';
import type { DeliveredContent, DeliverySubject } from './considered-delivery.ts';
import type { DossiersRead } from './dossier.ts';
import type { Exchange } from './exchange.ts';
import type { Standing } from './standing.ts';

export interface DeliveriesRead {
  standing: Standing;
  dossiers: DossiersRead;
  /** The recipient's link to the person: one that confirms nothing where it had none. */
  linkOf(delivery: NewDelivery): ClientLink;
  /** For what a decision opens. Throws where something is missing that the database promises to hold. */
  subjectOf(delivery: NewDelivery, caller: Caller): DeliverySubject;
}

export function isDecided({ kind }: Pick<Delivery, 'kind'>): boolean {
  return kind === 'record' || kind === 'message';
}

export type DeliveryReader = Pick<Exchange, 'readStanding' | 'readDossiers' | 'schemas'>;

export async function readForDeliveries(
  exchange: DeliveryReader,
  tx: Queryable,
  moment: Moment,
  deliveries: readonly NewDelivery[],
): Promise<DeliveriesRead> {
  const standing = await exchange.readStanding(tx, moment);
  const decided = deliveries.filter(isDecided);
  const known = await findLinked(tx, deliveries);
  const dossiers = await exchange.readDossiers(
    tx,
    moment.timeline,
    decided.flatMap((delivery) => {
      const state = known.get(linkKey(recipientKey(delivery)));
      return state ? [{ personId: delivery.personId, stateVersion: state.stateVersion }] : [];
    }),
  );
  const contents = await readContents(tx, decided, dossiers);

  function linkOf(delivery: NewDelivery): ClientLink {
    return there(known.get(linkKey(recipientKey(delivery)))?.link, 'link of the recipient');
  }

  return {
    standing,
    dossiers,
    linkOf,
    subjectOf(delivery, caller) {
      const { id, kind, recipient, sender, personId } = delivery;
      const { content, purpose } = there(contents.get(id), 'content');
      const link = linkOf(delivery);
      const ofSender = sender && known.get(linkKey({ organisation: sender, personId }))?.link;
      // whoever cares for somebody may refer them to who does not know them yet
      const claim = kind === 'message' && ofSender ? ofSender.relationship : null;
      return {
        standing,
        at: moment.at,
        activity: kind === 'message' ? 'send' : 'publish',
        participant: there(standing.register.participants.get(recipient), 'recipient'),
        caller,
        content,
        purpose,
        link: { ...link, relationship: link.relationship ?? claim },
        dossier: there(dossiers.byPerson.get(personId), 'person'),
        schema: exchange.schemas.get(content.recordType),
      };
    },
  };
}

function recipientKey({ recipient, personId }: NewDelivery): LinkKey {
  return { organisation: recipient, personId };
}

/** Whoever is sent something about a person gets an id for them, which alone confirms nothing. */
async function findLinked(tx: Queryable, deliveries: readonly NewDelivery[]) {
  const keys = deliveries.flatMap((delivery): LinkKey[] => {
    const { sender, personId, kind } = delivery;
    const ofSender = kind === 'message' && sender ? [{ organisation: sender, personId }] : [];
    return [recipientKey(delivery), ...ofSender];
  });
  const known = await findKnownPersons(tx, keys);
  const missing = deliveries
    .map(recipientKey)
    .filter((key) => known.get(linkKey(key))?.link === undefined);
  if (missing.length === 0) return known;
  await insertLinks(
    tx,
    missing.map((key) => ({ ...key, client: newClientId() })),
  );
  return findKnownPersons(tx, keys);
}

interface Content {
  content: DeliveredContent;
  purpose: string | undefined;
}

async function readContents(
  tx: Queryable,
  deliveries: readonly NewDelivery[],
  { byPerson }: DossiersRead,
): Promise<ReadonlyMap<string, Content>> {
  const records = deliveries.flatMap((delivery) => {
    const { id, kind, personId, type: recordType, sender, version } = delivery;
    if (kind !== 'record' || sender === null || version === null) return [];
    return [{ id, key: { personId, recordType, custodian: sender, version } }];
  });
  const current = new Map(
    [...byPerson.values()].flatMap(({ records }) => records.map((one) => [versionKey(one), one])),
  );
  const past = records.map(({ key }) => key).filter((key) => !current.has(versionKey(key)));
  for (const version of await findRecordVersions(tx, past)) {
    current.set(versionKey(version), version);
  }
  const messages = await findMessages(
    tx,
    deliveries.flatMap(({ kind, messageId }) =>
      kind === 'message' && messageId !== null ? [messageId] : [],
    ),
  );
  const contents = new Map<string, Content>();
  for (const { id, key } of records) {
    const content = current.get(versionKey(key));
    if (content) contents.set(id, { content, purpose: undefined });
  }
  for (const { id, messageId } of deliveries) {
    const message = messageId === null ? undefined : messages.get(messageId);
    if (message) contents.set(id, { content: messageContent(message), purpose: message.purpose });
  }
  return contents;
}

function versionKey(key: Pick<RecordVersion, 'personId' | 'recordType' | 'custodian' | 'version'>) {
  return `${key.personId} ${key.recordType} ${key.custodian} ${key.version}`;
}

/** A message in the form of a record, so that both are decided on and cut alike. */
export function messageContent(message: Message): DeliveredContent {
  const { personId, messageType, sender, schema, asAt, digest, sections, outline } = message;
  return {
    ...{ personId, recordType: messageType, custodian: sender, version: 1, schema, asAt, digest },
    ...{ sections, outline, retractionReason: null },
  };
}

function there<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`a delivery has no ${what}`);
  return value;
}
