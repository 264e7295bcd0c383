/** The first five minutes: start, play, print; then stay until told to stop, or end at once. */
import type { Clock } from '../clock.ts';
import type { Environment } from '../config/parse-settings.ts';
import { portSettingOf, takenPortMessage } from '../config/taken-port.ts';
import { installShutdown } from '../shutdown.ts';
import type { Observation } from '../telemetry/observation.ts';
import { curlLines } from './curl-lines.ts';
import { whenOrphaned } from './parent-watch.ts';
import { play } from './play.ts';
import type { Print } from './play-steps.ts';
import { asTyped } from './sandbox-places.ts';
import { type Sandbox, startSandbox } from './start-sandbox.ts';

export interface RunOptions {
  environment: Environment;
  clock: Clock;
  print: Print;
  /** For faults that nobody expected. */
  printFault: Print;
  /** Play, then stop. */
  isOnce: boolean;
}

/**
 * Exit code: 0 all as expected, 1 something was not. Stays up by never resolving. Throws what kept it from starting.
 */
export async function runSandbox(given: RunOptions): Promise<number> {
  const { environment, clock, print } = given;
  // of `npm start --once` npm keeps the option to itself, and tells it here
  const isOnce = given.isOnce || environment['npm_config_once'] === 'true';
  const options = { ...given, isOnce };
  const undo: (() => unknown)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  const shutdown = installShutdown({
    stop,
    clock,
    telemetry: {
      observe: (observation) => tellEnd(observation, options),
      flush: () => undefined,
    },
  });
  // elsewhere whoever started it may well be gone, as after `nohup … &`
  const isUnderNpm = environment['npm_lifecycle_event'] !== undefined;
  const endWatch = isUnderNpm ? whenOrphaned(() => shutdown.close()) : () => undefined;
  const startedMs = clock.monotonicMs();
  const seconds = () => `${((clock.monotonicMs() - startedMs) / 1000).toFixed(1).padStart(5)} s`;
  const onStage = (stage: string) => print(`${seconds()}  ${stage}`);
  try {
    print('Jetway sandbox: everything in it is made up.');
    const sandbox = await startSandbox({ environment, clock, onStage }, undo);
    onStage('ready\n');
    const isAsExpected = await playIn(sandbox, options);
    if (!isOnce) {
      print('\nIt stays up until Ctrl-C.');
      await new Promise<never>(() => undefined);
    }
    return isAsExpected ? 0 : 1;
  } catch (error) {
    const taken = takenPortMessage(error, portSettingOf(environment));
    throw taken === undefined ? error : new Error(taken);
  } finally {
    endWatch();
    await stop();
    shutdown.uninstall();
  }
}

async function playIn(sandbox: Sandbox, { clock, print, isOnce }: RunOptions): Promise<boolean> {
  const { partners, people, certificates, gateway, endpoints } = sandbox;
  const at = clock.now().getTime();
  const consented = people.filter(({ scenario }) => scenario === 'consented');
  // another one each second, since a file has an end and failures are limited by number; scripts take the first
  const turn = Math.floor(at / 1000);
  const person = consented.at(-1 - (turn % Math.ceil(consented.length / 2)));
  const mistaken = people[turn % people.length];
  if (!person || !mistaken) throw new Error('there is nobody to play with');
  print('The first exchange, through the real doors:\n');
  const { isAsExpected, client } = await play({
    ...{ partners, person, mistaken, endpoints, at, print },
  });
  print(isAsExpected ? '\nAll as expected.' : '\nNOT all as expected: see above.');
  const { exchangeUrl, operationsUrl } = gateway;
  print(`\nexchange ${exchangeUrl}, operations ${operationsUrl}`);
  print(`manifest ${asTyped(sandbox.places.manifestFile)}, log ${asTyped(sandbox.places.logFile)}`);
  // of one that stops at once there is nothing more to ask
  if (!isOnce) {
    print('\nTo paste:\n');
    for (const line of curlLines({ certificates, exchangeUrl, person, client })) print(line);
  }
  return isAsExpected;
}

function tellEnd(observation: Observation, { print, printFault }: RunOptions): void {
  if (observation.kind === 'gateway.stopping') print('\nstopping');
  if (observation.kind === 'gateway.stopped') print('stopped');
  if (observation.kind === 'notice') print(observation.text);
  if (observation.kind === 'error.unexpected') {
    const { error } = observation;
    printFault(error instanceof Error ? (error.stack ?? error.message) : 'an unknown fault');
  }
}
