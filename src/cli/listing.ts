/** What the commands that list something have in common: lines for people, one JSON array for programs. */
import type { CommandIo } from './command.ts';

interface Listing<Item> {
  isJson: boolean;
  asJson(item: Item): unknown;
  asLines(item: Item): readonly string[];
  /** Said where there is nothing, so that an empty list is not taken for a failure. */
  none: string;
}

/** Standard output is for programs: that there is nothing is said beside it, and of JSON by an empty array. */
export function showList<Item>(
  io: CommandIo,
  items: readonly Item[],
  { isJson, asJson, asLines, none }: Listing<Item>,
): void {
  if (isJson) io.out(JSON.stringify(items.map(asJson), null, 2));
  else if (items.length === 0) io.err(none);
  else for (const line of items.flatMap(asLines)) io.out(line);
}
