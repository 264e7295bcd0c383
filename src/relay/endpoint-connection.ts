/**
 * A connection to an endpoint, kept alive: one TLS socket, HTTP/1.1, one delivery at a time. It is opened before
 * anything is authorised, since an authorisation lives five seconds and a handshake may take longer. undici speaks
 * HTTP on the socket that it is given; when that ends it gets no other, so nothing is ever sent twice unasked.
 */
import type { TLSSocket } from 'node:tls';
import { type buildConnector, Client } from 'undici';
import type { Clock } from '../clock.ts';
import type { Answer } from './answer-meaning.ts';
import type { ConnectFailure } from './delivery-failure.ts';
import { type DialOptions, dialEndpoint } from './dial-endpoint.ts';
import { endpointExchange } from './endpoint-exchange.ts';

export interface EndpointLimits {
  /** For looking the host up, and again for connection and handshake. */
  connectMs: number;
  /** For the head of an answer. */
  firstByteMs: number;
  /** For a whole exchange. */
  totalMs: number;
  /** How long a connection may lie idle between deliveries. */
  idleMs: number;
  /** How long a connection takes deliveries: what was true of its certificate and address does not stay so. */
  maxAgeMs: number;
  maxHeaderBytes: number;
  maxBodyBytes: number;
}

export const defaultEndpointLimits: EndpointLimits = {
  connectMs: 5_000,
  firstByteMs: 10_000,
  totalMs: 20_000,
  idleMs: 30_000,
  maxAgeMs: 600_000,
  maxHeaderBytes: 16_384,
  maxBodyBytes: 65_536,
};

export interface OpenOptions extends DialOptions {
  limits: EndpointLimits;
  clock: Clock;
}

export type Opened =
  | { kind: 'open'; connection: EndpointConnection }
  | { kind: 'failed'; code: ConnectFailure };

export interface DeliveryRequest {
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  /** By the monotonic clock: from then on nothing of it is written. */
  goodUntilMs: number;
}

export interface EndpointConnection {
  /** Whether a delivery may be posted now. */
  readonly isFree: boolean;
  /**
   * Never rejects for what a peer does, only for header fields that cannot be written. Where the connection is not
   * free nothing is sent.
   */
  post(request: DeliveryRequest): Promise<Answer>;
  /** At once: what is under way ends as failed. */
  close(): void;
  /** Told once, when the connection is gone: by its peer, by `close`, or after too long a silence. */
  onClosed?: (() => void) | undefined;
}

/** Rejects only for what is our own fault (dial-endpoint.ts). */
export async function openConnection(options: OpenOptions): Promise<Opened> {
  const dialled = await dialEndpoint(options, options.limits.connectMs);
  if (dialled.kind === 'failed') return dialled;
  return { kind: 'open', connection: new SocketConnection(dialled.socket, options) };
}

class SocketConnection implements EndpointConnection {
  onClosed: (() => void) | undefined;
  readonly #socket: TLSSocket;
  readonly #options: OpenOptions;
  readonly #url: URL;
  readonly #client: Client;
  readonly #openedAtMs: number;
  #isBusy = false;
  /** Where undici waits for the socket; it does so once, for the first request. */
  #awaited: buildConnector.Callback | undefined;
  #isGiven = false;

  constructor(socket: TLSSocket, options: OpenOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#openedAtMs = options.clock.monotonicMs();
    this.#url = new URL(options.endpoint.url);
    const { idleMs, maxHeaderBytes, maxBodyBytes } = options.limits;
    this.#client = new Client(this.#url.origin, {
      connect: (_options, callback) => this.#connect(callback),
      ...{ pipelining: 1, allowH2: false },
      ...{ keepAliveTimeout: idleMs, keepAliveMaxTimeout: idleMs },
      ...{ maxHeaderSize: maxHeaderBytes, maxResponseSize: maxBodyBytes },
      // those of the exchange count from other moments
      ...{ headersTimeout: 0, bodyTimeout: 0 },
    });
    socket.setTimeout(idleMs, () => socket.destroy());
    socket.on('readable', this.#watch);
    socket.once('close', () => this.onClosed?.());
  }

  get isFree(): boolean {
    const { clock, limits } = this.#options;
    const isYoung = clock.monotonicMs() - this.#openedAtMs < limits.maxAgeMs;
    // an old one is left to lie idle, and ends by that
    return isYoung && !this.#isBusy && !this.#socket.destroyed && !this.#socket.readableEnded;
  }

  async post({ headers, body, goodUntilMs }: DeliveryRequest): Promise<Answer> {
    const { clock, limits } = this.#options;
    if (!this.isFree) return { kind: 'failed', code: 'CONNECTION_CLOSED', sent: false };
    // once more in the exchange, right before the write; here the connection stays as it is
    if (clock.monotonicMs() >= goodUntilMs) {
      return { kind: 'not-sent', code: 'AUTHORISATION_EXPIRED' };
    }
    this.#isBusy = true;
    return new Promise((resolve, reject) => {
      const exchange = endpointExchange({
        ...{ clock, goodUntilMs, firstByteMs: limits.firstByteMs, totalMs: limits.totalMs },
        cut: () => this.#socket.destroy(),
        settle: (answer) => {
          this.#isBusy = false;
          resolve(answer);
        },
        reject,
      });
      const path = this.#url.pathname;
      this.#client.dispatch({ method: 'POST', path, headers: { ...headers }, body }, exchange);
      this.#give();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Asked by undici where it has no socket: the first time, and after the one that it had has ended. */
  #connect(callback: buildConnector.Callback): void {
    if (this.#isGiven) callback(new Error('there is one connection, and it has ended'), null);
    else this.#awaited = callback;
  }

  /**
   * Hands the socket over after the first `dispatch` has returned: undici then writes in the same turn. Handed over
   * from within it, the request would lie there until something else wakes undici.
   */
  #give(): void {
    const callback = this.#awaited;
    if (!callback) return;
    this.#awaited = undefined;
    this.#isGiven = true;
    // from here on undici counts idle time, and the exchange its own
    this.#socket.setTimeout(0);
    this.#socket.off('readable', this.#watch);
    callback(null, this.#socket);
  }

  /**
   * Until undici reads the socket: reading is what shows that the peer closed, and whoever answers before being
   * asked is cut off.
   */
  readonly #watch = (): void => {
    if (this.#socket.read() !== null) this.#socket.destroy();
  };
}
