/**
 * The one error that the inside throws on purpose; a plain `Error` is a bug. Translated to a problem
 * document in exactly one place (api/problem-reply.ts).
 */
import type { ErrorCode } from './error-code.ts';

/** One fault in what a partner sent: where and which rule, never the value. */
export interface Fault {
  /** JSON Pointer (RFC 6901) into the request's body. */
  pointer: string;
  /** The schema keyword or the check that failed, for example `format` or `arithmetic`. */
  rule: string;
  /** One short clause: what is expected there. */
  detail: string;
}

export interface GatewayErrorOptions {
  /** What to do about it, for the partner's engineer. Never personal data, never a value sent. */
  detail?: string;
  errors?: readonly Fault[];
  retryAfterSeconds?: number;
  /** Further members of the problem document (for example `custodians`). Never personal data. */
  extensions?: Readonly<Record<string, unknown>>;
  /** The exact codes, for the ledger alone: what the partner may not be told. */
  reasonCodes?: readonly string[];
  /** The ledger entry that records this refusal. */
  ledgerIndex?: number;
  cause?: unknown;
}

export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly errors: readonly Fault[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
  readonly reasonCodes: readonly string[];
  readonly ledgerIndex: number | undefined;
  readonly #options: GatewayErrorOptions;

  constructor(code: ErrorCode, options: GatewayErrorOptions = {}) {
    super(options.detail ? `${code}: ${options.detail}` : code, { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.extensions = options.extensions;
    this.reasonCodes = options.reasonCodes ?? [code];
    this.ledgerIndex = options.ledgerIndex;
    this.#options = options;
  }

  /** The same refusal, once the entry that records it is committed. */
  recordedAt(ledgerIndex: number): GatewayError {
    return new GatewayError(this.code, { ...this.#options, ledgerIndex, cause: this });
  }
}
