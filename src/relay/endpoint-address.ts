/**
 * Which addresses the gateway never dials, so that nobody makes it call its own house (server-side request
 * forgery). After the IANA special-purpose address registries (RFC 6890): of IPv4 all but those listed, of IPv6
 * nothing outside 2000::/3, which leaves out every form that embeds or maps an IPv4 address. Pure.
 */
import { BlockList, isIP } from 'node:net';

type Network = readonly [address: string, prefix: number];

/** Allowed where the operator says so, for endpoints on the gateway's own network. */
const privateV4: readonly Network[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
];
const privateV6: readonly Network[] = [
  ['::1', 128],
  ['fc00::', 7],
];

const neverV4: readonly Network[] = [
  ['0.0.0.0', 8],
  // link-local, with the metadata address of most clouds
  ['169.254.0.0', 16],
  // metadata and agents of clouds, outside of it
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.0', 24],
  // documentation
  ['192.0.2.0', 24],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  // relays of 6to4
  ['192.88.99.0', 24],
  // benchmarks
  ['198.18.0.0', 15],
  // multicast, reserved, broadcast
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const neverV6: readonly Network[] = [
  ['fd00:ec2::254', 128],
  // protocol assignments: Teredo, benchmarks, ORCHID
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
  // 6to4
  ['2002::', 16],
];
const globalV6: readonly Network[] = [['2000::', 3]];

const never = { ipv4: listOf('ipv4', neverV4), ipv6: listOf('ipv6', neverV6) };
const house = { ipv4: listOf('ipv4', privateV4), ipv6: listOf('ipv6', privateV6) };
const globalUnicast = listOf('ipv6', globalV6);

export interface AddressPolicy {
  /** Loopback, private and shared addresses may be dialled. */
  allowsPrivate: boolean;
}

/** Whatever is no plain IP address is forbidden too, one with a zone included. */
export function isForbiddenAddress(
  ip: string,
  { allowsPrivate }: AddressPolicy = { allowsPrivate: false },
): boolean {
  const version = ip.includes('%') ? 0 : isIP(ip);
  if (version === 0) return true;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (never[family].check(ip, family)) return true;
  if (house[family].check(ip, family)) return !allowsPrivate;
  return family === 'ipv6' && !globalUnicast.check(ip, family);
}

function listOf(family: 'ipv4' | 'ipv6', networks: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, family);
  return list;
}
