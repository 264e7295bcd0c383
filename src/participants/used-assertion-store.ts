/** Assertions that were used up: a `jti` counts once for its organisation. */
import type { Queryable } from '../database/queryable.ts';
import type { UserAssertion } from './user-assertion.ts';

/** Whether each was still unused; of two alike in one call the first is. */
export async function useAssertions(
  queryable: Queryable,
  uses: readonly { odsCode: string; assertion: UserAssertion }[],
): Promise<readonly boolean[]> {
  const { rows } = await queryable.query<{ organisation: string; jti: string }>(
    {
      name: 'assertions-use',
      text: `
insert into used_assertions (organisation, jti, expires_at)
select * from unnest($1::text[], $2::text[], $3::timestamptz[])
on conflict (organisation, jti) do nothing
returning organisation, jti`,
    },
    [
      uses.map(({ odsCode }) => odsCode),
      uses.map(({ assertion }) => assertion.jti),
      uses.map(({ assertion }) => assertion.expiresAt),
    ],
  );
  const fresh = new Set(rows.map(({ organisation, jti }) => `${organisation} ${jti}`));
  return uses.map(({ odsCode, assertion }) => fresh.delete(`${odsCode} ${assertion.jti}`));
}

/** How many were deleted: at most `limit`. */
export async function deleteAssertionsBefore(
  queryable: Queryable,
  before: Date,
  limit: number,
): Promise<number> {
  const { rowCount } = await queryable.query(
    `
delete from used_assertions where ctid = any(array(
  select ctid from used_assertions where expires_at < $1::timestamptz limit $2::int))`,
    [before, limit],
  );
  return rowCount;
}
