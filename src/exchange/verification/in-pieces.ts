/** Members of a map that one statement is given. */
const piece = 256;

export function* inPieces<Key, Value>(
  map: ReadonlyMap<Key, Value>,
): Generator<readonly (readonly [Key, Value])[]> {
  let some: [Key, Value][] = [];
  for (const member of map) {
    some.push(member);
    if (some.length < piece) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
