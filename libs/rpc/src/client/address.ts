/** An address in the forms that are needed: the gRPC target, the text for people, host and port for spans. */
export interface ServerAddress {
  readonly target: string;
  readonly text: string;
  readonly host: string;
  readonly port?: number;
}

/** Parses `HOST:PORT`, or a gRPC target with a scheme (`dns:///…`, `unix:…`), which stays as it is. */
export function parseServerAddress(address: string): ServerAddress {
  const hasScheme = /^(?:dns|ipv4|ipv6|unix|xds|passthrough):/.test(address);
  const text = hasScheme ? address.replace(/^[a-z0-9]+:(?:\/\/[^/]*\/)?/, '') : address;
  const target = hasScheme ? address : `dns:///${address}`;
  const parts = /^\[?(.*?)\]?:(\d+)$/.exec(text);
  return parts === null
    ? { target, text, host: text }
    : { target, text, host: parts[1] ?? text, port: Number(parts[2]) };
}
