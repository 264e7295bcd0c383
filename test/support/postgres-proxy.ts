/**
 * A TCP proxy before PostgreSQL that loses one COMMIT: either on its way there, or its answer on the way
 * back. Afterwards it lets everything through.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

interface Owner {
  teardown(undo: () => unknown): unknown;
}

export interface PostgresProxy {
  /** The same database, through the proxy. */
  url: string;
  /** From now on: which way the next COMMIT is lost. */
  lose(what: 'commit' | 'answer'): void;
}

const commitQuery = Buffer.from('commit\0');
const commitAnswer = Buffer.from('COMMIT\0');

export async function postgresProxy(t: Owner, url: string): Promise<PostgresProxy> {
  const target = new URL(url);
  const port = Number(target.port);
  const sockets = new Set<Socket>();
  let losing: 'commit' | 'answer' | undefined;

  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port });
    const cut = () => {
      losing = undefined;
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
    client.on('data', (chunk) => {
      if (losing === 'commit' && chunk.includes(commitQuery)) cut();
      else upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (losing === 'answer' && chunk.includes(commitAnswer)) cut();
      else client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(address.port);
  return {
    url: through.href,
    lose(what) {
      losing = what;
    },
  };
}
