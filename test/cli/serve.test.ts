/** `jetway serve`, typed as an operator types it: it stays until it is ended, or says why it cannot start. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { operatorAtWork } from '../support/operator-at-work.ts';

const { settings, typed } = await operatorAtWork(t);

t.test('serves until it is told to end, from whatever Node started it', async (t) => {
  const gateway = await startGatewayProcess(t, settings.environment);
  t.match(gateway.exchangeUrl, /^https:\/\/localhost:\d+$/);
  const { out } = await typed(settings.environment, 'ledger key');
  t.equal(gateway.logVerifierKey, out, 'its first line in the log has what auditors need');
  const ended = once(gateway.process, 'exit');
  gateway.process.kill('SIGTERM');
  t.same(await ended, [0, null]);

  const bin = fileURLToPath(new URL('../../bin/jetway.js', import.meta.url));
  const child = spawn(process.execPath, [bin, 'participant'], { stdio: 'ignore' });
  t.same(await once(child, 'exit'), [2, null]);
});

t.test(
  'a taken port is said with the setting that changes it, whichever door’s it is',
  async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.teardown(() => other.close());
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    for (const setting of ['JETWAY_EXCHANGE_PORT', 'JETWAY_OPERATIONS_PORT']) {
      const { code, err } = await typed({ ...settings.environment, [setting]: port }, 'serve');
      t.match({ code, err }, { code: 1, err: `port ${port} is taken` });
      t.match(err, new RegExp(`choose another port with ${setting}`), 'and not in Node’s words');
    }
  },
);
