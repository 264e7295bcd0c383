/** `jetway certificate revoke`: one certificate never opens the door again. */
import { revokeRegistered } from '../participants/suspend-participant.ts';
import { reportResult, withLedger } from './administration.ts';
import { parseOptions, required, UsageError } from './arguments.ts';
import type { Command } from './command.ts';

const name = 'certificate revoke';

export const certificateRevokeCommand: Command = {
  name,
  summary: 'refuse one certificate for good, open connections included',
  usage: `jetway ${name} --fingerprint SHA256

Refuses the certificate from the next request on and closes its connections. There is no way back:
the system needs a new certificate.

  --fingerprint SHA256   as \`jetway participant list\` and \`openssl x509 -fingerprint -sha256\` print it

Exit code: 0 done or nothing to do, 1 refused, 2 the arguments cannot be used.`,
  async run(args, io) {
    const options = parseOptions(args, { fingerprint: { type: 'string' } });
    const typed = required(options.fingerprint, '--fingerprint');
    const fingerprint256 = typed.replaceAll(':', '').toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(fingerprint256)) {
      throw new UsageError('--fingerprint must be 64 hexadecimal digits, with or without colons');
    }
    const result = await withLedger(io.env, ({ ledger, operator }) =>
      revokeRegistered(ledger, fingerprint256, operator),
    );
    return reportResult(result, `certificate ${fingerprint256}`, io);
  },
};
