import { foundBorough } from './support/borough.ts';
import { assembleFleet } from './support/fleet.ts';
import { measure } from './support/measurement.ts';
import { recordType } from './support/people.ts';

const [secs = '10', prof, rateText] = process.argv.slice(2);
const borough = await foundBorough({ withRecords: true });
const fleet = assembleFleet(borough);
try {
  const echo = await fleet.startEcho(borough.body);
  const server = await fleet.startGateway(prof && prof !== '-' ? prof : undefined);
  const { cert, key } = borough.centre;
  const common = {
    identity: { ca: borough.serverCa, cert, key },
    requests: {
      kind: 'pull' as const,
      paths: borough.people.map(({ ofCentre }) => `/v1/clients/${ofCentre}/records/${recordType}`),
    },
  };
  const rate = rateText ? { rate: Number(rateText) } : {};
  for (const s of prof ? [server] : [echo, server])
    for (let i = 0; i < Number(secs); i++) {
      const m = await measure(fleet.load, s, {
        ...common,
        ...rate,
        connections: 50,
        durationMs: 2000,
      });
      console.log(
        s.name,
        Math.round(m.perSecond),
        'node',
        m.serverUs.toFixed(0),
        'pg',
        m.databaseUs.toFixed(0),
        'p50',
        m.p50Ms.toFixed(1),
        'p99',
        m.p99Ms.toFixed(1),
      );
    }
} finally {
  await fleet.stop();
  await borough.remove();
}
