/** Whether the gateway may start on this database: all faults at once, each with what to do. */
import { durabilityFaults } from './durability-check.ts';
import { migrationState } from './migrate.ts';
import type { Queryable } from './queryable.ts';

class UnfitDatabaseError extends Error {
  override readonly name = 'UnfitDatabaseError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`the database cannot be used\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

/** Throws UnfitDatabaseError. The tables are those that the gateway's role must only add to. */
export async function requireFitDatabase(
  queryable: Queryable,
  appendOnlyTables: readonly string[],
): Promise<void> {
  const { pending, altered } = await migrationState(queryable);
  const migrations = [
    ...pending.map(({ name }) => `migration ${name} is pending: run \`jetway database migrate\``),
    ...altered.map((name) => `migration ${name} was edited after it was applied: restore its file`),
  ];
  // the tables that durability asks about are made by the migrations
  const faults =
    migrations.length > 0 ? migrations : await durabilityFaults(queryable, appendOnlyTables);
  if (faults.length > 0) throw new UnfitDatabaseError(faults);
}
