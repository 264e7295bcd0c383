/**
 * One delivery on a connection, as undici's dispatch sees it: when it may still be written, what comes back and how
 * much of it, and when that takes too long. Settles once; nothing that a peer does makes it throw.
 */
import { type Dispatcher, errors } from 'undici';
import type { Clock } from '../clock.ts';
import type { Answer } from './answer-meaning.ts';
import type { ExchangeFailure } from './delivery-failure.ts';
import { parseRetryAfter } from './retry-after.ts';

export interface ExchangeOptions {
  clock: Clock;
  /** By the monotonic clock: when the authorisation ends. */
  goodUntilMs: number;
  /** From the last byte of ours until the head of the answer is there. */
  firstByteMs: number;
  /** Until all of the answer is there. */
  totalMs: number;
  /** Ends the connection at once. */
  cut(): void;
  settle(answer: Answer): void;
  /** For what undici would not even try to write: our own fault, and no word of the peer's. */
  reject(error: Error): void;
}

export function endpointExchange(options: ExchangeOptions): Dispatcher.DispatchHandler {
  const { clock, goodUntilMs, firstByteMs, totalMs, cut } = options;
  const chunks: Buffer[] = [];
  let isSent = false;
  let isSettled = false;
  let status = 0;
  let retryAfterSeconds: number | undefined;

  const settle = (answer: Answer) => {
    clearTimeout(firstByte);
    clearTimeout(total);
    if (!isSettled) options.settle(answer);
    isSettled = true;
  };
  const timeUp = () => {
    settle({ kind: 'failed', code: 'ANSWER_TIMEOUT', sent: isSent });
    cut();
  };
  const firstByte = setTimeout(timeUp, firstByteMs);
  const total = setTimeout(timeUp, totalMs);

  return {
    /**
     * The last moment: undici's writeH1 calls this and then, in the same turn, writes head and body. On a connection
     * that was used before it comes one turn of the event loop after `dispatch`, since undici first looks whether
     * the peer has closed meanwhile. Aborting here leaves nothing on the wire, and ends the connection.
     */
    onRequestStart(controller) {
      if (isSettled || clock.monotonicMs() >= goodUntilMs) {
        settle({ kind: 'not-sent', code: 'AUTHORISATION_EXPIRED' });
        controller.abort(new Error('the authorisation has ended'));
        return;
      }
      isSent = true;
    },
    onResponseStart(_controller, statusCode, headers) {
      // interim answers (RFC 9110 section 15.2) settle nothing
      if (statusCode < 200) return;
      clearTimeout(firstByte);
      status = statusCode;
      retryAfterSeconds = parseRetryAfter(headers['retry-after'], clock.now());
    },
    onResponseData(_controller, chunk) {
      chunks.push(chunk);
    },
    onResponseEnd() {
      settle({ kind: 'answered', status, retryAfterSeconds, body: Buffer.concat(chunks) });
    },
    onResponseError(_controller, error) {
      if (error instanceof errors.InvalidArgumentError) options.reject(error);
      settle({ kind: 'failed', code: failureOf(error), sent: isSent });
    },
  };
}

function failureOf(error: Error): ExchangeFailure {
  const { ResponseExceededMaxSizeError, HeadersOverflowError, HTTPParserError } = errors;
  if (error instanceof ResponseExceededMaxSizeError || error instanceof HeadersOverflowError) {
    return 'ANSWER_TOO_LARGE';
  }
  if (error instanceof HTTPParserError) return 'ANSWER_NOT_HTTP';
  // in TLS 1.3 a server judges the client's certificate after the client has begun to speak
  if ('code' in error && String(error.code).startsWith('ERR_SSL_')) return 'ENDPOINT_TLS_FAILED';
  return 'CONNECTION_CLOSED';
}
