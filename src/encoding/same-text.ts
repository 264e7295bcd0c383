/** Whether two texts differ in letter case and surrounding space alone: people and systems write them either way. */
export function isSameText(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}
