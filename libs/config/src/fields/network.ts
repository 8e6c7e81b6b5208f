import {
  hideUrlPassword,
  setting,
  WrongText,
  type Setting,
  type SettingOptions,
} from './setting.js';

export interface Address {
  /** A name or an IP address, an IPv6 one without its brackets. */
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
}

/** Where to listen: host:port, with an IPv6 address in brackets. */
export function address(variable: string, options: SettingOptions): Setting<Address> {
  return setting(variable, options, readAddress, formatAddress);
}

/** A TCP port; 0 = any free port. */
export function port(variable: string, options: SettingOptions): Setting<number> {
  return setting(variable, options, readPort);
}

/** host:port, with an IPv6 address in brackets. */
export function formatAddress({ host, port: number }: Address): string {
  return host.includes(':') ? `[${host}]:${number}` : `${host}:${number}`;
}

/**
 * A URL of one of the protocols (`['nats', 'tls']`), kept as it was written.
 * User and password in it are never shown.
 */
export function url(
  variable: string,
  protocols: readonly string[],
  options: SettingOptions,
): Setting<string> {
  const read = (value: string): string => {
    const wrong = new WrongText(
      `must be a URL that begins with ${protocols.map((name) => `${name}://`).join(' or ')}`,
    );
    const protocol = protocols.find((name) => value.startsWith(`${name}://`));
    // A bucket name need not be a valid host, so the rest is only checked for being there.
    if (protocol === undefined || !/^[^\s]+$/.test(value.slice(protocol.length + 3))) throw wrong;
    return value;
  };
  return setting(variable, options, read, hideUrlPassword);
}

function readAddress(value: string): Address {
  const [, ipv6, name, digits = ''] =
    /^(?:\[([\da-f:.%\w]+)\]|([^\s:/[\]]+)):(\d+)$/i.exec(value) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined) throw new WrongText('must be host:port, as 0.0.0.0:50051');
  return Object.freeze({ host, port: readPort(digits) });
}

function readPort(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65535) return Number(value);
  throw new WrongText('must have a port from 0 to 65535');
}
