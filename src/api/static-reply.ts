/**
 * A whole HTTP/1.1 answer made without an HTTP server: for connections that are refused before
 * anything is parsed, and for input that cannot be parsed. Problem document: RFC 9457.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface StaticProblem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  /** `urn:uuid:` and the id of the request, or of the refusal where there was none: the log has it too. */
  instance: string;
}

const urn = 'urn:uuid:';

export function instanceOf(id: string): string {
  return `${urn}${id}`;
}

const reasonPhrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
};

/** The header fields of every such answer: it ends the connection and may not be stored. */
function staticHeaders(problem: StaticProblem): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(JSON.stringify(problem))),
    'cache-control': 'no-store',
    'x-request-id': problem.instance.slice(urn.length),
    connection: 'close',
    ...(problem.status === 503 ? { 'retry-after': '5' } : {}),
  };
}

function formatStaticReply(problem: StaticProblem): string {
  const fields = Object.entries(staticHeaders(problem)).map(([name, value]) => `${name}: ${value}`);
  const statusLine = `HTTP/1.1 ${problem.status} ${reasonPhrases[problem.status] ?? ''}`;
  return [statusLine, ...fields, '', JSON.stringify(problem)].join('\r\n');
}

/** Destroys the socket later, without keeping the process alive for it. Returns what calls it off. */
export function destroyAfter(socket: Duplex, delayMs: number): () => void {
  const timer = setTimeout(() => socket.destroy(), delayMs);
  timer.unref();
  const callOff = () => clearTimeout(timer);
  socket.once('close', callOff);
  return callOff;
}

/**
 * Sends the answer and closes. What the peer is still sending is drained for a while, because closing
 * over unread input resets the connection and the answer would be lost.
 */
export function replyAndClose(socket: Duplex, problem: StaticProblem, lingerMs: number): void {
  socket.on('error', () => socket.destroy());
  socket.end(formatStaticReply(problem));
  socket.resume();
  destroyAfter(socket, lingerMs);
}

/**
 * The same from within HTTP: in its turn, so that earlier requests get their answers; the end waits for the
 * request's body for the same reason.
 */
export function refuseRequest(
  request: IncomingMessage,
  response: ServerResponse,
  problem: StaticProblem,
  lingerMs: number,
): void {
  response.writeHead(problem.status, staticHeaders(problem));
  response.write(JSON.stringify(problem), () => destroyAfter(request.socket, lingerMs));
  request.once('end', () => response.end());
  request.resume();
}
