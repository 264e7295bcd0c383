/** `jetway partner poll`: a partner's consumer of its inbox and of the changes feed, which dies on command. */
import { systemClock } from '../clock.ts';
import { type CrashPoint, crashPoints } from '../partner/crash-point.ts';
import type { PartnerClient } from '../partner/partner-client.ts';
import type { Poller } from '../partner/poll.ts';
import { installShutdown } from '../shutdown.ts';
import { parseOptions, UsageError } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { errorLines } from './operator-error.ts';
import { connectionOptions, connectionUsage, connectPartner } from './partner-connection.ts';

const answers = ['accepted', 'rejected', 'done'] as const;

export const partnerPollCommand: Command = {
  name: 'partner poll',
  summary: 'take deliveries and changes by asking for them, and die on command',
  usage: `jetway partner poll --gateway URL --ca FILE --cert FILE --key FILE [--inbox] [--changes] [--content]
    [--purpose CODE] [--user FILE --assertion-key FILE] [--answer ANSWER] [--state FILE] [--out FILE] [--once]
    [--crash-after POINT]

Asks for what is new, waits where there is nothing (Prefer: wait=20), and hands each over as a line of JSON: of the
inbox a delivery, which is acknowledged once its line is written; of the changes feed a change, whose page's
cursor is kept once its lines are. So a crash loses nothing; what comes again is known by its id. Ctrl-C ends it.

${connectionUsage}
  --inbox               polls the inbox; so it does where neither is named
  --changes             polls the changes feed
  --content             hands over what deliveries and records hold: personal data. Without it the inbox is
                        listed and stays as it is, and of changes only references are told
  --answer ANSWER       answers each message that it took: accepted, rejected or done
  --state FILE          keeps the cursor of the changes feed there; without it everybody is listed at each start
  --out FILE            appends the lines there, on disk before anything is acknowledged; a delivery that the file
                        has already is told, and gets "alreadyTaken": true
  --once                takes what there is, and ends
  --crash-after POINT   ends with code 3 once the first is read, handed-over or acknowledged (of the changes feed:
                        a record pulled, a page written, its cursor kept)

Exit code: 0 it was asked to end, 1 refused or not reached, 2 the arguments cannot be used, 3 on command.`,
  async run(args, io) {
    const values = parseOptions(args, {
      ...connectionOptions,
      ...{ inbox: { type: 'boolean' }, changes: { type: 'boolean' }, content: { type: 'boolean' } },
      ...{ answer: { type: 'string' }, state: { type: 'string' }, out: { type: 'string' } },
      ...{ once: { type: 'boolean' }, 'crash-after': { type: 'string' } },
    });
    const { changes = false, once: isOnce = false, content: hasContent = false } = values;
    const { inbox = !changes, state } = values;
    const answer = oneOf(answers, '--answer', values.answer);
    const crashAfter = oneOf(crashPoints, '--crash-after', values['crash-after']);
    if (answer !== undefined && !(inbox && hasContent)) {
      throw new UsageError(
        '--answer needs --inbox and --content: what is not read is not answered',
      );
    }
    if (state !== undefined && !changes) throw new UsageError('--state needs --changes');
    const client = await connectPartner(values);
    const lines = await lineOutput(values.out, io);
    const stopping = new AbortController();
    const { signal } = stopping;
    const { purpose } = values;
    const shared = { client, io, hasContent, signal, purpose, passing: crasher(crashAfter) };
    const handOver = (line: object) => lines.write(line);
    const consumers = [
      ...(inbox ? [await inboxConsumer({ ...shared, handOver, answer })] : []),
      ...(changes ? [await changesConsumer({ ...shared, handOver, state })] : []),
    ];
    const done = runAll(consumers, { io, isOnce, stopping });
    const shutdown = installShutdown({
      async stop() {
        stopping.abort();
        await done;
      },
      telemetry: { observe: () => undefined, flush: () => undefined },
      clock: systemClock,
    });
    try {
      await done;
      lines.tell(hasContent ? 'taken' : 'listed');
      return 0;
    } finally {
      shutdown.uninstall();
      await lines.close();
      await client.close();
    }
  },
};

interface Consuming {
  client: PartnerClient;
  io: CommandIo;
  hasContent: boolean;
  purpose: string | undefined;
  signal: AbortSignal;
  passing: (point: CrashPoint) => void;
  handOver(line: object): Promise<void>;
}

async function inboxConsumer(
  options: Consuming & { answer: (typeof answers)[number] | undefined },
): Promise<Poller> {
  const { inboxPoller } = await import('../partner/inbox-poller.ts');
  const { io, answer: status, ...rest } = options;
  // why, a person would say
  const reason = status === 'rejected' && { reason: 'not-for-us' };
  return inboxPoller({
    ...rest,
    answer: status && { status, ...reason },
    onRefused: (id, { status: code, code: name }) => io.err(`delivery ${id}: ${code} ${name}`),
  });
}

async function changesConsumer(options: Consuming & { state: string | undefined }) {
  const { changesPoller } = await import('../partner/changes-poller.ts');
  const { stateFile } = await import('../partner/feed-state.ts');
  const { io, state, ...rest } = options;
  return changesPoller({
    ...rest,
    state: stateFile(state),
    onRestart: () => io.err('the gateway has another log: everybody is listed again'),
  });
}

/** What ends one of them ends the others. */
async function runAll(
  consumers: readonly Poller[],
  { io, isOnce, stopping }: { io: CommandIo; isOnce: boolean; stopping: AbortController },
): Promise<void> {
  const { poll } = await import('../partner/poll.ts');
  const { signal } = stopping;
  const onTrouble = (error: unknown) => {
    for (const line of errorLines(error)) io.err(line);
  };
  await Promise.all(
    consumers.map(async (consumer) => {
      try {
        await poll(consumer, { isOnce, signal, onTrouble });
      } catch (error) {
        stopping.abort();
        throw error;
      }
    }),
  );
}

async function lineOutput(path: string | undefined, io: CommandIo) {
  if (path === undefined) {
    const write = (line: object) => writeOut(JSON.stringify(line));
    return { write, tell: () => undefined, close: async () => undefined };
  }
  const { openLineFile } = await import('../partner/line-file.ts');
  const { readTakenIds } = await import('../partner/taken-ids.ts');
  const { textOf } = await import('../partner/reply-members.ts');
  const taken = await readTakenIds(path);
  const file = await openLineFile(path);
  let [count, again] = [0, 0];
  return {
    async write(line: object) {
      const id = textOf(line, 'delivery');
      const isKnown = id !== '' && taken.has(id);
      await file.append(JSON.stringify(isKnown ? { ...line, alreadyTaken: true } : line));
      count += 1;
      if (id !== '') taken.add(id);
      if (!isKnown) return;
      again += 1;
      io.out(`delivery ${id}  (already taken)`);
    },
    /** The lines themselves are in the file: without it nobody saw that there were any. */
    tell(what: string) {
      const known = again > 0 ? `, ${again} of them already taken` : '';
      io.out(`${count} ${what}${known}, written to ${path}`);
    },
    close: () => file.close(),
  };
}

/** Resolves once whoever reads the output has the line, as far as this process can know. */
function writeOut(line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
  });
}

/** As a crash: nothing is closed, nothing is told. */
function crasher(after: CrashPoint | undefined) {
  return (point: CrashPoint): void => {
    if (point === after) process.exit(3);
  };
}

function oneOf<Word extends string>(
  words: readonly Word[],
  option: string,
  text: string | undefined,
): Word | undefined {
  if (text === undefined) return undefined;
  const found = words.find((word) => word === text);
  if (found === undefined) throw new UsageError(`${option} is one of ${words.join(', ')}`);
  return found;
}
