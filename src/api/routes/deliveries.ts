/** What became of what the caller sent. */
import { deliveryKinds } from '../../deliveries/delivery.ts';
import { deliveryStates } from '../../deliveries/delivery-state.ts';
import type { TrackingFilter } from '../../exchange/track-deliveries.ts';
import { nothing } from '../empty-request.ts';
import { idempotencyOf } from '../idempotency-key.ts';
import type { Operations } from '../operations.ts';
import { deliveryIdOf } from '../path-parameters.ts';
import { checkPeriod } from '../period.ts';
import { queryShape } from '../query.ts';
import { receiptAnswer } from '../receipt-answer.ts';
import type { Route } from '../route.ts';

const instant = { type: 'string', format: 'date-time', maxLength: 40 };

const tracking = queryShape<TrackingFilter & { limit?: number; after?: string }>({
  client: { type: 'string', pattern: '^c_[A-Za-z0-9_-]{1,64}$', description: 'Your own id.' },
  recipient: { type: 'string', pattern: '^[A-Z0-9]{3,10}$', description: 'ODS code.' },
  kind: { type: 'string', enum: deliveryKinds },
  state: { type: 'string', enum: deliveryStates },
  type: {
    type: 'string',
    pattern: '^[a-z][a-z0-9-]{1,62}$',
    description: 'Record type or message type.',
  },
  from: { ...instant, description: 'Accepted then or later.' },
  until: { ...instant, description: 'Exclusive.' },
  limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  after: { type: 'string', minLength: 1, maxLength: 1_024, description: '`next` of a page.' },
});
const defaultLimit = 50;

type Needs = 'trackDeliveries' | 'trackDelivery' | 'redeliver';
export type DeliveriesDeps = { macKey: Buffer; operations: Pick<Operations, Needs> };

export function deliveriesRoutes(deps: DeliveriesDeps): readonly Route[] {
  return [searchRoute(deps), deliveryRoute(deps), redeliveryRoute(deps)];
}

function searchRoute({ operations }: DeliveriesDeps): Route {
  return {
    method: 'GET',
    path: '/v1/deliveries',
    access: 'certificate',
    summary: 'What became of what you sent, newest first.',
    query: tracking,
    answers: {
      200: {
        body: 'DeliveriesPage',
        means: 'A list `deliveries` with their receipts, and `next` for the page after it.',
      },
    },
    problems: ['CURSOR_INVALID', 'RESOURCE_NOT_FOUND'],
    async answer(call, { context }) {
      const { limit = defaultLimit, after, ...filter } = tracking.read(call.search);
      checkPeriod(filter);
      const page = await operations.trackDeliveries({
        ...{ context, filter, limit, ...(after !== undefined && { after }) },
      });
      return { status: 200, body: JSON.stringify(page) };
    },
  };
}

function deliveryRoute({ operations }: DeliveriesDeps): Route {
  return {
    method: 'GET',
    path: '/v1/deliveries/{id}',
    access: 'certificate',
    summary: 'One delivery of yours with its receipts.',
    answers: { 200: { body: 'Delivery', means: 'The delivery.' } },
    problems: ['RESOURCE_NOT_FOUND'],
    async answer(call, { context }) {
      const delivery = await operations.trackDelivery({ context, id: deliveryIdOf(call) });
      return { status: 200, body: JSON.stringify(delivery) };
    },
  };
}

function redeliveryRoute({ macKey, operations }: DeliveriesDeps): Route {
  return {
    method: 'POST',
    path: '/v1/deliveries/{id}/redelivery',
    access: 'certificate',
    action: 'delivery.rerun',
    summary:
      'Delivers again what was refused, rejected or expired: as a delivery of its own, decided anew.',
    fields: ['Idempotency-Key'],
    body: nothing,
    answers: { 202: { body: 'Redelivery', means: 'The id of the new delivery.' } },
    problems: ['RESOURCE_NOT_FOUND', 'DELIVERY_STATE_CONFLICT', 'RECORD_RETRACTED'],
    async answer(call, { context }) {
      const id = deliveryIdOf(call);
      const idempotency = idempotencyOf(macKey, `POST /v1/deliveries/${id}/redelivery`, call);
      nothing.read(call.body);
      return receiptAnswer(await operations.redeliver({ context, id, idempotency }));
    },
  };
}
