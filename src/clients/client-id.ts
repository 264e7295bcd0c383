/** An organisation's own id for a person: opaque, and different for each organisation. */
import { randomBytes } from 'node:crypto';

export function newClientId(): string {
  return `c_${randomBytes(16).toString('base64url')}`;
}
