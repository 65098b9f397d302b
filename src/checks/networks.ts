/** Which addresses checks may reach: a file of checks must not become a way into the worker's machine or its cloud. */
import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;
type Range = [Address, number];

/**
 * What no check is meant to reach: the worker itself, its link, and where clouds answer with credentials. The last ones
 * are metadata services outside of the link-local range: Alibaba's, Oracle's, and AWS's for IPv6.
 */
const NEVER_MEANT = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '100.100.100.200/32',
  '192.0.0.192/32',
  // "::" and "::1", and IPv4 addresses written as IPv6 ones in a way of old (RFC 4291, 2.5.5.1).
  '::/96',
  'fe80::/10',
  'ff00::/8',
  'fd00:ec2::254/128',
].map((cidr): Range => ipaddr.parseCIDR(cidr));

/** RFC 6052: the last 32 bits are an IPv4 address, which a gateway connects to. */
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96');

/** Thrown instead of connecting to an address that is not allowed. */
export class NotAllowed extends Error {
  override readonly name = 'NotAllowed';

  constructor(address: string) {
    super(`${address} is not an address that checks may reach (DURABLE_RESIZE_CHECK_NETWORKS of the worker)`);
  }
}

/** The networks that checks may reach. */
export class Networks {
  readonly #only: readonly Range[] | undefined;

  /** @param only nothing else is reached then; undefined: all but what no check is meant to reach */
  constructor(only?: readonly string[]) {
    this.#only = only?.map((cidr): Range => ipaddr.parseCIDR(cidr));
  }

  allows(text: string): boolean {
    // A zone ("%eth0") names an interface of this machine; the address before it is what counts.
    const bare = text.replace(/%.*$/, '');
    if (!ipaddr.isValid(bare)) return false;
    const address = embedded(ipaddr.process(bare));
    const isIn = ([network, bits]: Range) => address.kind() === network.kind() && address.match(network, bits);
    return this.#only === undefined ? !NEVER_MEANT.some(isIn) : this.#only.some(isIn);
  }

  /** @throws NotAllowed for a host that is an address, as URLs and configurations write them, and not an allowed one */
  refuseLiteral(host: string): void {
    const bare = host.replace(/^\[(.*)\]$/, '$1');
    const isAddress = ipaddr.IPv4.isValidFourPartDecimal(bare) || ipaddr.IPv6.isValid(bare.replace(/%.*$/, ''));
    if (isAddress && !this.allows(bare)) throw new NotAllowed(bare);
  }

  /** For sockets: gives only allowed addresses of a name, so that what was checked is what is connected to. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const allowed = found.filter(({ address }) => this.allows(address));
      const [first] = allowed;
      if (first === undefined) {
        callback(new NotAllowed(`${hostname} (${found[0]?.address ?? 'no address'})`), []);
        return;
      }
      if (options.all === true) {
        callback(null, allowed);
        return;
      }
      callback(null, first.address, first.family);
    });
  };
}

/** The IPv4 address in an IPv6 one that a NAT64 gateway translates. */
function embedded(address: Address): Address {
  const isTranslated = address.kind() === 'ipv6' && address.match(NAT64[0], NAT64[1]);
  return isTranslated ? ipaddr.fromByteArray(address.toByteArray().slice(12)) : address;
}

/** Is it a network, such as 10.0.0.0/8? */
export const isNetwork = (cidr: string): boolean => ipaddr.isValidCIDR(cidr);
