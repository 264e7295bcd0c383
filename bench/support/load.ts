/** What the load generator is asked for, and what it reports. */

export interface Identity {
  /** PEM: what the client trusts, its certificate, its key. */
  ca: string;
  cert: string;
  key: string;
}

export type Requests =
  /** Each connection goes through the paths from a place of its own. */
  | { kind: 'pull'; paths: readonly string[] }
  /** Each connection has paths of its own, whose entity tags it follows. */
  | {
      kind: 'publish';
      paths: readonly string[];
      /** One for each path. */
      bodies: readonly string[];
    };

export interface LoadOrder {
  port: number;
  identity: Identity;
  requests: Requests;
  connections: number;
  durationMs: number;
  /** Requests offered a second, all connections together; as many as possible where it is left out. */
  rate?: number;
}

export interface LoadReport {
  completed: number;
  /** By status; anything but 200 and 201 spoils a measurement. */
  failed: Readonly<Record<string, number>>;
  /** Of all bodies together: servers that are compared should have sent as much for each request. */
  receivedBytes: number;
  elapsedMs: number;
  /** From when a request was due, so that a server that falls behind shows it. */
  p50Ms: number;
  p99Ms: number;
}
