/** A pull that no agreement covers, and what the partner's engineer is told of it. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import { knownPerson } from '../support/borough.ts';
import { centre, hospital } from '../support/builders.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { contextOf, pullOf, testExchange } from '../support/test-exchange.ts';

const exchange = await testExchange(t);
const pull = recordPuller(exchange);

t.test('no agreement in force: nothing flows', async (t) => {
  const { traced } = await knownPerson(exchange, somebody());
  const uncovered = (detail: RegExp) => ({ code: 'NO_SHARING_AGREEMENT', detail });
  await t.rejects(
    pull(pullOf(centre, traced, { purpose: 'HRESCH' })),
    uncovered(/Shared for: TREAT/),
  );
  await t.rejects(pull(pullOf(centre, traced, { custodian: hospital })), uncovered(/custodian/));
  const asNurse = contextOf(centre, {
    assertion: {
      ...{
        subject: 'u-1',
        name: 'U 1',
        role: 'nurse',
        purpose: 'TREAT',
        jti: randomUUID(),
        kid: 'k',
      },
      ...{
        issuedAt: exchange.clock.now(),
        expiresAt: new Date(exchange.clock.now().getTime() + 60_000),
      },
    },
  });
  await t.rejects(
    pull(pullOf(centre, traced, { context: asNurse })),
    uncovered(/Roles that are: .*gp/),
  );
  await t.rejects(pull(pullOf(centre, traced, { purpose: undefined })), { code: 'PURPOSE_NEEDED' });
  const local = await testExchange(t);
  const known = await knownPerson(local, somebody());
  local.clock.set('2028-01-01T00:00:00Z');
  await t.rejects(recordPuller(local)(pullOf(centre, known.traced)), {
    code: 'NO_SHARING_AGREEMENT',
  });
});
