import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

import { Failure } from '../../../schemas/failure.ts';

/** Addresses of this machine and of its link: databases of others don't live there, cloud metadata does. */
const OWN = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
] as const) {
  OWN.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 32],
  // IPv4 loopback and link-local through NAT64 and 6to4.
  ['64:ff9b::7f00:0', 104],
  ['64:ff9b::a9fe:0', 112],
  ['2002:7f00::', 24],
  ['2002:a9fe::', 32],
] as const) {
  OWN.addSubnet(network, prefix, 'ipv6');
}

/**
 * The address to connect to for a host that a caller named. Off loopback every address that the name
 * has must be another machine's, and the one that was checked is the one that is used, so that a
 * second, different answer of the name server changes nothing.
 * @throws Failure HOST_NOT_ALLOWED, or DATABASE_UNAVAILABLE when the name has no address
 */
export async function allowedAddress(host: string, loopbackAllowed: boolean): Promise<string> {
  if (loopbackAllowed) return host;
  const addresses = await lookup(host, { all: true, verbatim: true }).catch((cause: unknown) => {
    throw unavailable('The name of the database host has no address.', cause);
  });
  const [first] = addresses;
  if (first === undefined || addresses.some(({ address }) => isOwnAddress(address))) {
    throw new Failure(
      'HOST_NOT_ALLOWED',
      'The connection string names this machine or its local link as database host.',
      'Use a configured connection, or a host that other machines reach too.',
    );
  }
  return first.address;
}

/** True for loopback, link-local, unspecified and multicast addresses, also written as mapped IPv6. */
export function isOwnAddress(address: string): boolean {
  return OWN.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** The failure for a database that can't be reached: the step waits for it. */
export function unavailable(message: string, cause?: unknown): Failure {
  return new Failure(
    'DATABASE_UNAVAILABLE',
    message,
    'Check host and port, and that the database runs.',
    { cause },
  );
}
