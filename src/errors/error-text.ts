/** What an error says, where Node itself may leave its message empty. */

/** Where every address of a host refuses, Node's error has an empty message and one error an address. */
export function errorText(error: Error): string {
  if (error.message || !(error instanceof AggregateError)) return error.message || error.name;
  const each = error.errors.map((one: unknown) => (one instanceof Error ? one.message : ''));
  return each.join('; ') || error.name;
}
