/** Kills and freezes what runs, while others go on with their work. */
import { systemClock } from '../../src/clock.ts';
import { authorisationLifeMs } from '../../src/ledger/work.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import type { testSettings } from './test-gateway.ts';

type Owner = Parameters<typeof testSettings>[0];

/** After each so many items one fault: of the database, a frozen node, or a killed one, which is started again. */
export function createChaos(
  t: Owner,
  { database, environment }: Awaited<ReturnType<typeof testSettings>>,
  nodes: GatewayProcess[],
  itemsPerFault: number,
) {
  const killedAt: number[] = [];
  const counts = { killedAt, databaseKills: 0, freezes: 0 };
  let underWay: Promise<void> | undefined;

  async function strike(): Promise<void> {
    const which = Math.floor(Math.random() * nodes.length);
    const node = nodes[which];
    const lot = Math.random();
    if (lot < 0.25) {
      counts.databaseKills += 1;
      await database.postgres.kill('SIGKILL');
      await database.restart();
    } else if (lot < 0.5) {
      counts.freezes += 1;
      node?.process.kill('SIGSTOP');
      // longer than an authorisation lives
      await new Promise((resume) => setTimeout(resume, authorisationLifeMs + 1_000));
      node?.process.kill('SIGCONT');
    } else {
      killedAt.push(systemClock.now().getTime());
      await node?.end('SIGKILL');
      nodes[which] = await startGatewayProcess(t, environment);
    }
  }

  return {
    counts,
    /** Strikes where it is time, and lets the load go on meanwhile. */
    after(items: number): void {
      if (items % itemsPerFault !== 0) return;
      underWay ??= strike().finally(() => {
        underWay = undefined;
      });
    },
    /** Once everything stands again. */
    async over(): Promise<void> {
      await underWay;
    },
  };
}
