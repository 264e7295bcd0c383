/**
 * A TCP proxy before PostgreSQL that loses one COMMIT: on its way there, or its answer on the way back,
 * alone or with the answers to what was sent just before. Afterwards it lets everything through.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

interface Owner {
  teardown(undo: () => unknown): unknown;
}

type Loss = 'commit' | 'answer' | 'answers';

export interface PostgresProxy {
  /** The same database, through the proxy. */
  url: string;
  /** From now on: which way the next COMMIT is lost. */
  lose(what: Loss): void;
}

const commitQuery = Buffer.from('commit\0');
const commitAnswer = Buffer.from('COMMIT\0');

export async function postgresProxy(t: Owner, url: string): Promise<PostgresProxy> {
  const target = new URL(url);
  const host = decodeURIComponent(target.hostname);
  const port = Number(target.port);
  const address = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
  const sockets = new Set<Socket>();
  let losing: Loss | undefined;
  let isCommitting = false;

  const server = createServer((client) => {
    const upstream = connect(address);
    const cut = () => {
      losing = undefined;
      isCommitting = false;
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      isCommitting ||= losing !== undefined && chunk.includes(commitQuery);
      if (losing === 'commit' && isCommitting) cut();
      else upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (isCommitting && chunk.includes(commitAnswer)) cut();
      else if (losing !== 'answers' || !isCommitting) client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const listening = server.address();
  if (listening === null || typeof listening === 'string') throw new Error('no port');
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(listening.port);
  return {
    url: through.href,
    lose(what) {
      losing = what;
    },
  };
}
