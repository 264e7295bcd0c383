/** An organisation's inbox: what is kept for it until it is acknowledged, in the order in which it came. */
import type { Queryable } from '../database/queryable.ts';

export interface InboxEntry {
  id: string;
  position: number;
  acceptedAt: Date;
  expiresAt: Date;
  /** How often it was read. */
  reads: number;
}

/** So many behind a position, in order. */
export async function findInbox(
  queryable: Queryable,
  recipient: string,
  { after, limit }: { after: number; limit: number },
): Promise<readonly InboxEntry[]> {
  const { rows } = await queryable.query<InboxEntry>(
    {
      name: 'inbox-list',
      text: `
select id, position, accepted_at as "acceptedAt", expires_at as "expiresAt", reads from deliveries
where recipient = $1::text and position > $2::bigint and channel = 'inbox' and state in ('waiting', 'authorised')
order by position limit $3::int`,
    },
    [recipient, after, limit],
  );
  return rows;
}
