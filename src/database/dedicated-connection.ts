/**
 * One connection of its own for the transaction that everything waits for. Statements of one exchange
 * travel together (PostgreSQL manual, section 54.2.4 Pipelining): each ends with its own Sync, so each has
 * its own snapshot, and a read that follows a lock in the same exchange sees what the lock waited for.
 */
import { Client } from 'pg';
import { columnSettings, columnTypes } from './column-types.ts';
import { postgresFailure } from './postgres-errors.ts';
import { queryClient } from './query-client.ts';
import type { Queryable, Rows } from './queryable.ts';

export interface DedicatedConnectionOptions {
  url: string;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  /** The server's limit for one lock, one statement and one silence within a transaction. Default 2,000. */
  serverTimeoutMs?: number;
  /** Our limit for one exchange; beyond it the connection is destroyed. Default 3,000. */
  deadlineMs?: number;
  /** Runs on each new connection before its first use; a throw refuses the connection. */
  onConnect?: (queryable: Queryable) => Promise<void>;
}

export interface Exchange<T> {
  value: T;
  /** Severity and SQLSTATE of whatever the server remarked meanwhile; on a COMMIT any remark means doubt. */
  notices: readonly string[];
}

export interface DedicatedConnection {
  /**
   * Sends every statement that `work` issues without waiting in between, and returns when all are
   * answered; `work` may await an answer and send more. One exchange at a time. When `work` throws, no
   * transaction is left open: it is rolled back, or the connection is destroyed. Lost connections and missed
   * deadlines throw with kind `unavailable` (if COMMIT was sent, its outcome is unknown); the next exchange
   * connects anew.
   */
  exchange<T>(work: (queryable: Queryable) => Promise<T>): Promise<Exchange<T>>;
  end(): Promise<void>;
}

/** The client gave up waiting. Whether the server did the work is unknown. */
class DeadlineError extends Error {
  readonly code = 'CONNECTION_DEADLINE';
}

const sessionSettings = (timeoutMs: number) => `
set lock_timeout = ${timeoutMs};
set statement_timeout = ${timeoutMs};
set idle_in_transaction_session_timeout = ${timeoutMs};
set synchronous_commit = on;
set default_transaction_isolation = 'read committed';
${columnSettings}`;

export function openDedicatedConnection(options: DedicatedConnectionOptions): DedicatedConnection {
  const deadlineMs = options.deadlineMs ?? 3_000;
  let live: Client | undefined;
  let busy = false;
  let ended = false;
  let notices: string[] = [];

  function discard(client: Client): void {
    if (live === client) live = undefined;
    client.connection.stream.destroy();
  }

  function createClient(): Client {
    const client = new Client({
      connectionString: options.url,
      application_name: options.applicationName,
      connectionTimeoutMillis: deadlineMs,
      keepAlive: true,
      types: columnTypes,
      pipeline: true,
    });
    client.on('error', () => discard(client));
    client.on('end', () => discard(client));
    client.on('notice', (notice) =>
      notices.push(`${notice.severity ?? 'NOTICE'} ${notice.code ?? ''}`),
    );
    return client;
  }

  async function prepare(client: Client): Promise<void> {
    if (client === live) return;
    await client.connect();
    await queryClient(client, sessionSettings(options.serverTimeoutMs ?? 2_000));
    await options.onConnect?.({
      query: (statement, values) => queryClient(client, statement, values),
    });
    live = client;
  }

  async function run<T>(client: Client, work: (queryable: Queryable) => Promise<T>): Promise<T> {
    await prepare(client);
    const sent: Promise<unknown>[] = [];
    const queryable: Queryable = {
      query<Row extends object>(...query: Parameters<Queryable['query']>): Promise<Rows<Row>> {
        const answer = queryClient<Row>(client, ...query);
        // Whoever issued it hears of its failure, and may have undone it to a savepoint. What became of the
        // whole is what COMMIT is answered with: reporting the failure once more would undo nothing.
        answer.catch(() => undefined);
        sent.push(answer);
        return answer;
      },
    };
    try {
      const value = await corked(client, () => work(queryable));
      await Promise.allSettled(sent);
      return value;
    } catch (error) {
      await Promise.allSettled(sent);
      if (live === client && client.getTransactionStatus() !== 'I') {
        await queryClient(client, 'rollback').catch(() => discard(client));
      }
      throw error;
    }
  }

  async function exchange<T>(work: (queryable: Queryable) => Promise<T>): Promise<Exchange<T>> {
    if (ended) throw new Error('the connection was ended');
    if (busy) throw new Error('an exchange is under way');
    busy = true;
    notices = [];
    const client = live ?? createClient();
    const deadline = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      discard(client);
      deadline.reject(new DeadlineError('the database did not answer in time'));
    }, deadlineMs);
    try {
      return { value: await Promise.race([run(client, work), deadline.promise]), notices };
    } catch (error) {
      // Refused by `onConnect`, never connected, or told that it ends: not to be used again.
      if (client !== live || postgresFailure(error).kind === 'unavailable') discard(client);
      throw error;
    } finally {
      clearTimeout(timer);
      busy = false;
    }
  }

  return {
    exchange,
    async end() {
      ended = true;
      const client = live;
      live = undefined;
      await client?.end();
    },
  };
}

/** One packet for the statements of one turn, instead of one each. */
function corked<T>(client: Client, work: () => Promise<T>): Promise<T> {
  const { stream } = client.connection;
  stream.cork();
  try {
    return work();
  } finally {
    stream.uncork();
  }
}
