import type { FetchMediaOptions } from './fetch-media.js';
import { checkHost } from './host-policy.js';
import { localMediaPath } from './local-media.js';

/**
 * What can be said of a media URI without reading the medium: whether the file is in an allowed folder and there, or the
 * host on the list. Other schemes are left to `fetchMedia`.
 *
 * @throws AvdError as `fetchMedia` does
 */
export async function checkMediaUri(
  uri: string,
  options: Pick<FetchMediaOptions, 'allowedRoots' | 'allowedHosts'>,
): Promise<void> {
  if (!URL.canParse(uri)) return;
  const url = new URL(uri);
  if (url.protocol === 'file:') await localMediaPath(url, options.allowedRoots ?? []);
  if (url.protocol === 'http:' || url.protocol === 'https:') checkHost(url, options);
}
