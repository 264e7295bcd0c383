/** What leaves on a permit: when it is what left before, and when it is made anew. */
import t from 'tap';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import { agree, knownPerson, trace } from '../support/borough.ts';
import { centre, otherCentre } from '../support/builders.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { pullOf, testExchange } from '../support/test-exchange.ts';

const exchange = await testExchange(t);
const pull = recordPuller(exchange);
function sections(body: string | undefined): string[] {
  return Object.keys(JSON.parse(body ?? '{}').sections);
}

t.test(
  'an answer like the one before is the same, and whatever differs makes another',
  async (t) => {
    const one = somebody();
    const { client, traced } = await knownPerson(exchange, one);
    const other = await trace(exchange, otherCentre, one);
    const asked = {
      first: pullOf(centre, traced),
      some: pullOf(centre, traced, { sections: ['person'] }),
      byAnother: pullOf(otherCentre, other),
      again: pullOf(centre, traced),
    };
    const first = await pull(asked.first);
    const some = await pull(asked.some);
    const byAnother = await pull(asked.byAnother);
    const again = await pull(asked.again);
    t.strictSame(sections(some.body), ['person']);
    t.equal(byAnother.body, first.body, 'by the same agreement');
    t.not(byAnother.etag, first.etag, 'but each organisation has its own tags');
    t.strictSame([again.body, again.etag], [first.body, first.etag]);
    t.equal(again.event.digest, first.event.digest);
    t.not(again.ledgerIndex, first.ledgerIndex, 'each has its own entry');

    await agree(exchange, client, {
      rules: [
        { type: 'permit', recordTypes: ['social-care-summary'] },
        { type: 'deny', recordTypes: ['social-care-summary'], sections: ['servicesAndCare'] },
      ],
    });
    const less = await pull(pullOf(centre, traced));
    t.notOk(sections(less.body).includes('servicesAndCare'));
    t.not(less.etag, first.etag);
  },
);
