/**
 * What an endpoint's answer means for a delivery. Delivered is only what the endpoint says of this very delivery, by
 * a status and a body: a captive portal, a proxy or a page for people that answers 200 has received nothing. Pure.
 *
 *     200 {"delivery":"5f0c8a52-1d2e-4f5b-9d1e-0c5b7c7f2a10","status":"received"}
 */
import { decodeUtf8, parseStrictJson } from '../encoding/strict-json.ts';
import type { DeliveryFailure, ExchangeFailure, NotSentFailure } from './delivery-failure.ts';

export type Answer =
  | {
      kind: 'answered';
      status: number;
      /** As the endpoint asked, unbounded. */
      retryAfterSeconds: number | undefined;
      body: Buffer;
    }
  | {
      kind: 'failed';
      code: ExchangeFailure;
      /** Whether the recipient may have it. */
      sent: boolean;
    }
  /** Nothing was written, and the connection is as it was or closed. */
  | { kind: 'not-sent'; code: NotSentFailure };

export type Meaning =
  | { kind: 'delivered' }
  /** Again later; where the endpoint says when, not before that. */
  | { kind: 'retry'; code: DeliveryFailure; afterMs?: number }
  /** Final: the same would be refused again. */
  | { kind: 'rejected'; code: DeliveryFailure };

/** However long an endpoint asks us to wait. */
const maxWaitMs = 86_400_000;

const delivering: ReadonlySet<number> = new Set([200, 201, 202]);

type Refusal = readonly [kind: 'retry' | 'rejected', code: DeliveryFailure];
const busy: Refusal = ['retry', 'ENDPOINT_BUSY'];
const faulty: Refusal = ['rejected', 'DELIVERY_REJECTED'];
/** What is wrong with the endpoint or its registration, and can be put right without the delivery's sender. */
const refuses: Refusal = ['retry', 'ENDPOINT_REFUSES'];

/** Of 4xx those that are told apart; every other is the endpoint's own word for a faulty delivery. */
const clientErrors: Readonly<Record<number, Refusal>> = {
  // not authenticated, to be paid, forbidden: the gateway's standing there, not this delivery's
  401: refuses,
  402: refuses,
  403: refuses,
  // a wrong path, method, `Accept`, proxy, or somebody who moved away
  404: refuses,
  405: refuses,
  406: refuses,
  407: refuses,
  410: refuses,
  408: busy,
  // the attempt before, under the same Idempotency-Key, is still being worked on
  409: busy,
  // conditions and expectations that the gateway never makes
  412: refuses,
  416: refuses,
  417: refuses,
  428: refuses,
  // its length always stands in it: a proxy on the way lost it
  411: faulty,
  413: ['rejected', 'DELIVERY_TOO_LARGE'],
  414: refuses,
  415: ['rejected', 'DELIVERY_TYPE_UNSUPPORTED'],
  421: busy,
  423: busy,
  425: busy,
  426: refuses,
  429: busy,
  431: refuses,
};

/** Never throws, whatever the answer is. */
export function meaningOf(answer: Answer, deliveryId: string): Meaning {
  switch (answer.kind) {
    case 'failed':
      return { kind: 'retry', code: answer.code };
    case 'not-sent':
      return { kind: 'retry', code: answer.code, afterMs: 0 };
    case 'answered': {
      if (delivering.has(answer.status) && namesDelivery(answer.body, deliveryId)) {
        return { kind: 'delivered' };
      }
      const [kind, code] = refusalOf(answer.status);
      if (kind === 'rejected') return { kind, code };
      return { kind, code, ...waitOf(answer.retryAfterSeconds) };
    }
  }
}

function refusalOf(status: number): Refusal {
  if (status >= 300 && status < 400) return ['retry', 'ENDPOINT_REDIRECTS'];
  if (status >= 400 && status < 500) return clientErrors[status] ?? faulty;
  if (status === 503) return busy;
  if (status >= 500 && status < 600) return ['retry', 'ENDPOINT_FAILED'];
  return ['retry', 'ANSWER_UNEXPECTED'];
}

function waitOf(seconds: number | undefined): { afterMs?: number } {
  if (seconds === undefined || !(seconds >= 0)) return {};
  return { afterMs: Math.min(seconds * 1000, maxWaitMs) };
}

/** The body is read as strictly as a partner's request: what two readers could read differently says nothing. */
function namesDelivery(body: Buffer, deliveryId: string): boolean {
  try {
    const { value } = parseStrictJson(decodeUtf8(body), { maxDepth: 20, maxKeys: 1000 });
    return (
      typeof value === 'object' &&
      value !== null &&
      'delivery' in value &&
      value.delivery === deliveryId
    );
  } catch {
    return false;
  }
}
