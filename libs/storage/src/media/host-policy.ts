import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { mediaError, mediaUnavailable, shownUri } from './media-errors.js';
import { isPublicAddress } from './public-address.js';

export interface HostAddress {
  readonly address: string;
  /** 4 or 6. */
  readonly family: number;
}

export interface HostPolicy {
  /**
   * Hosts that media may come from: `media.example.org` (ports 80 and 443), `media.example.org:8443`,
   * `*.example.org` (every name below it), `*` (every public host). @default none
   */
  readonly allowedHosts?: readonly string[];
  /** Private, loopback and link-local addresses too. @default false */
  readonly allowPrivateAddresses?: boolean;
  /** Addresses of a host name. @default the system's resolver */
  readonly resolveHost?: (hostname: string) => Promise<readonly HostAddress[]>;
}

/** @throws AvdError invalidInput MEDIA_URI_INVALID, permissionDenied MEDIA_HOST_NOT_ALLOWED */
export function checkHost(url: URL, policy: HostPolicy): void {
  if (url.username !== '' || url.password !== '') {
    const message = 'A media URI must not carry a name and password.';
    throw mediaError('MEDIA_URI_INVALID', message);
  }
  const isAllowed = (policy.allowedHosts ?? []).some((entry) => isSameHost(url, entry));
  if (isAllowed) return;
  const message = `Media may not be fetched from host "${url.host}"; ask the operator to allow it.`;
  throw mediaError('MEDIA_HOST_NOT_ALLOWED', message);
}

function isSameHost(url: URL, entry: string): boolean {
  const [, name = '', port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
  const defaultPort = url.protocol === 'https:' ? '443' : '80';
  // Without a port the entry opens the web ports only, not every service of that host.
  if (port === undefined ? url.port !== '' : port !== (url.port || defaultPort)) return false;
  if (name === '*') return true;
  return name.startsWith('*.') ? url.hostname.endsWith(name.slice(1)) : url.hostname === name;
}

/**
 * The addresses of the host, each of them checked: the connection must be made to one of these, since asking for the
 * name again may give another answer (DNS rebinding).
 *
 * @throws AvdError permissionDenied MEDIA_ADDRESS_NOT_ALLOWED, notFound MEDIA_HOST_NOT_FOUND, unavailable
 */
export async function checkedAddresses(
  url: URL,
  policy: HostPolicy,
): Promise<readonly HostAddress[]> {
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(hostname);
  const addresses =
    family === 0 ? await resolveName(hostname, url, policy) : [{ address: hostname, family }];
  if (policy.allowPrivateAddresses === true) return addresses;
  if (addresses.every(({ address }) => isPublicAddress(address))) return addresses;
  const message = `Host "${url.hostname}" has an address inside a private network; media may not be fetched from there.`;
  throw mediaError('MEDIA_ADDRESS_NOT_ALLOWED', message);
}

async function resolveName(
  hostname: string,
  url: URL,
  policy: HostPolicy,
): Promise<readonly HostAddress[]> {
  const resolve = policy.resolveHost ?? ((name: string) => lookup(name, { all: true }));
  let addresses: readonly HostAddress[] = [];
  try {
    addresses = await resolve(hostname);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTFOUND') {
      throw mediaUnavailable(shownUri(url), error);
    }
  }
  if (addresses.length > 0) return addresses;
  throw mediaError('MEDIA_HOST_NOT_FOUND', `There is no host "${hostname}".`);
}
