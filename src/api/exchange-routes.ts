/** Every call that the exchange door serves, in one list. */
import { openApiDocument } from './openapi-document.ts';
import type { Operations } from './operations.ts';
import type { ContextDeps } from './request-context.ts';
import type { Route } from './route.ts';
import { type AuditDeps, auditRoutes } from './routes/audit.ts';
import { type ChangesDeps, changesRoute } from './routes/changes.ts';
import { traceRoute } from './routes/clients.ts';
import { type ConsentsDeps, consentsRoutes } from './routes/consents.ts';
import { type DeliveriesDeps, deliveriesRoutes } from './routes/deliveries.ts';
import { factsRoute } from './routes/facts.ts';
import { type InboxDeps, inboxRoutes } from './routes/inbox.ts';
import { type KeysDeps, keysRoute } from './routes/keys.ts';
import { type MessagesDeps, messageRoute } from './routes/messages.ts';
import { openApiRoute } from './routes/openapi.ts';
import { overridesRoute } from './routes/overrides.ts';
import { type RecordsDeps, recordsRoutes } from './routes/records.ts';
import { type SchemasDeps, schemasRoutes } from './routes/schemas.ts';
import { type WhoAmIDeps, whoAmIRoute } from './routes/whoami.ts';

export type RouteDeps = ContextDeps &
  WhoAmIDeps &
  SchemasDeps &
  ConsentsDeps &
  RecordsDeps &
  MessagesDeps &
  InboxDeps &
  DeliveriesDeps &
  KeysDeps &
  ChangesDeps &
  AuditDeps & { operations: Operations };

export function exchangeRoutes(deps: RouteDeps): readonly Route[] {
  const routes: readonly Route[] = [
    whoAmIRoute(deps),
    keysRoute(deps),
    ...schemasRoutes(deps),
    traceRoute(deps),
    factsRoute(deps),
    ...recordsRoutes(deps),
    changesRoute(deps),
    ...consentsRoutes(deps),
    overridesRoute(deps),
    messageRoute(deps),
    ...inboxRoutes(deps),
    ...deliveriesRoutes(deps),
    ...auditRoutes(deps),
    openApiRoute(() => openApiDocument(routes, deps.gateway)),
  ];
  return routes;
}
