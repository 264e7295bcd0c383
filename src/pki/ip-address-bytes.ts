/** An IP address as the octets that a subject alternative name holds (RFC 5280 section 4.2.1.6). */
import { isIPv4, isIPv6 } from 'node:net';

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** 4 octets for IPv4, 16 for IPv6. Throws on anything else, a zone or an embedded IPv4 included. */
export function ipAddressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  if (!isIPv6(address) || /[.%]/.test(address)) throw new Error('not a plain IP address');
  const [head = '', tail] = address.split('::');
  const front = groups(head);
  const back = groups(tail ?? '');
  const zeros = new Array<number>(8 - front.length - back.length).fill(0);
  return Buffer.from([...front, ...zeros, ...back].flatMap((group) => [group >> 8, group & 0xff]));
}
