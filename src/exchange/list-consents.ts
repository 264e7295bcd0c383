/** A person's consents, for whoever may record or attest them. Reading them is recorded. */
import { findConsentsOfPersons } from '../consent/consent-store.ts';
import { authorise } from './authorise.ts';
import type { RequestContext } from './caller.ts';
import { consentJson } from './consent-json.ts';
import type { Exchange } from './exchange.ts';
import { getOwnClient } from './own-client.ts';
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
      const link = await getOwnClient(scope, context, client);
      authorise(scope, context, ['record-consent', 'attest-consent']);
      return link;
    },
    async effect({ tx }, { personId }) {
      const consents = await findConsentsOfPersons(tx, [personId]);
      return {
        receipt: { status: 200, body: { consents: consents.map(consentJson), next: null } },
      };
    },
  });
}
