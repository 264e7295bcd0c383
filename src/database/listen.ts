/**
 * LISTEN on one channel, for good (PostgreSQL manual, NOTIFY). A notification is a hint that may be lost
 * while the connection is down: whoever listens reads the truth again each time `onListening` is called.
 */
import { Client, escapeIdentifier } from 'pg';

export interface ListenOptions {
  url: string;
  channel: string;
  onNotification: (payload: string) => void;
  /** The connection stands (again): anything may have been missed before this moment. */
  onListening?: () => void;
  /** The connection failed or broke; it is tried again by itself. */
  onLost?: (error: Error) => void;
}

export interface Listener {
  end(): Promise<void>;
}

const firstRetryMs = 100;
const longestRetryMs = 5_000;

export function listen(options: ListenOptions): Listener {
  let client: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let retryMs = firstRetryMs;
  let ended = false;

  function retry(failed: Client, error: Error): void {
    if (ended || client !== failed) return;
    client = undefined;
    failed.connection.stream.destroy();
    options.onLost?.(error);
    timer = setTimeout(connect, retryMs);
    retryMs = Math.min(retryMs * 2, longestRetryMs);
  }

  function connect(): void {
    const next = new Client({
      connectionString: options.url,
      application_name: `jetway listen ${options.channel}`,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    client = next;
    next.on('error', (error) => retry(next, error));
    next.on('end', () => retry(next, new Error('Connection terminated')));
    next.on('notification', (notification) => options.onNotification(notification.payload ?? ''));
    next
      .connect()
      .then(() => next.query(`listen ${escapeIdentifier(options.channel)}`))
      .then(() => {
        retryMs = firstRetryMs;
        if (!ended) options.onListening?.();
      })
      .catch((error: Error) => retry(next, error));
  }

  connect();
  return {
    async end() {
      ended = true;
      clearTimeout(timer);
      await client?.end();
    },
  };
}
