/**
 * People whose withdrawal of consent still has to be held against what waits for others about them, and how far that
 * has come. Written with the withdrawal, so that none is forgotten; worked off behind it, so that none is held up.
 */
import type { Queryable } from '../database/queryable.ts';

export interface Review {
  personId: string;
  /** Of the last delivery that was looked at. */
  position: number;
}

/** From the beginning, where one is under way already. Nothing where nothing waits. */
export async function insertReview(queryable: Queryable, personId: string): Promise<void> {
  await queryable.query(
    `
insert into delivery_reviews (person_id, position)
select $1::uuid, 0
where exists (select from deliveries d where d.person_id = $1::uuid and d.state = 'waiting')
on conflict (person_id) do update set position = 0`,
    [personId],
  );
}

/** Without a lock: a hint. */
export async function isAnyReviewed(queryable: Queryable): Promise<boolean> {
  const { rows } = await queryable.query('select from delivery_reviews limit 1');
  return rows.length > 0;
}

/** One of them. Requires the head's lock. */
export async function findReview(queryable: Queryable): Promise<Review | undefined> {
  const { rows } = await queryable.query<Review>(
    'select person_id as "personId", position from delivery_reviews limit 1',
  );
  return rows[0];
}

/** Undefined: all was looked at. */
export async function updateReview(
  queryable: Queryable,
  { personId }: Review,
  last: { position: number } | undefined,
): Promise<void> {
  await (last
    ? queryable.query(
        'update delivery_reviews set position = $2::bigint where person_id = $1::uuid',
        [personId, last.position],
      )
    : queryable.query('delete from delivery_reviews where person_id = $1::uuid', [personId]));
}
