/** The play's bookkeeping: each step is asked, compared with what it should come to, and told in one line. */
import type { Reply } from '../partner/partner-client.ts';
import { textOf } from '../partner/reply-members.ts';

export type Print = (line: string) => void;

export interface ExpectedStep {
  /** ODS code, or in words. */
  who: string;
  does: string;
  status: number;
  /** Of the problem document. */
  code?: string;
  /** What is worth telling of the answer. */
  tell?: (reply: Reply) => string;
}

export interface Stage {
  /** Throws only where nobody answers at all. */
  step(expected: ExpectedStep, ask: () => Promise<Reply>): Promise<Reply>;
  /** An answer of a step before its last: its entry is one to be found in the audit trail too. */
  note(reply: Reply): void;
  /** Further lines below a step. */
  remark(text: string): void;
  /** Entries of the ledger that cover the answers so far. */
  readonly ledgerIndexes: readonly number[];
  readonly failures: number;
}

const whoWidth = 10;
const doesWidth = 54;

export function openStage(print: Print): Stage {
  const ledgerIndexes: number[] = [];
  let failures = 0;
  let count = 0;
  const indent = ' '.repeat(5 + whoWidth);
  const note = ({ ledgerIndex }: Reply) => {
    if (ledgerIndex !== undefined) ledgerIndexes.push(ledgerIndex);
  };
  return {
    note,
    ledgerIndexes,
    get failures() {
      return failures;
    },
    remark: (text) => print(`${indent}${text}`),
    async step({ who, does, status, code, tell }, ask) {
      const reply = await ask();
      const met = textOf(reply.body, 'code');
      const isAsExpected = reply.status === status && (code === undefined || code === met);
      if (!isAsExpected) failures += 1;
      note(reply);
      count += 1;
      const ledger = reply.ledgerIndex === undefined ? '' : `  ledger ${reply.ledgerIndex}`;
      const answer = [reply.status, met].filter(Boolean).join(' ');
      print(
        `${String(count).padStart(3)}  ${who.padEnd(whoWidth)}${does.padEnd(doesWidth)}${answer}${ledger}`,
      );
      if (!isAsExpected) {
        const expected = [status, code].filter(Boolean).join(' ');
        print(`${indent}NOT AS EXPECTED, which is ${expected}. ${textOf(reply.body, 'detail')}`);
      } else if (tell) {
        print(`${indent}${tell(reply)}`);
      }
      return reply;
    },
  };
}
