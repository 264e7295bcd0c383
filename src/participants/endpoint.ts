/**
 * Where an organisation takes deliveries: an address of HTTPS, and the authorities that may vouch for it (trust is
 * per endpoint, never the system's store). Read here as an operator gives them; faults never repeat a value.
 */
import { X509Certificate } from 'node:crypto';
import { type Fault, GatewayError } from '../errors/gateway-error.ts';

export interface Endpoint {
  odsCode: string;
  /** As `parseEndpointUrl` writes it. */
  url: string;
  /** PEM, one certificate each, at least one. */
  anchors: readonly string[];
  /** Record and message types that go there; undefined: every type. */
  recordTypes: ReadonlySet<string> | undefined;
}

/** Whether both lead to the same place, under the same authorities. */
export function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.url === b.url && a.anchors.join() === b.anchors.join();
}

const maxUrlLength = 500;

/**
 * Throws REQUEST_INVALID. Its `href` is the one spelling of the address: signatures cover it, so both sides must
 * write it alike.
 */
export function parseEndpointUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const faults = url === undefined ? [fault('/url', 'url', 'must be a whole URL')] : urlFaults(url);
  if (url === undefined || faults.length > 0) throw refused('The endpoint’s URL', faults);
  return url;
}

function urlFaults(url: URL): Fault[] {
  const rules: readonly [isBroken: boolean, rule: string, detail: string][] = [
    [url.protocol !== 'https:', 'scheme', 'must begin with https://'],
    [url.username !== '' || url.password !== '', 'user', 'must hold no user name or password'],
    [url.href.includes('#'), 'fragment', 'must hold no fragment'],
    [url.href.includes('?'), 'query', 'must hold no query: it would stand in others’ logs'],
    [
      url.hostname === '' || url.hostname.endsWith('.'),
      'host',
      'must name a host, without a dot at its end',
    ],
    [url.port === '0', 'port', 'must name a port that can be called'],
    [url.href.length > maxUrlLength, 'length', `must have at most ${maxUrlLength} characters`],
  ];
  return rules.flatMap(([isBroken, rule, detail]) =>
    isBroken ? [fault('/url', rule, detail)] : [],
  );
}

/** The certificates of a PEM file, one text each. Throws REQUEST_INVALID for what is no authority's. */
export function parseAnchors(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN [A-Z ]+-----[^-]*-----END [A-Z ]+-----/g) ?? [];
  const faults = blocks.flatMap((block, i) => anchorFaults(block, `/anchors/${i}`));
  if (blocks.length === 0) faults.push(fault('/anchors', 'pem', 'must be certificates in PEM'));
  if (faults.length > 0) throw refused('The file of authorities', faults);
  return blocks.map((block) => new X509Certificate(block).toString());
}

function anchorFaults(block: string, pointer: string): Fault[] {
  if (block.includes('PRIVATE KEY')) {
    const detail =
      'must not be a private key: that stays where it was made, and must now be replaced';
    return [fault(pointer, 'private', detail)];
  }
  try {
    const detail = 'must be an authority’s certificate (CA:TRUE), not the endpoint’s own';
    return new X509Certificate(block).ca ? [] : [fault(pointer, 'authority', detail)];
  } catch {
    return [fault(pointer, 'certificate', 'must be a certificate that can be read')];
  }
}

function fault(pointer: string, rule: string, detail: string): Fault {
  return { pointer, rule, detail };
}

function refused(what: string, errors: readonly Fault[]): GatewayError {
  return new GatewayError('REQUEST_INVALID', { detail: `${what} cannot be used.`, errors });
}
