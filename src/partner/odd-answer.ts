/** The answers of an endpoint with bad manners. Of those that cut the connection nothing reaches the gateway. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Manner } from './manners.ts';

/** Manners that do something else than to take the delivery and answer properly. */
type OddManner = Exclude<Manner, 'ok' | 'slow' | 'cut-after'>;

/** Beyond every limit that a gateway would keep. */
const hugeBytes = 1_048_576;

export function answerOddly(manner: OddManner, request: IncomingMessage, response: ServerResponse) {
  const json = (status: number, body: unknown, fields: Record<string, string> = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...fields });
    response.end(JSON.stringify(body));
  };
  switch (manner) {
    case 'hang':
      return;
    case '500':
      return json(500, { error: 'on purpose' });
    case '503-retry-after':
      return json(503, { error: 'on purpose' }, { 'retry-after': '30' });
    case '400':
      return json(400, { error: 'on purpose' });
    case 'redirect':
      return json(307, {}, { location: `https://${request.headers.host}/elsewhere` });
    case 'cut-before':
    case 'wrong-certificate':
      request.socket.destroy();
      return;
    case 'garbage':
      request.socket.end('SSH-2.0-OpenSSH_9.9\r\n');
      return;
    case 'huge':
      return json(200, { padding: 'x'.repeat(hugeBytes) });
    case 'huge-headers':
      return json(200, {}, { padding: 'x'.repeat(hugeBytes) });
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>Welcome to the guest network</title>');
      return;
  }
}
