/**
 * `jetway consent decide`: runs a file of worked consent cases through the gateway's own decider, for
 * information-governance leads who want to see what a rule would do. Nothing is stored or disclosed.
 */
import { readFile } from 'node:fs/promises';
import { decideDisclosure } from '../consent/decide-disclosure.ts';
import {
  compareDecision,
  type DecisionCase,
  parseDecisionCases,
} from '../consent/decision-cases.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { parseOptions, required } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';

const usage = `jetway consent decide --cases FILE [--check]

Decides each case of FILE and prints one JSON line per case:
  {"id","decision","basis","includedSections","excludedSections","redactions",
   "reasonCodes","obligations","consentUsed","httpStatus"}

  --cases FILE   JSON: { "fixtures": {...}, "cases": [ { "id", "given", "when", "expected" } ] }
  --check        compare with what each case expects; differences go to standard error

Exit code: 0 done (with --check: all as expected), 1 a case is malformed or differs,
2 the arguments or the file cannot be used.`;

export const consentDecideCommand: Command = {
  name: 'consent decide',
  summary: 'decide worked consent cases from a file, and check them against what they expect',
  usage,
  async run(args, io) {
    const { cases: file, check } = parseOptions(args, {
      cases: { type: 'string' },
      check: { type: 'boolean', default: false },
    });
    const cases = await loadCases(required(file, '--cases'), io);
    if (cases === undefined) return 2;
    const failed = cases.filter((decisionCase) => !runCase(decisionCase, check, io));
    if (check) io.err(`${cases.length - failed.length} of ${cases.length} cases as expected`);
    return failed.length === 0 ? 0 : 1;
  },
};

async function loadCases(
  path: string,
  io: CommandIo,
): Promise<readonly DecisionCase[] | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    io.err(`${path}: cannot be read; does it exist, and may you read it?`);
    return undefined;
  }
  try {
    return parseDecisionCases(text);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    io.err(`${path}: ${error.detail ?? error.code}`);
    return undefined;
  }
}

/** Whether the case could be decided and, when checked, came out as expected. */
function runCase(decisionCase: DecisionCase, check: boolean, io: CommandIo): boolean {
  const { id } = decisionCase;
  if (decisionCase.fault !== undefined) {
    io.err(`case ${id} is malformed: ${decisionCase.fault}`);
    return false;
  }
  const decision = decideDisclosure(decisionCase.input);
  io.out(JSON.stringify({ id, ...decision }));
  const differences = check ? compareDecision(decision, decisionCase.expected) : [];
  for (const difference of differences) io.err(`${id}: ${difference}`);
  return differences.length === 0;
}
