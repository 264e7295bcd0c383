/**
 * The answer to input that Node's HTTP parser gives up on, or waits for in vain. Node would answer
 * with a bare status line, and a handler that only ends the socket leaves half-open ones up.
 */
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { RequestCode } from '../errors/error-code.ts';
import type { RequestRefusal } from './request-refusal.ts';
import { destroyAfter, instanceOf, replyAndClose, type StaticProblem } from './static-reply.ts';

interface Unreadable {
  status: number;
  code: RequestCode;
  title: string;
  detail: string;
}

const malformed: Unreadable = {
  status: 400,
  code: 'REQUEST_MALFORMED',
  title: 'The request is not well-formed HTTP/1.1',
  detail: 'Send one well-formed HTTP/1.1 request at a time.',
};

const byParserCode: Readonly<Record<string, Unreadable>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'REQUEST_MALFORMED',
    title: 'The header fields are too large',
    detail: 'Send fewer or shorter header fields.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'REQUEST_TIMEOUT',
    title: 'The request took too long to arrive',
    detail: 'Send header fields and body without long pauses.',
  },
};

/** `id`: of the request. */
export function malformedProblem(detail: string, id: string): StaticProblem {
  return { type: 'urn:jetway:problem:request', ...malformed, detail, instance: instanceOf(id) };
}

/**
 * Requires that nothing else is being answered on this connection. Returns what was answered; a connection that is
 * ending already just ends.
 */
export function answerUnreadable(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  lingerMs: number,
): Pick<RequestRefusal<RequestCode>, 'code' | 'check' | 'requestId'> | undefined {
  if (!socket.writable) {
    destroyAfter(socket, lingerMs);
    return undefined;
  }
  const unreadable = byParserCode[error.code ?? ''] ?? malformed;
  const requestId = randomUUID();
  const instance = instanceOf(requestId);
  replyAndClose(socket, { type: 'urn:jetway:problem:request', ...unreadable, instance }, lingerMs);
  const check = checkOf(error);
  return { code: unreadable.code, requestId, ...(check !== undefined && { check }) };
}

const parserCode = /^(?:HPE|ERR_HTTP)_[A-Z_]{1,60}$/;

/** The parser's code or Node's; an error without one is the door's own, and its text ours. */
function checkOf({ code, message }: NodeJS.ErrnoException): string | undefined {
  if (code === undefined) return message;
  return parserCode.test(code) ? code : undefined;
}
