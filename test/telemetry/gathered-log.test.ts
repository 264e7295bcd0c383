/** The log on a real standard output: lines are gathered, and none is lost or cut when the process ends. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

const log = new URL('../../src/telemetry/log.ts', import.meta.url).href;
const lines = 3_000;

t.test('every line arrives whole and in order, more than is written at once', async (t) => {
  const program = `
    import { createLog } from ${JSON.stringify(log)};
    const log = createLog('info');
    for (let i = 0; i < ${lines}; i += 1) log.observe({ kind: 'notice', text: 'Zoë ' + i });
    log.flush();`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { maxBuffer: 10_000_000 },
  );
  const texts = stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
    .map((entry) => (typeof entry === 'object' && entry && 'text' in entry ? entry.text : entry));
  t.same(
    texts,
    Array.from({ length: lines }, (_, i) => `Zoë ${i}`),
  );
});
