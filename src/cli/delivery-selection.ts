/** The options by which operators choose deliveries, and how one is shown. */
import type { Delivery } from '../deliveries/delivery.ts';
import { type DeliveryState, deliveryStates } from '../deliveries/delivery-state.ts';
import type { DeliveryFilter } from '../deliveries/tracking-store.ts';
import { loadSchemas } from './administration.ts';
import { UsageError } from './arguments.ts';

export const selectionOptions = {
  state: { type: 'string' },
  sender: { type: 'string' },
  recipient: { type: 'string' },
  type: { type: 'string' },
  limit: { type: 'string', default: '100' },
} as const;

export const stateUsage = `  --state STATE      ${deliveryStates.slice(0, 4).join(', ')},
                     ${deliveryStates.slice(4).join(', ')}`;

export const selectionUsage = `  --sender CODE      ODS code
  --recipient CODE   ODS code
  --type TYPE        record type or message type
  --limit N          so many, the newest first; 100 when left out, 10000 at most`;

const odsCode = /^[A-Z0-9]{1,10}$/;

export interface Selection {
  filter: DeliveryFilter;
  limit: number;
}

export function readSelection(options: {
  state?: string | undefined;
  sender?: string | undefined;
  recipient?: string | undefined;
  type?: string | undefined;
  limit: string;
}): Selection {
  const { state, sender, recipient, type, limit } = options;
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > 10_000) {
    throw new UsageError('--limit must be a whole number from 1 to 10000');
  }
  const filter = {
    ...{ state: stateOf(state), type: typeOf(type) },
    ...{ sender: codeOf('--sender', sender), recipient: codeOf('--recipient', recipient) },
  };
  return { filter, limit: count };
}

function codeOf(option: string, text: string | undefined): string | undefined {
  if (text === undefined || odsCode.test(text)) return text;
  throw new UsageError(`${option} must be an ODS code: capital letters and digits`);
}

/** A word that is no type would select nothing, and look like good news. */
function typeOf(text: string | undefined): string | undefined {
  const known = loadSchemas().recordTypes;
  if (text === undefined || known.includes(text)) return text;
  throw new UsageError(`--type: there is no ${text}; there are ${known.join(', ')}`);
}

function stateOf(text: string | undefined): DeliveryState | undefined {
  const state = deliveryStates.find((known) => known === text);
  if (text !== undefined && state === undefined) {
    throw new UsageError(`--state must be one of ${deliveryStates.join(', ')}`);
  }
  return state;
}

export const noSuchDelivery = 'there is no such delivery';

/** Names nobody. */
export function deliveryLine(delivery: Delivery): string {
  const { id, kind, type, sender, recipient, state, attempt, lastFailure, acceptedAt } = delivery;
  const from = sender ?? 'gateway';
  const failure = lastFailure === null ? '' : `  ${lastFailure}`;
  const at = new Date(acceptedAt).toISOString();
  return `${id}  ${at}  ${kind} ${type}  ${from} to ${recipient}  ${state}, attempts ${attempt}${failure}`;
}
