/**
 * A partner's system, as the sandbox plays it: JSON over mutual TLS with the partner's own certificate. It
 * knows nothing that a partner's system would not.
 */
import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { clientTlsOptions } from '../pki/client-tls-options.ts';

export interface PartnerClientOptions {
  /** For example `https://localhost:8443`. */
  origin: string;
  /** PEM. */
  ca: string;
  certificate: string;
  privateKey: string;
}

export interface Reply {
  status: number;
  /** Parsed JSON; undefined where there is none. */
  body: unknown;
  etag: string | undefined;
  /** The entry of the ledger that covers this answer. */
  ledgerIndex: number | undefined;
}

export interface SentRequest {
  body?: unknown;
  /** Lower-case names. */
  headers?: Readonly<Record<string, string>>;
}

export interface PartnerClient {
  get(path: string, request?: SentRequest): Promise<Reply>;
  /** A fresh Idempotency-Key each. */
  put(path: string, request: SentRequest): Promise<Reply>;
  post(path: string, request: SentRequest): Promise<Reply>;
  close(): Promise<void>;
}

export function partnerClient(options: PartnerClientOptions): PartnerClient {
  const { origin, ca, certificate, privateKey } = options;
  const host = new URL(origin).hostname;
  // the port is that of the origin, and time-outs are the pool's
  const { port, timeout, ...tls } = clientTlsOptions({
    ...{ mode: 'intermediate', host, authorities: [ca], certificate, privateKey },
  });
  const pool = new Pool(origin, { connections: 16, connect: tls });

  async function send(method: 'GET' | 'PUT' | 'POST', path: string, request: SentRequest) {
    const headers: Record<string, string> = { accept: 'application/json', ...request.headers };
    if (method !== 'GET') {
      headers['content-type'] = 'application/json';
      headers['idempotency-key'] = randomUUID();
    }
    const body = request.body === undefined ? null : JSON.stringify(request.body);
    const answer = await pool.request({ method, path, headers, body });
    const text = await answer.body.text();
    const index = answer.headers['ledger-index'];
    const etag = answer.headers['etag'];
    return {
      status: answer.statusCode,
      body: text === '' ? undefined : JSON.parse(text),
      etag: typeof etag === 'string' ? etag : undefined,
      ledgerIndex: typeof index === 'string' ? Number(index) : undefined,
    };
  }

  return {
    get: (path, request = {}) => send('GET', path, request),
    put: (path, request) => send('PUT', path, request),
    post: (path, request) => send('POST', path, request),
    close: () => pool.close(),
  };
}
