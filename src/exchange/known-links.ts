/**
 * The links that a node remembers between transactions. Whatever changes a person or a link raises the people
 * version in the ledger's head, under its lock (migrations/0007): while the version is the one that a node knows,
 * what it remembers is exact, and where it has risen, the few people who changed are forgotten first.
 */
import { LRUCache } from 'lru-cache';
import { type ClientLink, findLinks } from '../clients/link-store.ts';
import { findChangedPersons } from '../clients/person-store.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Moment } from '../ledger/work.ts';

/** By client. Who is unknown is left out; whose a link is, the caller compares. */
export type ReadLinks = (
  tx: Queryable,
  moment: Pick<Moment, 'timeline' | 'peopleVersion'>,
  clients: readonly string[],
) => Promise<ReadonlyMap<string, ClientLink>>;

/** People, each with as many links as there are organisations that asked for them. */
const maxPersons = 50_000;
/** Under the lock: where more have changed, forgetting everybody is cheaper than naming them. */
const maxChanged = 1_000;

/**
 * Requires a transaction that holds the head's lock, and has changed no person and no link that anybody can name yet:
 * ids that the relay makes for recipients are told to nobody before the commit.
 */
export function linkReader(): ReadLinks {
  const kept = new LRUCache<string, Map<string, ClientLink>>({ max: maxPersons });
  // a hint where to look: the link itself says whose it is
  const personOf = new LRUCache<string, string>({ max: 2 * maxPersons });
  let keptOf = '';
  let known = 0;

  async function forgetChanged(tx: Queryable, version: number): Promise<void> {
    if (version > known && kept.size > 0) {
      const changed = await findChangedPersons(tx, known, maxChanged);
      if (changed.length === maxChanged) kept.clear();
      else for (const personId of changed) kept.delete(personId);
    }
    known = version;
  }

  function recall(client: string): ClientLink | undefined {
    const personId = personOf.get(client);
    return personId === undefined ? undefined : kept.get(personId)?.get(client);
  }

  function keep(link: ClientLink): void {
    const ofPerson = kept.get(link.personId) ?? new Map<string, ClientLink>();
    kept.set(link.personId, ofPerson.set(link.client, link));
    personOf.set(link.client, link.personId);
  }

  return async (tx, { timeline, peopleVersion }, clients) => {
    if (timeline !== keptOf) kept.clear();
    keptOf = timeline;
    if (peopleVersion !== known) await forgetChanged(tx, peopleVersion);
    const links = new Map<string, ClientLink>();
    const missing = new Set<string>();
    for (const client of clients) {
      const link = recall(client);
      if (link) links.set(client, link);
      else missing.add(client);
    }
    if (missing.size === 0) return links;
    for (const [client, link] of await findLinks(tx, [...missing])) {
      keep(link);
      links.set(client, link);
    }
    return links;
  };
}
