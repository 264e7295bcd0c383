/** `jetway participant add`: takes an organisation into the register, with a certificate and a key. */

import { systemClock } from '../clock.ts';
import { loadConfig } from '../config/load-config.ts';
import type { OrgType } from '../consent/decision.ts';
import { orgTypes } from '../consent/vocabulary.ts';
import { admitParticipant, type NewParticipant } from '../participants/admit-participant.ts';
import {
  readAssertionKey,
  readClientCertificate,
  type Unfit,
} from '../participants/registrable-credentials.ts';
import { reportResult, withLedger } from './administration.ts';
import { parseOptions, required, UsageError } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { OperatorError, readTextFile } from './operator-error.ts';

const usage = `jetway participant add --ods CODE --name TEXT --kind KIND
    [--certificate FILE --system NAME] [--assertion-key FILE --kid ID]

Adds an organisation, or to one that is there a certificate or a key, or gives it another name. May be
repeated: what is there already is left as it is. Every change is an entry of the ledger. The kind of
an organisation never changes. A certificate must be issued by an authority of JETWAY_CLIENT_CA_FILE; one
that names urn:jetway:party:CODE:NAME is good for that organisation and system alone.

  --ods CODE             ODS code, for example X81001
  --name TEXT            as people know it
  --kind KIND            ${orgTypes.join(', ')}
  --certificate FILE     client certificate of one of its systems, PEM
  --system NAME          what that system is called in the ledger
  --assertion-key FILE   public key that signs its user assertions, PEM (P-256, or RSA of 2048 bits)
  --kid ID               the id that its assertions name the key by

Exit code: 0 done or nothing to do, 1 refused, 2 the arguments cannot be used.`;

export const participantAddCommand: Command = {
  name: 'participant add',
  summary: 'add an organisation, a certificate of one of its systems, a key for user assertions',
  usage,
  async run(args, io) {
    const options = parseOptions(args, {
      ods: { type: 'string' },
      name: { type: 'string' },
      kind: { type: 'string' },
      certificate: { type: 'string' },
      system: { type: 'string' },
      'assertion-key': { type: 'string' },
      kid: { type: 'string' },
    });
    const odsCode = required(options.ods, '--ods');
    const participant: NewParticipant = {
      odsCode,
      name: required(options.name, '--name'),
      kind: kindOf(required(options.kind, '--kind')),
      certificate: await certificateOf(options.certificate, odsCode, options.system, io.env),
      assertionKey: await assertionKeyOf(options['assertion-key'], options.kid),
    };
    const result = await withLedger(io.env, ({ ledger, operator }) =>
      admitParticipant(ledger, participant, operator),
    );
    return reportResult(result, `participant ${odsCode}`, io);
  },
};

function kindOf(text: string): OrgType {
  const kind = orgTypes.find((known) => known === text);
  if (!kind) throw new UsageError(`--kind must be one of ${orgTypes.join(', ')}`);
  return kind;
}

async function certificateOf(
  path: string | undefined,
  odsCode: string,
  system: string | undefined,
  env: CommandIo['env'],
): Promise<NewParticipant['certificate']> {
  if (path === undefined && system === undefined) return undefined;
  const file = required(path, '--certificate');
  const named = required(system, '--system');
  const authorities = await readTextFile(loadConfig(env).tls.clientCaFile);
  const now = systemClock.now();
  const read = readClientCertificate(await readTextFile(file), {
    ...{ odsCode, system: named, authorities, now },
  });
  return { ...fit(read, file), system: named };
}

async function assertionKeyOf(
  path: string | undefined,
  kid: string | undefined,
): Promise<NewParticipant['assertionKey']> {
  if (path === undefined && kid === undefined) return undefined;
  const file = required(path, '--assertion-key');
  const named = required(kid, '--kid');
  return { ...fit(readAssertionKey(await readTextFile(file)), file), kid: named };
}

function fit<Credential extends object>(read: Credential | Unfit, file: string): Credential {
  if ('faults' in read) throw new OperatorError(`${file}: ${read.faults.join('; ')}`);
  return read;
}
