/**
 * Facts written together with what the ledger says of them: which rows, and a digest over all of them. Recording them
 * and registering with another status both come here, so that there is no way around how many a person may have.
 */
import { countFacts, insertFacts } from '../clients/fact-store.ts';
import type { FactEntry } from '../clients/person-facts.ts';
import type { RequestContext } from './caller.ts';
import { maxFacts, tooMany } from './held-limits.ts';
import type { WriteScope } from './perform-write.ts';
import { factsDigest } from './state-digest.ts';

export async function keepFacts(
  { tx, moment, event }: WriteScope,
  { caller }: RequestContext,
  personId: string,
  facts: readonly FactEntry[],
): Promise<void> {
  if ((await countFacts(tx, personId)) + facts.length > maxFacts) throw tooMany('facts');
  const recorded = { by: caller.odsCode, at: new Date(moment.at) };
  const rows = await insertFacts(tx, personId, facts, recorded);
  event.digest = factsDigest(facts.map((fact) => ({ ...fact, ...recorded, personId })));
  event.particulars = { ...event.particulars, facts: facts.map(({ name }) => name), rows };
}
