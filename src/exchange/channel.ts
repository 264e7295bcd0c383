/** Pushed to whoever has an endpoint for the type; kept for the others until they ask. */
import type { Channel } from '../deliveries/delivery.ts';
import type { Register } from '../participants/register.ts';

export function channelOf({ endpoints }: Register, odsCode: string, type: string): Channel {
  const endpoint = endpoints.get(odsCode);
  if (!endpoint) return 'inbox';
  return endpoint.recordTypes === undefined || endpoint.recordTypes.has(type) ? 'push' : 'inbox';
}
