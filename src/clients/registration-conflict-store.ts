/** The queue of registrations that contradict what is held. What was sent is personal data, and stays here. */
import type { Queryable } from '../database/queryable.ts';

export interface RegistrationConflict {
  /** UUID; the partner was told it. */
  id: string;
  /** ODS code of who sent it. */
  organisation: string;
  /** The gateway's own ids of those whom it may concern. */
  personIds: readonly string[];
  recordedAt: Date;
  resolvedAt: Date | null;
}

const columns = `id, organisation, person_ids as "personIds", recorded_at as "recordedAt",
  resolved_at as "resolvedAt"`;

/** Oldest first, at most so many. */
export async function findOpenConflicts(
  queryable: Queryable,
  limit: number,
): Promise<readonly RegistrationConflict[]> {
  const { rows } = await queryable.query<RegistrationConflict>(
    `
select ${columns} from registration_conflicts
where resolved_at is null order by recorded_at, id limit $1::int`,
    [limit],
  );
  return rows;
}

export async function findConflict(
  queryable: Queryable,
  id: string,
): Promise<RegistrationConflict | undefined> {
  const {
    rows: [row],
  } = await queryable.query<RegistrationConflict>(
    `select ${columns} from registration_conflicts where id = $1::uuid`,
    [id],
  );
  return row;
}

/** Closes it, and destroys what was sent. */
export async function resolveConflict(queryable: Queryable, id: string, at: Date): Promise<void> {
  await queryable.query(
    `
update registration_conflicts set resolved_at = $2::timestamptz, request = null
where id = $1::uuid and resolved_at is null`,
    [id, at],
  );
}
