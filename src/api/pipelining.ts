/**
 * Several requests on their way on one connection (RFC 9112 section 9.3.2). Node hands on all that a read
 * brought at once, a thousand and more; here a few are answered at a time and the rest wait, most of them
 * unread, so that one connection asks no more of the gateway than a few connections do.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { DoorConnection } from './door-connections.ts';

const maxAtOnce = 4;

/** Handles the request now, or once enough of those before it are answered; never if the connection closes. */
export function takeTurn(
  connection: DoorConnection,
  response: ServerResponse,
  handle: () => void,
): void {
  const { answers, held, socket } = connection;
  answers.add(response);
  connection.latest = response;
  response.once('close', () => {
    answers.delete(response);
    if (held.length > 0) goOn(connection);
  });
  if (answers.size - held.length <= maxAtOnce) {
    handle();
  } else {
    held.push(handle);
    if (held.length === 1) stopReading(socket);
  }
}

function goOn({ answers, held, socket }: DoorConnection): void {
  if (socket.destroyed) {
    held.length = 0;
    return;
  }
  while (held.length > 0 && answers.size - held.length < maxAtOnce) held.shift()?.();
  if (held.length === 0) readOn(socket);
}

/** Node resumes the socket after every request that it has parsed: whoever does it, it stays paused. */
function stopReading(socket: Socket): void {
  socket.on('resume', pause);
  socket.pause();
}

function readOn(socket: Socket): void {
  socket.off('resume', pause);
  socket.resume();
}

function pause(this: Socket): void {
  this.pause();
}

/** Whether what comes in now is the rest of a request that was answered before it had arrived whole. */
export function isBeyondAnswer({ latest }: DoorConnection): boolean {
  return latest?.writableEnded === true && !latest.req.complete;
}

/**
 * Acts once every request that arrived whole is answered: what is written to the connection sooner would be
 * read as the answer to one of them.
 */
export function whenAnswered({ answers }: DoorConnection, act: () => void): void {
  const owed = [...answers].filter(({ headersSent, req }) => headersSent || req.complete);
  const last = owed.at(-1);
  if (last === undefined) act();
  // answers leave in the order of their requests
  else last.once('close', act);
}
