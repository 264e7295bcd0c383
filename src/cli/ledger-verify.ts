/**
 * `jetway ledger verify`: recomputes the whole ledger and tells every fault. An auditor runs it with a database
 * URL and verifier keys; the private key is the gateway's alone.
 */
import { systemClock } from '../clock.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { stateVerification } from '../exchange/verification/state-verification.ts';
import type { LogVerifier } from '../ledger/log-checkpoint.ts';
import {
  InterruptedVerification,
  type LedgerEvidence,
  type LedgerVerification,
  type StateVerifier,
  verifyLedger,
} from '../ledger/verification/verify-ledger.ts';
import { parseVerifierKey, type VerifierKey } from '../tlog/verifier-key.ts';
import { withDatabase, withDatabaseAt, witnessOf } from './administration.ts';
import { parseOptions, UsageError } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { databaseUrl } from './database-url.ts';
import { readTextFile } from './operator-error.ts';

export const ledgerVerifyCommand: Command = {
  name: 'ledger verify',
  summary: 'recompute the whole ledger from its bytes and tell every fault',
  usage: `jetway ledger verify [--verifier-key TEXT]... [--checkpoint FILE] [--require-state]
                             [--json]

Reads every entry, opens its commitment, compares the search rows, and recomputes the tree, the block
roots and every checkpoint, the one outside the database included. Gives up after a hundred faults of what
is stored. The gateway may be in use meanwhile.

It follows what entries say: acts of certificates that none had admitted, decisions that rested on a consent,
agreement, state, trace or id that none had left, deliveries of what none had sent. Then it compares consents,
overrides, facts, records, messages, people's identities, the organisations' ids for them, the register and
agreements with the entries that wrote them, row by row and both ways. Deliveries and receipts are not
compared. An auditor's login that may not read all of the tables is told which, and compares none.

Without --verifier-key it takes key, origin and checkpoint file from the gateway's settings. With it, it
needs JETWAY_DATABASE_URL_FILE (or JETWAY_DATABASE_URL) and no other setting.

  --verifier-key TEXT   public key of the first log, as \`jetway ledger key\` prints it for auditors:
                        origin+id+base64. Repeated where keys were rotated
  --checkpoint FILE     a checkpoint that was kept outside the database; without one, entries that are
                        missing at the end cannot be noticed
  --require-state       tables that this login may not read are a finding, as they are without --verifier-key
  --json                the findings and the logs as one JSON object

Exit code: 0 all is well, 1 there are findings, 2 the arguments cannot be used, 3 it could not be verified to
its end; what was found until then is told.`,
  failureCode: 3,
  async run(args, io) {
    const options = parseOptions(args, {
      'verifier-key': { type: 'string', multiple: true },
      checkpoint: { type: 'string' },
      'require-state': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const { 'verifier-key': keys, checkpoint, json } = options;
    const mustReadAll = options['require-state'] || keys === undefined;
    const ofState = () => stateVerification({ mustReadAll });
    if (checkpoint !== undefined && keys === undefined) {
      throw new UsageError('--checkpoint needs --verifier-key');
    }
    const tell = (verification: LedgerVerification) => {
      if (json) io.out(JSON.stringify(verification, null, 2));
      else show(verification, io);
    };
    try {
      const verification = keys
        ? await verifyWith({ verifier: verifierOf(keys), checkpointFile: checkpoint }, ofState, io)
        : await verifyAsGateway(ofState, io);
      tell(verification);
      return verification.findings.length === 0 ? 0 : 1;
    } catch (error) {
      if (error instanceof InterruptedVerification) tell(error.verification);
      throw error;
    }
  },
};

function verifyAsGateway(ofState: StateVerifier, { env }: CommandIo): Promise<LedgerVerification> {
  return withDatabase(env, (database, config) => {
    const { signer: verifier, checkpointFile } = witnessOf(config);
    return verifyLedger(database, { verifier, checkpointFile, clock: systemClock }, ofState);
  });
}

async function verifyWith(
  evidence: Omit<LedgerEvidence, 'clock'>,
  ofState: StateVerifier,
  { env }: CommandIo,
): Promise<LedgerVerification> {
  const { checkpointFile } = evidence;
  // a file that was named and is not there is a mistake, not an absence
  if (checkpointFile !== undefined) await readTextFile(checkpointFile);
  const named = await databaseUrl(env, 'JETWAY_DATABASE_URL');
  return withDatabaseAt(named, (database) =>
    verifyLedger(database, { ...evidence, clock: systemClock }, ofState),
  );
}

function verifierOf(texts: readonly string[]): LogVerifier {
  const keys = texts.map(keyOf);
  const [{ name: origin } = { name: '' }] = keys;
  if (keys.some(({ name }) => name !== origin)) {
    throw new UsageError('every --verifier-key must begin with the same origin');
  }
  return { origin, keys };
}

function keyOf(text: string): VerifierKey {
  try {
    return parseVerifierKey(text);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new UsageError('--verifier-key must be origin+id+base64 of an Ed25519 key');
  }
}

function show(verification: LedgerVerification, io: CommandIo): void {
  const { findings, isComplete, isWitnessed, isStateCompared, unreadable, logs } = verification;
  for (const { log, origin, entries, checkpoints, root } of logs) {
    io.out(`log ${log}  ${origin}  ${entries} entries  ${checkpoints} checkpoints  root ${root}`);
  }
  for (const { log, index, finding } of findings) {
    io.err(`log ${log}${index === undefined ? '' : `, entry ${index}`}: ${finding}`);
  }
  if (!isWitnessed) {
    io.err('no checkpoint from outside the database: entries missing at the end would not show');
  }
  if (!isStateCompared && isComplete) {
    const why =
      unreadable.length > 0
        ? `this login may not read ${unreadable.join(', ')}`
        : 'the ledger does not verify';
    io.err(`consents, records and the like, register and agreements were not compared: ${why}`);
  }
  if (findings.length === 0) io.out('the ledger verifies');
  else if (isComplete) io.err(`the ledger does not verify: findings ${findings.length}`);
  else io.err(`the ledger does not verify: given up after ${findings.length} findings`);
}
