/** The servers of one benchmark and the load generator: started, named, and ended together. */
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { EchoOrder } from '../servers/echo.ts';
import type { GatewayOrder } from '../servers/gateway.ts';
import type { NaiveOrder } from '../servers/naive.ts';
import type { RecorderOrder } from '../servers/recorder.ts';
import type { Borough } from './borough.ts';
import { type Child, startChild } from './child.ts';
import type { Server } from './measurement.ts';

interface Listening {
  port: number;
}

export interface Fleet {
  load: Child;
  startEcho(body: string): Promise<Server>;
  /** On a database that is a copy of the borough's. */
  startRecorder(url: string, body: string): Promise<Server>;
  /** On another copy, with an audit table. */
  startNaive(url: string): Promise<Server>;
  /** With its log in a file. `profileDir`: V8's CPU profile of it is written there at the end. */
  startGateway(profileDir?: string): Promise<Server>;
  stop(): Promise<void>;
}

/** What the servers need of a borough. */
type Founded = Pick<Borough, 'dir' | 'clientCa' | 'postgres' | 'server' | 'macKey' | 'environment'>;

export function assembleFleet(borough: Founded): Fleet {
  const children: Child[] = [];
  const { clientCa, postgres } = borough;
  const { cert: certificate, key: privateKey } = borough.server;

  function start(file: URL, options = {}): Child {
    const child = startChild(file, options);
    children.push(child);
    return child;
  }

  return {
    load: start(new URL('load-generator.ts', import.meta.url)),
    async startEcho(body) {
      const child = start(new URL('../servers/echo.ts', import.meta.url));
      const order = { certificate, privateKey, clientCa, body };
      const { port } = await child.ask<EchoOrder, Listening>(order);
      return { name: 'echo', port, pid: child.pid };
    },
    async startRecorder(url, body) {
      const child = start(new URL('../servers/recorder.ts', import.meta.url));
      const order = { certificate, privateKey, clientCa, url, body };
      const { port } = await child.ask<RecorderOrder, Listening>(order);
      return { name: 'recorder', port, pid: child.pid, databasePid: postgres.pid };
    },
    async startNaive(url) {
      const child = start(new URL('../servers/naive.ts', import.meta.url));
      const macKey = borough.macKey.toString('base64');
      const order = { certificate, privateKey, clientCa, url, macKey };
      const { port } = await child.ask<NaiveOrder, Listening>(order);
      return { name: 'naive', port, pid: child.pid, databasePid: postgres.pid };
    },
    async startGateway(profileDir) {
      if (profileDir !== undefined) mkdirSync(profileDir, { recursive: true });
      const child = start(new URL('../servers/gateway.ts', import.meta.url), {
        outputFd: openSync(join(borough.dir, 'gateway.log'), 'w'),
        nodeOptions: profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`],
      });
      const { environment } = borough;
      const { port } = await child.ask<GatewayOrder, Listening>({ environment });
      return { name: 'gateway', port, pid: child.pid, databasePid: postgres.pid };
    },
    async stop() {
      await Promise.all(children.map((child) => child.stop()));
    },
  };
}
