/** Whatever an endpoint does to what it is sent, its deliveries come in order and count once. */
import fc from 'fast-check';
import t from 'tap';
import type { Manner } from '../../src/partner/manners.ts';
import { centre, council } from '../support/builders.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { awaitedPerson, publisher, relayAgreement, send } from '../support/relay.ts';
import { deliveryIn, relayAtWork } from '../support/relay-at-work.ts';
import { testExchange } from '../support/test-exchange.ts';

const hourMs = 3_600_000;
const exchange = await testExchange(t, relayAgreement());
const { opened, place, track } = relayAtWork(t, exchange);

t.test(
  'whatever their manners, recipients get each person’s deliveries in order and once in effect',
  async (t) => {
    const bad: readonly Manner[] = [
      'ok',
      'ok',
      '500',
      '503-retry-after',
      'cut-before',
      'cut-after',
      'garbage',
      'html',
    ];
    let manners: Manner[] = [];
    const endpoint = await place(centre, () => manners.shift() ?? 'ok');
    const { work, know } = await opened();
    await know();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...bad), { minLength: 5, maxLength: 25 }),
        async (walk) => {
          manners = [...walk];
          const before = endpoint.received.length;
          const people = [
            await awaitedPerson(exchange, somebody()),
            await awaitedPerson(exchange, somebody()),
          ];
          const sent = new Map<string, string>();
          for (const { client, traced } of people) {
            sent.set(deliveryIn(await publisher(exchange, client)()), traced);
            for (let count = 0; count < 2; count += 1) {
              sent.set(
                deliveryIn(await send(exchange, client, { from: council, to: centre })),
                traced,
              );
            }
          }
          for (let turn = 0; turn < 40; turn += 1) {
            await work();
            exchange.clock.advance(hourMs);
          }
          const taken = endpoint.received
            .slice(before)
            .filter(({ status }) => status === 'received');
          const ids = taken.map(({ delivery }) => delivery);
          t.strictSame([...ids].sort(), [...sent.keys()].sort(), 'each once');
          for (const { traced } of people) {
            const sequences = taken
              .filter(({ client }) => client === traced)
              .map(({ sequence }) => sequence);
            t.strictSame(sequences, [1, 2, 3], 'in order');
          }
          for (const id of sent.keys()) t.match(await track(council, id), { state: 'delivered' });
        },
      ),
      { numRuns: 8 },
    );
  },
);
