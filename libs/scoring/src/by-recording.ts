/** Items of each recording, order kept. */
export function byRecording<T extends { readonly recording: string }>(
  items: readonly T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.recording);
    if (group === undefined) groups.set(item.recording, [item]);
    else group.push(item);
  }
  return groups;
}
