/** `jetway participant list`: the register as it is. */

import { getHead } from '../ledger/ledger-store.ts';
import type { Participant, Register, RegisteredCertificate } from '../participants/register.ts';
import { loadRegister } from '../participants/register-store.ts';
import { withDatabase } from './administration.ts';
import { parseOptions } from './arguments.ts';
import type { Command } from './command.ts';
import { showList } from './listing.ts';

export const participantListCommand: Command = {
  name: 'participant list',
  summary: 'list organisations with their certificates and keys',
  usage: `jetway participant list [--json]

One line an organisation, and below it one a certificate and one an assertion key.

  --json   one JSON array instead

Exit code: 0, 1 it could not be read, 2 the arguments cannot be used.`,
  async run(args, io) {
    const { json } = parseOptions(args, { json: { type: 'boolean', default: false } });
    const register = await withDatabase(io.env, async (database) =>
      loadRegister(database, (await getHead(database)).registerVersion),
    );
    const participants = [...register.participants.values()].sort(byOdsCode);
    showList(io, participants, {
      isJson: json,
      asJson: (each) => asJson(each, register),
      asLines: (each) => asLines(each, register),
      none: 'there is no participant',
    });
    return 0;
  },
};

function byOdsCode(a: Participant, b: Participant): number {
  return a.odsCode < b.odsCode ? -1 : 1;
}

function certificatesOf({ odsCode }: Participant, register: Register): RegisteredCertificate[] {
  return [...register.certificates.values()].filter((each) => each.odsCode === odsCode);
}

function asLines(participant: Participant, register: Register): string[] {
  const { odsCode, name, kind, status, assertionKeys } = participant;
  return [
    `${odsCode}  ${status}  ${kind}  ${name}`,
    ...certificatesOf(participant, register).map(
      ({ fingerprint256, system, notAfter, revoked }) => {
        const until = `until ${new Date(notAfter).toISOString()}`;
        return `  certificate ${fingerprint256}  ${system}  ${revoked ? 'revoked' : until}`;
      },
    ),
    ...assertionKeys.map(({ kid, algorithm }) => `  assertion key ${kid}  ${algorithm}`),
  ];
}

function asJson(participant: Participant, register: Register) {
  const { odsCode, name, kind, status, assertionKeys } = participant;
  return {
    ...{ odsCode, name, kind, status },
    certificates: certificatesOf(participant, register).map(
      ({ fingerprint256, system, notAfter, revoked }) => ({
        ...{ fingerprint256, system, revoked },
        notAfter: new Date(notAfter).toISOString(),
      }),
    ),
    assertionKeys: assertionKeys.map(({ kid, algorithm }) => ({ kid, algorithm })),
  };
}
