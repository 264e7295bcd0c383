/** `jetway agreement plan` and `apply`: what a file would change, and then the change itself. */
import { parseAgreementDocument } from '../agreements/agreement-document.ts';
import { findAgreementVersions } from '../agreements/agreement-store.ts';
import {
  planRollOut,
  type RollOutPlan,
  rollOutAgreement,
} from '../agreements/roll-out-agreement.ts';
import { systemClock } from '../clock.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { findParticipantKinds } from '../participants/register-store.ts';
import { loadSchemas, reportResult, withDatabase, withLedger } from './administration.ts';
import { parseOptions, required } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { faultLines, OperatorError, readTextFile } from './operator-error.ts';
import { wrappedLines } from './wrapped-lines.ts';

export const agreementPlanCommand: Command = {
  name: 'agreement plan',
  summary: 'say what an agreement in a file would change, and change nothing',
  usage: `jetway agreement plan --file FILE

Compares the agreement in FILE (schemas/agreement/v1.json) with the version in force, in plain words:
lines with + would be said from then on, lines with - no longer. Nothing is changed. Warns where a
partner would see more without a user assertion than with one.

Exit code: 0 it could be applied, 1 it would be refused, 2 the arguments cannot be used.`,
  async run(args, io) {
    const document = await readAgreement(args);
    const plan = await withDatabase(io.env, async (database) =>
      planRollOut(document, {
        versions: await findAgreementVersions(database),
        kinds: await findParticipantKinds(database),
        schemas: loadSchemas(),
        at: systemClock.now().getTime(),
      }),
    );
    return showPlan(document.id, plan, io);
  },
};

export const agreementApplyCommand: Command = {
  name: 'agreement apply',
  summary: 'put the agreement in a file in force',
  usage: `jetway agreement apply --file FILE

Puts the agreement in FILE (schemas/agreement/v1.json) in force at once, as a new version, and says what
that changed. Refused where it names what does not exist, a party that is not in the register or whose kind does
not fit what it may do, or the same twice; where its time is over; and where it overlaps with another agreement.
Add participants first. Warns where a partner sees more without a user assertion than with one.

Exit code: 0 done or nothing to do, 1 refused, 2 the arguments cannot be used.`,
  async run(args, io) {
    const document = await readAgreement(args);
    const schemas = loadSchemas();
    const { plan, result } = await withLedger(io.env, ({ ledger, operator }) =>
      rollOutAgreement(ledger, { document, schemas, operator }),
    );
    const code = showPlan(document.id, plan, io);
    return plan.kind === 'change' ? reportResult(result, `agreement ${document.id}`, io) : code;
  },
};

async function readAgreement(args: readonly string[]) {
  const { file } = parseOptions(args, { file: { type: 'string' } });
  const path = required(file, '--file');
  const text = await readTextFile(path);
  try {
    return parseAgreementDocument(text);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const what =
      error.code === 'JSON_MALFORMED'
        ? 'is not JSON as an agreement needs it'
        : 'is JSON, but no sharing agreement (schemas/agreement/v1.json)';
    throw new OperatorError(`${path} ${what}; correct these places:`, {
      cause: error,
      faults: error.errors ?? [],
    });
  }
}

function showPlan(id: string, plan: RollOutPlan, io: CommandIo): number {
  for (const warning of plan.kind === 'refused' ? [] : plan.warnings) {
    for (const line of wrappedLines(`agreement ${id}: warning: ${warning}`)) io.err(line);
  }
  switch (plan.kind) {
    case 'refused':
      io.err(`agreement ${id}: refused`);
      for (const line of faultLines(plan.faults)) io.err(line);
      return 1;
    case 'unchanged':
      io.out(`agreement ${id}: nothing to do, version ${plan.version} says the same`);
      return 0;
    case 'change':
      io.out(`agreement ${id}, version ${plan.version}:`);
      for (const line of plan.differences) io.out(`  ${printable(line)}`);
      return 0;
  }
}

/** What a document holds must not speak to the terminal, and hide a difference behind it. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '\ufffd');
}
