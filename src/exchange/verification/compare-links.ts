/**
 * What entries say of the organisations' ids for people (followed-links.ts), held against what is stored. Ids that
 * auditors were given with the trail confirm nothing before they trace somebody, and are not held until then.
 */
import { linkKey } from '../../clients/link-store.ts';
import type { Queryable } from '../../database/queryable.ts';
import type { Findings } from '../../ledger/verification/findings.ts';
import { linkDigest } from '../state-digest.ts';
import type { FollowedLink, FollowedLinks } from './followed-links.ts';
import { inPieces } from './in-pieces.ts';
import { countTracedLinks, findLinkRows, type StoredLink } from './state-store.ts';

/** Requires logs that verify, in the snapshot of `tx`. `log`: the newest. */
export async function compareLinks(
  tx: Queryable,
  { links }: FollowedLinks,
  { log, findings }: { log: number; findings: Findings },
): Promise<void> {
  let met = 0;
  for (const piece of inPieces(links)) {
    const rows = await findLinkRows(
      tx,
      piece.map(([, link]) => link),
    );
    met += rows.filter(({ tracedAt }) => tracedAt !== null).length;
    const byKey = Map.groupBy(rows, linkKey);
    for (const [key, link] of piece) {
      const fault = faultOf(link, byKey.get(key) ?? []);
      if (fault !== undefined) findings.addFault(link.by.log, fault, link.by.index);
    }
  }
  const stray = (await countTracedLinks(tx)) - met;
  if (stray > 0) findings.addFault(log, `link rows that no entry wrote (${stray})`);
}

function faultOf(link: FollowedLink, rows: readonly StoredLink[]): string | undefined {
  const [row] = rows;
  if (!row) return 'the link row that it tells of is missing';
  // without its constraint a table may hold several, of which the gateway reads another
  if (rows.length > 1) return 'the link row that it tells of stands there twice';
  const isSame =
    linkDigest(row) === link.digest &&
    row.relationship === link.relationship &&
    row.tracedAt === (link.traced === null ? null : Date.parse(link.traced));
  return isSame ? undefined : 'the link row that it tells of is not what it was';
}
