/** From the caller's own id to the person. Somebody else's id and none at all are one answer. */
import { type ClientLink, findLinks } from '../clients/link-store.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { RequestContext } from './caller.ts';
import type { WriteScope } from './perform-write.ts';

/** The body of every 404 is the same; `reasonCodes` tell the ledger why. */
export function notFound(...reasonCodes: string[]): GatewayError {
  return new GatewayError('RESOURCE_NOT_FOUND', { reasonCodes });
}

export function ownLink(
  link: ClientLink | undefined,
  { caller }: RequestContext,
): ClientLink | undefined {
  return link?.organisation === caller.odsCode ? link : undefined;
}

/** Who was only sent something about a person has an id for them, which alone confirms nothing. Throws TRACE_STALE. */
export function requireTrace({ tracedAt }: Pick<ClientLink, 'tracedAt'>): void {
  if (tracedAt === null) throw new GatewayError('TRACE_STALE');
}

/** Throws RESOURCE_NOT_FOUND. The event names the person from here on. */
export async function getOwnClient(
  scope: WriteScope,
  context: RequestContext,
  client: string,
): Promise<ClientLink> {
  const link = ownLink((await findLinks(scope.tx, [client])).get(client), context);
  if (!link) throw notFound('CLIENT_UNKNOWN');
  scope.event.person = link.personId;
  return link;
}

/** The same, for an act upon the person. Throws RESOURCE_NOT_FOUND, TRACE_STALE. */
export async function getTracedClient(
  scope: WriteScope,
  context: RequestContext,
  client: string,
): Promise<ClientLink> {
  const link = await getOwnClient(scope, context, client);
  requireTrace(link);
  return link;
}
