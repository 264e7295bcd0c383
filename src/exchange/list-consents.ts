/** A person's consents, for whoever may record or attest consent to the same records. Reading is recorded. */
import { findConsentsOfPersons } from '../consent/consent-store.ts';
import { authorise } from './authorise.ts';
import { concerns, mayAttest } from './authorise-consent.ts';
import type { RequestContext } from './caller.ts';
import { consentJson } from './consent-json.ts';
import type { Exchange } from './exchange.ts';
import { getTracedClient } from './own-client.ts';
import { performWrite } from './perform-write.ts';
import type { Receipt } from './receipt.ts';

export function listConsents(
  exchange: Exchange,
  { context, client }: { context: RequestContext; client: string },
): Promise<Receipt> {
  return performWrite(exchange, {
    context,
    action: 'consent.read',
    idempotency: undefined,
    async authorise(scope) {
      const link = await getTracedClient(scope, context, client);
      authorise(scope, context, mayAttest);
      return link;
    },
    async effect(scope, { personId }) {
      const held = await findConsentsOfPersons(scope.tx, [personId]);
      const consents = held.filter(({ document }) =>
        concerns(scope, context, exchange.schemas, document.rules),
      );
      return {
        receipt: { status: 200, body: { consents: consents.map(consentJson), next: null } },
      };
    },
  });
}
