/**
 * Whether this server and this role may hold an append-only ledger (PostgreSQL manual, section 30.1
 * Reliability): what was acknowledged must survive a power cut, and the gateway must not be able to change it.
 */
import {
  findServerState,
  findUnprotectedTables,
  type ServerState,
  type UnprotectedTable,
} from './durability-store.ts';
import type { Queryable } from './queryable.ts';

const oldestVersion = 150_000;

/**
 * Returns one sentence per fault, each with its remedy; empty when all is well. To be asked as the role
 * and on the session that write the ledger. Tables that do not exist are faults too.
 */
export async function durabilityFaults(
  queryable: Queryable,
  appendOnlyTables: readonly string[],
): Promise<readonly string[]> {
  const server = await findServerState(queryable);
  const unprotected = await findUnprotectedTables(queryable, appendOnlyTables);
  return server.flatMap((row) => [
    ...serverFaults(row),
    ...(row.superuser ? [] : unprotected.map((table) => tableFault(row.role, table))),
  ]);
}

function serverFaults(row: ServerState): string[] {
  const faults: string[] = [];
  if (row.version < oldestVersion) faults.push('PostgreSQL is older than 15: upgrade it');
  if (row.fsync !== 'on') faults.push('fsync is off, a power cut loses the ledger: set fsync = on');
  if (row.full_page_writes !== 'on') {
    faults.push('full_page_writes is off, a power cut tears pages: set full_page_writes = on');
  }
  if (row.synchronous_commit === 'off') {
    faults.push('synchronous_commit is off, a commit may be lost: set synchronous_commit = on');
  }
  if (row.in_recovery)
    faults.push('this server is a standby and cannot be written: connect to the primary');
  if (row.superuser) {
    faults.push(
      `${row.role} is a superuser and could rewrite the ledger: connect as a member of jetway_gateway`,
    );
  }
  return faults;
}

function tableFault(role: string, { name, by, isOwner }: UnprotectedTable): string {
  if (by === null) return `table ${name} does not exist: run the migrations`;
  const may = isOwner ? `owns ${name} or its schema` : `may change or remove rows of ${name}`;
  if (by !== role) return `${role} may become ${by}, which ${may}: take that role away from it`;
  const remedy = isOwner
    ? 'connect as a member of jetway_gateway that owns nothing'
    : 'revoke update, delete, truncate';
  return `${role} ${may}: ${remedy}`;
}
