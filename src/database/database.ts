/**
 * The pool for everything that is not the ledger's own transaction. With `dedicated-connection.ts` and
 * `listen.ts` the only place that talks to PostgreSQL (PostgreSQL 15 or newer).
 */
import { Pool } from 'pg';
import { columnSettings, columnTypes } from './column-types.ts';
import { queryClient } from './query-client.ts';
import type { Queryable } from './queryable.ts';

export interface DatabaseOptions {
  url: string;
  /** Connections at most. Default 10. */
  max?: number;
  /** Shown in `pg_stat_activity`. Default `jetway`. */
  applicationName?: string;
  /** The server gives up a statement after this. Default 30,000; 0 is no limit. */
  statementTimeoutMs?: number;
  /** A connection broke while idle. The pool has already replaced it: for the log only. */
  onIdleError?: (error: Error) => void;
}

export interface Database extends Queryable {
  /**
   * Runs `work` in one READ COMMITTED transaction on one connection: commits when it returns, rolls
   * back and rethrows when it throws. A commit that the server answers with a rollback throws too. When the
   * connection is lost during the commit the outcome is unknown and the error's kind is `unavailable`.
   */
  transaction<T>(work: (queryable: Queryable) => Promise<T>): Promise<T>;
  /** Waits for what is under way, then closes. */
  end(): Promise<void>;
}

/** Opens no connection yet; the first query does. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'jetway',
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    idle_in_transaction_session_timeout: 30_000,
    types: columnTypes,
    onConnect: (client) => queryClient(client, columnSettings),
  });
  // Without a listener a connection that breaks while idle would end the process.
  pool.on('error', (error) => options.onIdleError?.(error));

  async function transaction<T>(work: (queryable: Queryable) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    // A client that is checked out has no listener of the pool's; the query under way rejects anyway.
    const ignore = () => undefined;
    client.on('error', ignore);
    let broken: Error | undefined;
    try {
      await queryClient(client, 'begin isolation level read committed');
      const result = await work({
        query: (statement, values) => queryClient(client, statement, values),
      });
      const { commandTag } = await queryClient(client, 'commit');
      if (commandTag !== 'COMMIT')
        throw new Error('the transaction had failed; commit rolled it back');
      return result;
    } catch (error) {
      await queryClient(client, 'rollback').catch((failed: Error) => {
        broken = failed;
      });
      throw error;
    } finally {
      client.removeListener('error', ignore);
      client.release(broken);
    }
  }

  return {
    query: (statement, values) => queryClient(pool, statement, values),
    transaction,
    end: () => pool.end(),
  };
}
