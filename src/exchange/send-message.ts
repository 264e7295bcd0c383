/**
 * Sending a message to one addressee: decided now, so that a sender hears at once of what cannot be, and decided
 * again at each attempt. Accepted means that it will be delivered, or that its sender is told why not.
 */
import { hash, randomUUID } from 'node:crypto';
import { agreementsForDelivery } from '../agreements/coverage.ts';
import type { SharingAgreement } from '../agreements/sharing-agreement.ts';
import type { ClientLink } from '../clients/link-store.ts';
import { enqueue } from '../deliveries/enqueue.ts';
import { insertMessage, type Message } from '../deliveries/message-store.ts';
import type { NewDelivery } from '../deliveries/outbox-store.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { RecordDocument } from '../records/record-document.ts';
import { authorise } from './authorise.ts';
import { asEndpoint, type RequestContext, roleOf } from './caller.ts';
import { channelOf } from './channel.ts';
import { refuseOtherPerson } from './check-person.ts';
import { considerWaiting } from './considered-delivery.ts';
import { decidedEvent } from './decided-event.ts';
import { deliveredDigest } from './dossier-digest.ts';
import type { Exchange } from './exchange.ts';
import { getTracedClient } from './own-client.ts';
import { keptRefusal, performWrite, type WriteScope } from './perform-write.ts';
import { messageContent, readForDeliveries } from './read-for-deliveries.ts';
import type { Idempotency, Receipt } from './receipt.ts';
import { messageDigest } from './state-digest.ts';
import { storedForm } from './stored-form.ts';

export interface MessageRequest {
  context: RequestContext;
  client: string;
  messageType: string;
  message: RecordDocument & { to: string };
  /** RFC 9530 form, of the body as it came. */
  digest: string;
  /** Purpose-Of-Use; equal to the assertion's where there is one. */
  purpose: string | undefined;
  idempotency: Idempotency;
}

interface Authorised {
  link: ClientLink;
  purpose: string;
}

/** 202 with the id of the message and of its delivery. */
export function sendMessage(exchange: Exchange, request: MessageRequest): Promise<Receipt> {
  const { context, messageType, digest, idempotency } = request;
  return performWrite(exchange, {
    context,
    action: 'message.sent',
    event: { recordType: messageType, custodian: context.caller.odsCode, digest },
    idempotency,
    authorise: (scope) => authoriseSender(scope, request),
    effect: async (scope, authorised) => {
      const { tx, moment, event } = scope;
      const about = { organisation: context.caller.odsCode, personId: authorised.link.personId };
      const mismatch = await refuseOtherPerson(exchange, scope, request.message, about);
      if (mismatch) return keptRefusal(mismatch);
      const message = messageOf(request, authorised);
      const sentAt = new Date(moment.at);
      await insertMessage(tx, message, sentAt);
      const delivery = await enqueueMessage(exchange, scope, message);
      const withheld = await decide(exchange, scope, delivery);
      const { id, schema, recipient } = message;
      event.particulars = {
        ...{ message: id, schema, recipient, delivery: delivery.id },
        stored: storedDigest(message, sentAt),
        content: deliveredDigest(messageContent(message)),
      };
      const deliveries = [{ id: delivery.id, recipient }];
      const body = {
        message: id,
        messageType,
        schema,
        to: recipient,
        digest,
        withheld,
        deliveries,
      };
      return { receipt: { status: 202, body }, hasEnqueued: true };
    },
  });
}

async function authoriseSender(scope: WriteScope, request: MessageRequest): Promise<Authorised> {
  const { context, client, messageType, message } = request;
  const { standing, moment } = scope;
  const link = await getTracedClient(scope, context, client);
  authorise(scope, context, ['send'], messageType);
  const role = roleOf(context.caller);
  const agreements = agreementsForDelivery(
    standing.agreements,
    {
      ...{ from: context.caller.odsCode, activity: 'send', to: message.to },
      ...{ recordType: messageType, role },
    },
    moment.at,
  );
  if (agreements.length === 0) {
    throw new GatewayError('NO_SHARING_AGREEMENT', {
      detail: 'No sharing agreement in force lets the addressee receive this from you.',
    });
  }
  const purpose = purposeOf(request, agreements);
  const agreement = agreements.find((one) => purposesOf(one, messageType).includes(purpose));
  if (!agreement) throw new GatewayError('PURPOSE_NOT_PERMITTED');
  if (agreement.document.userAssertion === 'required' && !context.caller.assertion) {
    throw new GatewayError('ASSERTION_NEEDED');
  }
  if (link.tracedAt === null || link.tracedAt + agreement.traceFreshnessMs <= moment.at) {
    throw new GatewayError('TRACE_STALE');
  }
  scope.event.purpose = purpose;
  return { link, purpose };
}

function purposesOf({ recordTypes }: SharingAgreement, messageType: string): readonly string[] {
  return [...(recordTypes.get(messageType)?.purposes ?? [])];
}

function purposeOf(
  { context, purpose, messageType }: MessageRequest,
  agreements: readonly SharingAgreement[],
): string {
  const named = context.caller.assertion?.purpose ?? purpose;
  if (named !== undefined) return named;
  const purposes = new Set(agreements.flatMap((one) => purposesOf(one, messageType)));
  const [only] = purposes;
  if (only !== undefined && purposes.size === 1) return only;
  throw new GatewayError('PURPOSE_NEEDED', {
    detail: `The agreement has several purposes. Name one in Purpose-Of-Use: ${[...purposes].join(', ')}.`,
  });
}

function messageOf(request: MessageRequest, { link, purpose }: Authorised): Message {
  const { context, messageType, message, digest } = request;
  return {
    ...{ id: randomUUID(), personId: link.personId, messageType, purpose, digest },
    ...{ sender: context.caller.odsCode, recipient: message.to },
    ...storedForm(message),
  };
}

async function enqueueMessage(
  { deliveries: { lifeMs } }: Exchange,
  { tx, moment, standing }: WriteScope,
  { id, personId, sender, recipient, messageType: type }: Message,
): Promise<NewDelivery> {
  const { at, log, index } = moment;
  const channel = channelOf(standing.register, recipient, type);
  const recipients = [{ odsCode: recipient, channel }];
  const dispatch = { kind: 'message', personId, sender, type, messageId: id, recipients } as const;
  const [delivery] = await enqueue(tx, [{ dispatch, index }], { at, log, lifeMs });
  if (!delivery) throw new Error('a message was put into no outbox');
  return delivery;
}

/** The sections that would be withheld now. Throws the refusal that would be final. */
async function decide(exchange: Exchange, scope: WriteScope, delivery: NewDelivery) {
  const { tx, moment, event } = scope;
  const read = await readForDeliveries(exchange, tx, moment, [delivery]);
  const subject = read.subjectOf(delivery, asEndpoint(delivery.recipient));
  const verdict = considerWaiting(subject, delivery.channel);
  if (verdict.decided) {
    const { decision, reasonCodes } = decidedEvent(verdict.decided, subject);
    Object.assign(event, { decision, reasonCodes });
  }
  if (verdict.kind === 'refused') throw verdict.error;
  const { agreement, decision } = verdict.decided;
  const hidden = agreement.recordTypes.get(delivery.type)?.hiddenSections;
  return Object.entries(decision.excludedSections)
    .filter(([section]) => !hidden?.has(section))
    .map(([section, reason]) => ({ section, reason }));
}

/** Of the row, where the event's own digest is that of the body as it came. */
function storedDigest({ sections, ...message }: Message, sentAt: Date): string {
  return messageDigest({ ...message, sectionsDigest: hash('sha256', sections, 'base64'), sentAt });
}
