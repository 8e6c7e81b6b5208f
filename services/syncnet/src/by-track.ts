/** Groups what belongs to tracks by track; the order within a track stays. */
export function byTrack<T extends { readonly trackIndex: number }>(
  items: readonly T[],
): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const group = groups.get(item.trackIndex);
    if (group === undefined) groups.set(item.trackIndex, [item]);
    else group.push(item);
  }
  return groups;
}
