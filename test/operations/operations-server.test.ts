/** What the operator’s own door says of a process: that it lives, whether it is ready, its metrics. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { tellCertificateEnds } from '../../src/operations/certificate-ends.ts';
import { checkpointCheck } from '../../src/operations/checkpoint-check.ts';
import {
  type ReadinessChecks,
  startOperationsServer,
} from '../../src/operations/operations-server.ts';

async function start(t: Test, checks: ReadinessChecks): Promise<string> {
  const server = await startOperationsServer({
    host: '127.0.0.1',
    port: 0,
    checks,
    metricsText: async () => 'jetway_up 1\n',
    checksLimitMs: 50,
  });
  t.teardown(() => server.close());
  return server.url;
}

const ask = async (url: string, method = 'GET') => {
  const reply = await fetch(url, { method });
  return {
    status: reply.status,
    allow: reply.headers.get('allow'),
    type: reply.headers.get('content-type'),
    body: await reply.text(),
  };
};

t.test('says that it lives, whether it is ready, and its metrics', async (t) => {
  const url = await start(t, async () => ({
    database: 'ok',
    ledger: 'ok',
    register: 'ok',
    checkpoint: 'ok',
  }));
  t.match(await ask(`${url}/livez`), { status: 200, body: '{"status":"ok"}' });
  t.match(await ask(`${url}/readyz`), { status: 200, body: /"checkpoint":"ok"/ });
  t.match(await ask(`${url}/metrics`), {
    status: 200,
    type: /^text\/plain; version=0\.0\.4/,
    body: 'jetway_up 1\n',
  });
  t.match(await ask(`${url}/v1/whoami`), { status: 404 });
  t.match(await ask(`${url}/livez`, 'POST'), { status: 405, allow: 'GET, HEAD' });
});

t.test(
  'is not ready, and says why, while one check is not ok; it lives all the same',
  async (t) => {
    const url = await start(t, async () => ({
      database: 'ok',
      checkpoint: 'does not extend the last one',
    }));
    t.match(await ask(`${url}/readyz`), {
      status: 503,
      body: /"checkpoint":"does not extend the last one"/,
    });
    t.match(await ask(`${url}/livez`), { status: 200 });
  },
);

t.test('is not ready once nothing was signed for a minute, and ready with a remark', async (t) => {
  const check = (sinceSuccessMs: number, isUnwitnessed = false) =>
    checkpointCheck({ sinceSuccessMs, isUnwitnessed });
  t.equal(check(60_000), 'ok');
  const url = await start(t, async () => ({ checkpoint: check(60_000, true) }));
  t.match(await ask(`${url}/readyz`), {
    status: 200,
    body: /"status":"ok".*"ok, started without a checkpoint file"/,
  });
  const failing = await start(t, async () => ({ checkpoint: check(60_001, true) }));
  t.match(await ask(`${failing}/readyz`), { status: 503, body: /not signed for more than a min/ });
  const wrong = await start(t, async () => ({ checkpoint: 'okay' }));
  t.match(await ask(`${wrong}/readyz`), { status: 503 });
});

t.test('a check that throws or never ends is not ready, and its error is not shown', async (t) => {
  const throwing = await start(t, async () => {
    throw new Error('canary');
  });
  t.match(await ask(`${throwing}/readyz`), {
    status: 503,
    body: '{"status":"not ready","checks":{"checks":"failed"}}',
  });
  const hanging = await start(t, () => new Promise(() => undefined));
  t.match(await ask(`${hanging}/readyz`), { status: 503, body: /did not finish/ });
});

t.test('the end of the process', async (t) => {
  /** A process that is asked to end by `signals`, one after the other, as its lines allow. */
  async function run(
    stop: string,
    signals: readonly NodeJS.Signals[],
  ): Promise<{ code: number | null; out: string }> {
    const of = (path: string) =>
      JSON.stringify(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)));
    const script = `
      const { installShutdown } = await import(${of('shutdown.ts')});
      const { createTelemetry } = await import(${of('telemetry/telemetry.ts')});
      const { systemClock: clock } = await import(${of('clock.ts')});
      const telemetry = createTelemetry({ level: 'info' });
      installShutdown({ stop: ${stop}, telemetry, clock, deadlineMs: 1_000 });
      setInterval(() => undefined, 1_000);
      console.error('up');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    child.stdout.on('data', (data) => {
      out += data;
    });
    const waiting = [...signals];
    child.stderr.on('data', () => {
      const signal = waiting.shift();
      if (signal) child.kill(signal);
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, out };
  }

  const [drained, second, late, failed] = await Promise.all([
    run("async () => { console.error('stopping'); }", ['SIGTERM']),
    run("() => { console.error('stopping'); return new Promise(() => undefined); }", [
      'SIGINT',
      'SIGINT',
    ]),
    run('() => new Promise(() => undefined)', ['SIGTERM']),
    run("async () => { throw new Error('canary'); }", ['SIGTERM']),
  ]);
  t.equal(drained.code, 0, 'the first signal drains');
  t.match(drained.out, /gateway\.stopping.*SIGTERM[\s\S]*gateway\.stopped/);
  t.equal(second.code, 1, 'the second one ends it');
  t.match(second.out, /second signal/);
  t.equal(late.code, 1, 'and so does the deadline');
  t.match(late.out, /took too long/);
  t.equal(failed.code, 1);
  t.match(failed.out, /error\.unexpected/);
  t.notMatch(failed.out, /canary/);
});

t.test('warns of a certificate two weeks before its end, and tells the end of each', async (t) => {
  const notAfter = new Date('2026-12-01T00:00:00Z');
  const kindsAt = (now: string) => {
    const kinds: string[] = [];
    tellCertificateEnds([{ certificate: 'server', notAfter }], {
      clock: { now: () => new Date(now) },
      observe: (observation) => kinds.push(observation.kind),
    });
    return kinds;
  };
  t.same(kindsAt('2026-11-16T23:59:59Z'), ['certificate.loaded']);
  t.same(kindsAt('2026-11-17T00:00:00Z'), ['certificate.loaded', 'certificate.ending']);
  t.same(kindsAt('2027-01-01T00:00:00Z'), ['certificate.loaded', 'certificate.ending']);
});
