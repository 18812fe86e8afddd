import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

import { Failure } from '../../../schemas/failure.ts';

/**
 * Addresses of this machine, of its link, and of what clouds answer with on fixed addresses: databases of
 * others don't live there, metadata and credentials do.
 */
const OWN = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
  // Metadata and agents of Alibaba, Azure and Oracle.
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
] as const) {
  OWN.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  // Unspecified, loopback, and IPv4 written the old way (::127.0.0.1).
  ['::', 96],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  // Metadata of AWS and Google.
  ['fd00:ec2::', 32],
  ['fd20:ce::', 32],
  // IPv4 loopback and link-local through translation (SIIT, NAT64), 6to4; all of Teredo.
  ['::ffff:0:7f00:0', 104],
  ['::ffff:0:a9fe:0', 112],
  ['64:ff9b::', 104],
  ['64:ff9b::7f00:0', 104],
  ['64:ff9b::a9fe:0', 112],
  ['64:ff9b:1::', 48],
  ['2002::', 24],
  ['2002:7f00::', 24],
  ['2002:a9fe::', 32],
  ['2001::', 32],
] as const) {
  OWN.addSubnet(network, prefix, 'ipv6');
}

/** What a caller may name as a database host. */
export interface HostPolicy {
  /** Whether it may be this machine or its link. */
  readonly loopbackAllowed: boolean;
  /** Names and addresses that may be used wherever they lead. */
  readonly allowedHosts?: readonly string[];
  /** All addresses of a name. */
  readonly resolve?: (host: string) => Promise<readonly { readonly address: string }[]>;
}

/**
 * The address to connect to for a host that a caller named. Off loopback every address that the name
 * has must be another machine's, and the one that was checked is the one that is used, so that a
 * second, different answer of the name server changes nothing.
 * @throws Failure HOST_NOT_ALLOWED, or DATABASE_UNAVAILABLE when the name has no address
 */
export async function allowedAddress(
  host: string,
  { loopbackAllowed, allowedHosts = [], resolve = everyAddress }: HostPolicy,
): Promise<string> {
  if (loopbackAllowed) return host;
  const addresses = await resolve(host).catch((cause: unknown) => {
    throw unavailable('The name of the database host has no address.', cause);
  });
  const listed = new Set(allowedHosts.map(plainHost));
  const allowed = (address: string): boolean =>
    listed.has(plainHost(host)) || listed.has(plainHost(address)) || !isOwnAddress(address);
  const [first] = addresses;
  if (first === undefined || !addresses.every(({ address }) => allowed(address))) {
    throw new Failure(
      'HOST_NOT_ALLOWED',
      'The connection string names this machine or its local link as database host.',
      'Use a configured connection, or a host that other machines reach too; the operator can list this one in ALLOWED_DATABASE_HOSTS.',
    );
  }
  return first.address;
}

function everyAddress(host: string) {
  return lookup(host, { all: true, verbatim: true });
}

/** One spelling of a host for comparison: no capitals, no brackets, no dot at the end. */
function plainHost(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$|\.$/g, '');
}

/**
 * True for loopback, link-local, unspecified, multicast and metadata addresses and those that this machine
 * has in its networks, also written as mapped IPv6.
 */
export function isOwnAddress(address: string): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return OWN.check(address, family) || ofThisMachine().check(address, family);
}

/** Looked up each time, as networks come and go. What listens on all addresses, listens there, too. */
function ofThisMachine(): BlockList {
  const own = new BlockList();
  for (const { address, family } of Object.values(networkInterfaces()).flatMap(
    (all) => all ?? [],
  )) {
    own.addAddress(address, family === 'IPv6' ? 'ipv6' : 'ipv4');
  }
  return own;
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
