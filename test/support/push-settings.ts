/** The settings of a gateway that pushes, with the files that they name. */
import type { KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatewayIdentity } from './test-endpoint.ts';

/** `signingKey`: Ed25519, private. */
export function pushSettings(
  t: { teardown(handler: () => void): void },
  signingKey: KeyObject,
): Readonly<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'jetway-push-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  return {
    JETWAY_CLIENT_CERTIFICATE_FILE: file('client.pem', gatewayIdentity.certificate),
    JETWAY_CLIENT_KEY_FILE: file('client.key', gatewayIdentity.privateKey),
    JETWAY_SIGNING_KEY_FILE: file(
      'signing.key',
      signingKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ),
  };
}
