/**
 * Name of a recording from its path or URL: the base name without the last extension, white space replaced by `_`, so that
 * it is always one field of an RTTM line. A name that is only an extension (`.hidden`) stays whole.
 *
 * @param mediaPath path with `/` or `\`, or a URL (query and fragment are dropped, percent signs decoded)
 */
export function recordingName(mediaPath: string): string {
  const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(mediaPath);
  const path = isUrl ? decode(mediaPath.replace(/[?#].*$/s, '')) : mediaPath;
  const baseName = path.split(/[/\\]/).findLast((part) => part !== '') ?? '';
  const dot = baseName.lastIndexOf('.');
  const stem = dot > 0 ? baseName.slice(0, dot) : baseName;
  return stem.replace(/\s/gu, '_') || 'recording';
}

function decode(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    // A stray percent sign: the name is used as it is.
    return uri;
  }
}
