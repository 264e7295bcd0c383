/** Recording dated facts about a person. Only what is named changes; history is kept. */
import { authorise } from './authorise.ts';
import type { RequestContext } from './caller.ts';
import type { Exchange } from './exchange.ts';
import { keepFacts } from './keep-facts.ts';
import { getTracedClient } from './own-client.ts';
import { performWrite } from './perform-write.ts';
import type { Idempotency, Receipt } from './receipt.ts';

/** schemas/api/person-facts.json: facts by name, and since when. */
export type FactsRequest = Readonly<Record<string, unknown>> & { from?: string };

export function recordFacts(
  exchange: Exchange,
  request: {
    context: RequestContext;
    client: string;
    facts: FactsRequest;
    idempotency: Idempotency;
  },
): Promise<Receipt> {
  const { context, client, idempotency } = request;
  const { from, ...facts } = request.facts;
  const names = Object.keys(facts);
  return performWrite(exchange, {
    context,
    action: 'facts.recorded',
    event: { particulars: { facts: names, from: from ?? null } },
    idempotency,
    async authorise(scope) {
      const link = await getTracedClient(scope, context, client);
      authorise(scope, context, ['record-facts']);
      return link;
    },
    async effect(scope, { personId }) {
      const since = from === undefined ? scope.moment.at : Date.parse(from);
      const entries = Object.entries(facts).map(([name, value]) => ({ name, value, from: since }));
      await keepFacts(scope, context, personId, entries);
      const body = { client, recorded: names, from: new Date(since).toISOString() };
      return { receipt: { status: 200, body } };
    },
  });
}
