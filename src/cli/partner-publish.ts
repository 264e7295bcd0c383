/** `jetway partner publish`: a record or a message goes out as a partner's system sends it, and is followed. */
import type { PartnerClient } from '../partner/partner-client.ts';
import type { DeliveryNews } from '../partner/sending.ts';
import { parseOptions, required, UsageError } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { readTextFile } from './operator-error.ts';
import {
  connectionOptions,
  connectionUsage,
  connectPartner,
  idempotencyKeyOf,
  readAs,
} from './partner-connection.ts';

export const partnerPublishCommand: Command = {
  name: 'partner publish',
  summary: 'publish a record or send a message as a partner does, and follow it',
  usage: `jetway partner publish --gateway URL --ca FILE --cert FILE --key FILE (--client ID | --trace FILE)
    (--record FILE | --message FILE) [--purpose CODE] [--user FILE --assertion-key FILE] [--idempotency-key KEY]
    [--follow]

Traces the person where it is asked to, then publishes a record, which it creates or replaces by the ETag of the
version that you hold now, or sends a message. Prints the receipt and the deliveries, never what was sent. What the
gateway was too busy for, or nobody answered, is repeated under the same idempotency key.

${connectionUsage}
  --client ID           your own id for the person, from an earlier trace
  --trace FILE          the body of a trace, JSON: confirms the identity first
  --record FILE         the record, JSON; its schema says of which type
  --message FILE        the message, JSON; its schema says of which type
  --idempotency-key KEY the same as the last time, where you do not know what became of it
  --follow              stays until each delivery has ended

Exit code: 0 done, and with --follow delivered; 1 refused, not delivered or not known; 2 the arguments cannot be
used.`,
  async run(args, io) {
    const values = parseOptions(args, {
      ...connectionOptions,
      ...{ client: { type: 'string' }, trace: { type: 'string' } },
      ...{ record: { type: 'string' }, message: { type: 'string' } },
      ...{ 'idempotency-key': { type: 'string' }, follow: { type: 'boolean' } },
    });
    const { client: known, trace, record, message, follow = false } = values;
    if ((known === undefined) === (trace === undefined)) {
      throw new UsageError('either --client or --trace is needed');
    }
    if ((record === undefined) === (message === undefined)) {
      throw new UsageError('either --record or --message is needed');
    }
    const file = required(record ?? message, '--record');
    const { parseOutgoingDocument } = await import('../partner/outgoing-document.ts');
    const document = readAs(file, await readTextFile(file), parseOutgoingDocument);
    const traceText = trace === undefined ? undefined : await readTextFile(trace);
    const { traceClient, publishRecord, sendMessage } = await import('../partner/sending.ts');
    const partner = await connectPartner(values);
    const idempotencyKey = idempotencyKeyOf(values['idempotency-key']);
    try {
      const client =
        traceText === undefined
          ? required(known, '--client')
          : await traceClient(partner, traceText);
      io.out(`client ${client}`);
      const outgoing = { client, document, idempotencyKey };
      const receipt = await tellingKey(io, idempotencyKey, () =>
        record === undefined
          ? sendMessage(partner, { ...outgoing, purpose: values.purpose })
          : publishRecord(partner, outgoing),
      );
      io.out(JSON.stringify(receipt.body));
      const { deliveriesOf } = await import('../partner/sending.ts');
      return await tellDeliveries(partner, deliveriesOf(receipt), { io, follow });
    } finally {
      await partner.close();
    }
  },
};

const followEveryMs = 1_000;

async function tellDeliveries(
  partner: PartnerClient,
  ids: readonly string[],
  { io, follow }: { io: CommandIo; follow: boolean },
): Promise<number> {
  const { followDeliveries, trackDelivery } = await import('../partner/sending.ts');
  const tell = ({ id, recipient, state, failure }: DeliveryNews) =>
    io.out([`delivery ${id}`, `to ${recipient}`, state, failure].filter(Boolean).join('  '));
  if (!follow) {
    for (const id of ids) tell(await trackDelivery(partner, id));
    return 0;
  }
  const ended = await followDeliveries(partner, ids, { everyMs: followEveryMs, onNews: tell });
  return ended.every(({ state }) => state === 'delivered' || state === 'superseded') ? 0 : 1;
}

/** Where nobody knows what became of it, only the same key finds out without a second effect. */
async function tellingKey<Value>(io: CommandIo, key: string, act: () => Promise<Value>) {
  try {
    return await act();
  } catch (error) {
    const { RefusedError } = await import('../partner/problem-line.ts');
    const { ConnectionError } = await import('../partner/connection-error.ts');
    const isUnsent = error instanceof ConnectionError && error.isNothingSent;
    if (!(error instanceof RefusedError) && !isUnsent) {
      io.err(`what became of it is not known: repeat the command with --idempotency-key ${key}`);
    }
    throw error;
  }
}
