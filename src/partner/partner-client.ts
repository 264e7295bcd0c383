/**
 * A partner's system as it calls the gateway: JSON over mutual TLS with the partner's own certificate. A write bears
 * one Idempotency-Key however often it has to be repeated, so that its effect comes once. Knows nothing that a
 * partner's system would not.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as passed } from 'node:timers/promises';
import { Pool } from 'undici';
import { clientTlsOptions } from '../pki/client-tls-options.ts';
import { inWords, isUnsent } from './connection-error.ts';
import {
  defaultRepetition,
  mayRepeatError,
  mayRepeatStatus,
  type RepetitionLimits,
  waitBeforeNext,
} from './repetition.ts';

export interface PartnerClientOptions {
  /** For example `https://localhost:8443`. */
  origin: string;
  /** PEM. */
  ca: string;
  certificate: string;
  privateKey: string;
  repetition?: RepetitionLimits;
  /** A user assertion (docs/user-assertions.md); asked for at each attempt, since each is good for one. */
  assertion?: () => string;
}

export interface Reply {
  status: number;
  /** Parsed JSON; undefined where there is none. */
  body: unknown;
  etag: string | undefined;
  /** The entry of the ledger that covers this answer. */
  ledgerIndex: number | undefined;
  /** What the gateway made of `Prefer`. */
  preferenceApplied: string | undefined;
}

export interface SentRequest {
  body?: unknown;
  /** JSON text, sent as it is, in place of `body`. */
  text?: string;
  /** Lower-case names. An idempotency-key given here is kept. */
  headers?: Readonly<Record<string, string>>;
  /** Ends the request, and the wait before it is repeated. */
  signal?: AbortSignal;
}

/** Each throws ConnectionError where there was no answer. */
export interface PartnerClient {
  get(path: string, request?: SentRequest): Promise<Reply>;
  /** A fresh Idempotency-Key each, where none is given. */
  put(path: string, request: SentRequest): Promise<Reply>;
  post(path: string, request: SentRequest): Promise<Reply>;
  close(): Promise<void>;
}

/** Longer than the gateway lets anybody wait for news. */
const silenceMs = 60_000;

export function partnerClient(options: PartnerClientOptions): PartnerClient {
  const { origin, ca, certificate, privateKey, repetition = defaultRepetition } = options;
  const host = new URL(origin).hostname;
  // the port is that of the origin, and time-outs are the pool's
  const { port, timeout, ...tls } = clientTlsOptions({
    ...{ mode: 'intermediate', host, authorities: [ca], certificate, privateKey },
  });
  const pool = new Pool(origin, {
    ...{ connections: 16, connect: tls, headersTimeout: silenceMs, bodyTimeout: silenceMs },
  });

  async function attempt({ headers, ...made }: Attempt) {
    const { assertion } = options;
    const authorization = assertion && { authorization: `Bearer ${assertion()}` };
    const answer = await pool.request({ ...made, headers: { ...headers, ...authorization } });
    const text = await answer.body.text();
    const field = (name: string) => {
      const value = answer.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    const index = field('ledger-index');
    const reply: Reply = {
      status: answer.statusCode,
      body: text === '' ? undefined : JSON.parse(text),
      etag: field('etag'),
      ledgerIndex: index === undefined ? undefined : Number(index),
      preferenceApplied: field('preference-applied'),
    };
    return { reply, retryAfter: field('retry-after') };
  }

  async function send(method: Method, path: string, request: SentRequest): Promise<Reply> {
    const { signal = null } = request;
    const text = request.text ?? JSON.stringify(request.body);
    const isWrite = method !== 'GET';
    const headers = {
      accept: 'application/json',
      ...(isWrite && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      ...request.headers,
    };
    let wasUnsent = true;
    for (let count = 1; ; count += 1) {
      const body = text ?? null;
      const made = await attempt({ method, path, headers, body, signal }).catch(
        (error: unknown) => {
          if (!mayRepeatError(error)) throw inWords(error, origin, wasUnsent);
          return { error };
        },
      );
      const failed = 'error' in made || mayRepeatStatus(made.reply.status);
      const retryAfter = 'error' in made ? undefined : made.retryAfter;
      const waitMs = failed
        ? waitBeforeNext({ attempt: count, retryAfter }, repetition, Math.random())
        : undefined;
      if (waitMs === undefined) {
        if ('error' in made) throw inWords(made.error, origin, wasUnsent);
        return made.reply;
      }
      // what was turned away was not taken, but whoever was silent may have taken it
      wasUnsent &&= !('error' in made) || isUnsent(made.error, origin);
      await passed(waitMs, undefined, signal ? { signal } : {});
    }
  }

  return {
    get: (path, request = {}) => send('GET', path, request),
    put: (path, request) => send('PUT', path, request),
    post: (path, request) => send('POST', path, request),
    close: () => pool.close(),
  };
}

type Method = 'GET' | 'PUT' | 'POST';

interface Attempt {
  method: Method;
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string | null;
  signal: AbortSignal | null;
}
