/**
 * What a publisher's write puts into the outbox, in the same transaction: a delivery to each recipient that an
 * agreement names and that traced the person; and when a record is taken back, word of it to everybody who may
 * have been sent it.
 */
import { recipientsOf } from '../agreements/coverage.ts';
import { findTracers } from '../clients/link-store.ts';
import type { Dispatch } from '../deliveries/delivery.ts';
import { nextProgress, type Recall } from '../deliveries/delivery-state.ts';
import { enqueue } from '../deliveries/enqueue.ts';
import {
  findOpenOfRecord,
  findRecipients,
  type NewDelivery,
  promoteFirst,
  updateProgress,
} from '../deliveries/outbox-store.ts';
import type { RecordVersion } from '../records/record-store.ts';
import { channelOf } from './channel.ts';
import type { Exchange } from './exchange.ts';
import type { WriteScope } from './perform-write.ts';

type Enqueued = Pick<NewDelivery, 'id' | 'recipient'>;

export async function deliverRecord(
  exchange: Exchange,
  scope: WriteScope,
  record: RecordVersion,
): Promise<readonly Enqueued[]> {
  const { tx, moment, standing } = scope;
  const { personId, recordType, custodian } = record;
  const named = recipientsOf(standing.agreements, custodian, recordType, moment.at);
  if (named.length === 0) return [];
  const recipients = await findTracers(tx, personId, named);
  // whoever has no part in this version any more is refused the last one, and its sender is told
  if (exchange.deliveries.supersede) await recall(scope, record, 'superseded', recipients);
  return dispatch(exchange, scope, record, 'record', recipients);
}

export async function deliverRetraction(
  exchange: Exchange,
  scope: WriteScope,
  record: RecordVersion,
): Promise<readonly Enqueued[]> {
  const { personId, recordType: type, custodian: sender } = record;
  const recipients = await findRecipients(scope.tx, { personId, type, sender });
  const all = recipients.map(({ recipient }) => recipient);
  await recall(scope, record, 'cancelled', all);
  const holders = recipients.filter(({ mayHaveIt }) => mayHaveIt);
  return dispatch(
    exchange,
    scope,
    record,
    'retraction',
    holders.map(({ recipient }) => recipient),
  );
}

async function dispatch(
  { deliveries: { lifeMs } }: Exchange,
  { tx, moment, standing }: WriteScope,
  { personId, recordType: type, custodian: sender, version, retractionReason }: RecordVersion,
  kind: 'record' | 'retraction',
  recipients: readonly string[],
): Promise<readonly Enqueued[]> {
  const item: Dispatch = {
    ...{ kind, personId, sender, type, version },
    recipients: recipients.map((odsCode) => ({
      odsCode,
      channel: channelOf(standing.register, odsCode, type),
    })),
    ...(kind === 'retraction' && { content: { status: 'retracted', reason: retractionReason } }),
  };
  const { at, log, index } = moment;
  const enqueued = await enqueue(tx, [{ dispatch: item, index }], { at, log, lifeMs });
  return enqueued.map(({ id, recipient }) => ({ id, recipient }));
}

/** Those that were not delivered yet will not be; an attempt under way is the last. */
async function recall(
  { tx, moment }: WriteScope,
  { personId, recordType: type, custodian: sender }: RecordVersion,
  as: Recall,
  recipients: readonly string[],
): Promise<void> {
  const open = await findOpenOfRecord(tx, { personId, type, sender }, recipients);
  if (open.length === 0) return;
  await updateProgress(
    tx,
    open.flatMap((delivery) => {
      const progress = nextProgress(delivery, { kind: 'recalled', as }, moment.at);
      return progress ? [{ id: delivery.id, progress }] : [];
    }),
  );
  await promoteFirst(tx, open, new Date(moment.at));
}
