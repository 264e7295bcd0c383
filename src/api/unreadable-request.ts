/**
 * The answer to input that Node's HTTP parser gives up on, or waits for in vain. Node would answer
 * with a bare status line, and a handler that only ends the socket leaves half-open ones up.
 */
import type { Duplex } from 'node:stream';
import type { RequestCode } from '../errors/error-code.ts';
import { destroyAfter, replyAndClose, type StaticProblem } from './static-reply.ts';

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

export function malformedProblem(detail: string = malformed.detail): StaticProblem {
  return { type: 'urn:jetway:problem:request', ...malformed, detail };
}

/**
 * Requires that nothing else is being answered on this connection. Returns the code of the answer; a connection
 * that is ending already just ends.
 */
export function answerUnreadable(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  lingerMs: number,
): RequestCode | undefined {
  if (!socket.writable) {
    destroyAfter(socket, lingerMs);
    return undefined;
  }
  const unreadable = byParserCode[error.code ?? ''] ?? malformed;
  replyAndClose(socket, { type: 'urn:jetway:problem:request', ...unreadable }, lingerMs);
  return unreadable.code;
}
