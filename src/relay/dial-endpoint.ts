/**
 * From an endpoint's URL to one TLS socket. The host is looked up once, every address that it has is judged, and an
 * address that was judged is dialled: a name that means something else a moment later (DNS rebinding) changes
 * nothing. The name that the certificate must bear is the registered host's (RFC 9525). No proxy, no session
 * resumption.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Endpoint } from '../participants/endpoint.ts';
import { clientTlsOptions } from '../pki/client-tls-options.ts';
import type { TlsMode } from '../pki/tls-policy.ts';
import type { ConnectFailure } from './delivery-failure.ts';
import { isForbiddenAddress } from './endpoint-address.ts';

/** A host's addresses. Rejects where it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface DialOptions {
  endpoint: Pick<Endpoint, 'url' | 'anchors'>;
  /** PEM: what the gateway shows to endpoints. */
  identity: { certificate: string; privateKey: string };
  tlsMode: TlsMode;
  /** For endpoints on the gateway's own network: loopback, private and shared addresses. */
  allowsPrivateAddresses: boolean;
  resolve?: Resolve | undefined;
}

export type Dialled = { kind: 'dialled'; socket: TLSSocket } | Failed;
type Failed = { kind: 'failed'; code: ConnectFailure };

/** A host may have many addresses; more than these are not tried. */
const maxAddresses = 4;

const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address);

/**
 * Takes `connectMs` at most for the look-up, and again for connection and handshake. Rejects only for what is our
 * own fault, such as anchors or an identity that are no PEM.
 */
export async function dialEndpoint(options: DialOptions, connectMs: number): Promise<Dialled> {
  const { endpoint, identity, allowsPrivateAddresses: allowsPrivate } = options;
  const url = new URL(endpoint.url);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = await lookUp(host, options.resolve ?? systemResolve, connectMs);
  if (typeof addresses === 'string') return failed(addresses);
  if (addresses.some((ip) => isForbiddenAddress(ip, { allowsPrivate }))) {
    return failed('ENDPOINT_ADDRESS_REFUSED');
  }
  const tls: ConnectionOptions = {
    ...clientTlsOptions({
      ...{ mode: options.tlsMode, host, authorities: endpoint.anchors, ...identity },
    }),
    port: Number(url.port || 443),
    // RFC 6066 section 3: an address is no server name
    ...(isIP(host) === 0 && { servername: host }),
  };
  return dialEach(addresses.slice(0, maxAddresses), tls, connectMs);
}

function lookUp(
  host: string,
  resolve: Resolve,
  timeoutMs: number,
): Promise<readonly string[] | ConnectFailure> {
  return new Promise((settle) => {
    const timer = setTimeout(() => settle('ENDPOINT_TIMEOUT'), timeoutMs);
    resolve(host)
      .then(settle, () => settle('ENDPOINT_UNRESOLVED'))
      .finally(() => clearTimeout(timer));
  });
}

/** The first that answers at all: of a host with two kinds of addresses one may lead nowhere. */
async function dialEach(
  addresses: readonly string[],
  tls: ConnectionOptions,
  connectMs: number,
): Promise<Dialled> {
  let dialled: Dialled = failed('ENDPOINT_UNRESOLVED');
  for (const host of addresses) {
    dialled = await dial({ ...tls, host }, connectMs / addresses.length);
    if (dialled.kind === 'dialled' || !leadsNowhere.has(dialled.code)) break;
  }
  return dialled;
}

const leadsNowhere: ReadonlySet<ConnectFailure> = new Set([
  'ENDPOINT_UNREACHABLE',
  'ENDPOINT_TIMEOUT',
]);

function dial(options: ConnectionOptions, timeoutMs: number): Promise<Dialled> {
  return new Promise((resolve) => {
    let isReached = false;
    const socket = connect(options);
    const timer = setTimeout(() => end(failed('ENDPOINT_TIMEOUT')), timeoutMs);
    const end = (dialled: Dialled) => {
      clearTimeout(timer);
      resolve(dialled);
      if (dialled.kind === 'failed') socket.destroy();
    };
    socket.once('connect', () => {
      isReached = true;
    });
    // stays for the socket's life: an error that nobody hears would end the process
    socket.on('error', (error) => end(failed(failureOf(error, socket, isReached))));
    socket.once('secureConnect', () => end({ kind: 'dialled', socket }));
  });
}

function failureOf(error: Error, socket: TLSSocket, isReached: boolean): ConnectFailure {
  if ('code' in error && error.code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'ENDPOINT_NAME_MISMATCH';
  }
  // set where the chain was not verified, and nowhere else
  if (socket.authorizationError) return 'ENDPOINT_UNTRUSTED';
  return isReached ? 'ENDPOINT_TLS_FAILED' : 'ENDPOINT_UNREACHABLE';
}

function failed(code: ConnectFailure): Failed {
  return { kind: 'failed', code };
}
