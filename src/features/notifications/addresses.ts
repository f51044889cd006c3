/**
 * Which addresses may be called. A merchant names the endpoint, so it could name what only we can reach: the
 * database, a neighbour, the cloud's own services. Only addresses of the public internet are called.
 */

import { lookup as dnsLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** IANA's special-purpose registry (IPv4), and 168.63.129.16, which is Azure's own in every network there. */
const CLOSED_IPV4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Global unicast: all else, IPv4 in disguise included, is closed, and of this the following. */
const OPEN_IPV6: readonly [string, number][] = [['2000::', 3]];
/** Teredo and its neighbours, documentation, 6to4, documentation. */
const CLOSED_IPV6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/** Its code is what the delivery log says. */
export class AddressRefused extends Error {
  readonly code = 'address_refused';
  constructor() {
    super('The endpoint has an address that is not of the public internet.');
  }
}

/** True for an address of the public internet. */
export type IsPublic = (address: string) => boolean;

export function publicAddresses(): IsPublic {
  const closed4 = listOf(CLOSED_IPV4, 'ipv4');
  const open6 = listOf(OPEN_IPV6, 'ipv6');
  const closed6 = listOf(CLOSED_IPV6, 'ipv6');
  return (address) => {
    if (isIP(address) === 4) return !closed4.check(address, 'ipv4');
    return isIP(address) === 6 && open6.check(address, 'ipv6') && !closed6.check(address, 'ipv6');
  };
}

function listOf(subnets: readonly [string, number][], type: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, type);
  return list;
}

/**
 * For the connection itself: resolves the name, and gives on only what was checked, so that no second look-up
 * can tell otherwise. A name that leads inside as well as outside is refused whole.
 */
export function guardedLookup(isPublic: IsPublic): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isPublic(address)))
        return callback(new AddressRefused(), '', 0);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** The address in a URL that names no host but an address; null for a name. Such a one is never looked up. */
export function literalAddress({ hostname }: URL): string | null {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 ? null : address;
}

/** What can be said of a URL without looking it up; null when it may be tried. */
export function urlProblem(text: string, allowPrivate: boolean): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '')
    return 'Send an address that begins with https://.';
  if (url.username !== '' || url.password !== '') return 'Leave user and password out of the address.';
  if (allowPrivate) return null;
  if (url.protocol !== 'https:') return 'Send an address that begins with https://.';
  const address = literalAddress(url);
  if (address !== null && !publicAddresses()(address))
    return 'Send an address of the public internet: private networks are not called.';
  return null;
}
