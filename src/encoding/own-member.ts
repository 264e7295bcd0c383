/** A member of a JSON value, where it has one of its own. */

export function ownMember(value: unknown, name: string): unknown {
  const isHeld = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  return isHeld ? Reflect.get(value, name) : undefined;
}
