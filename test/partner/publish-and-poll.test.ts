/** A partner's commands against a real gateway: what goes out arrives, and a consumer that dies loses nothing. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { summary } from '../support/builders.ts';
import { partnersAtWork } from '../support/partners-at-work.ts';

// each command is a process of its own
t.setTimeout(220_000);

const work = await partnersAtWork(t);
const { jetway, file, as, centre, council } = work;

const publish = (odsCode: string, ...words: readonly string[]) =>
  jetway(['partner', 'publish', ...as(odsCode), ...words]);
const poll = (odsCode: string, ...words: readonly string[]) =>
  jetway(['partner', 'poll', ...as(odsCode), ...words]);
const linesOf = (text: string): readonly Record<string, unknown>[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const record = file('record.json', JSON.stringify(summary()));

t.test('a record is created, then replaced, and never printed', async (t) => {
  const { trace } = await work.knownPerson();
  const first = await publish(council, '--trace', trace, '--record', record);
  t.match(first, { code: 0, out: /^client c_\S+\n\{.*"version":1,/, err: '' });
  const again = await publish(council, '--trace', trace, '--record', record);
  t.match(again, { code: 0, out: /"version":2,/ });
  t.notMatch(first.out + again.out, /Maeve|Home care/);
  const faulty = file('faulty.json', JSON.stringify({ ...summary(), asAt: 'yesterday' }));
  const refused = await publish(council, '--trace', trace, '--record', faulty);
  t.match(refused, { code: 1, err: /422 RECORD_INVALID(.|\n)*\/asAt/ });
  t.match(await publish(council, '--trace', trace), { code: 2, err: /--record or --message/ });
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const key = file('other.key', other.export({ type: 'pkcs8', format: 'pem' }));
  const err = 'nothing was sent: --key is not the key of --cert\n';
  const words = ['--trace', trace, '--record', record];
  t.strictSame(await publish(council, ...words, '--key', key), { code: 1, out: '', err });
});

t.test('one idempotency key has one effect, though the command is repeated', async (t) => {
  const { trace } = await work.knownPerson();
  const words = ['--trace', trace, '--record', record, '--idempotency-key', 'the-same-key'];
  const [first, second] = [await publish(council, ...words), await publish(council, ...words)];
  t.match(first, { code: 0, out: /"version":1,/ });
  const receipt = ({ out }: { out: string }) => JSON.parse(out.split('\n')[1] ?? '');
  t.strictSame(receipt(second), receipt(first));
});

t.test('a consumer that dies anywhere has every referral, and is known by its ids', async (t) => {
  const { trace } = await work.knownPerson();
  const message = work.referral(council);
  const sent = () => publish(centre, '--trace', trace, '--message', message, '--purpose', 'TREAT');
  const listed = async () => linesOf((await poll(council, '--once')).out).map(({ id }) => id);
  const out = file('taken.jsonl', '');
  const take = (...words: readonly string[]) =>
    poll(council, '--once', '--content', '--answer', 'accepted', '--out', out, ...words);

  t.match(await sent(), { code: 0, out: /to X09SC {2}waiting/ });
  const [id] = await listed();
  t.strictSame(await listed(), [id], 'what is only listed stays');
  for (const point of ['read', 'handed-over']) {
    t.equal((await take('--crash-after', point)).code, 3, point);
    t.strictSame(await listed(), [id], `it is there still when it was ${point}`);
  }
  const again = await take('--crash-after', 'acknowledged');
  t.match(again, { code: 3, out: `delivery ${id}  (already taken)\n` });
  t.match(await take(), { code: 0, out: `0 taken, written to ${out}\n` });
  t.strictSame(await listed(), []);
  const taken = linesOf(readFileSync(out, 'utf8'));
  t.strictSame(
    taken.map(({ delivery }) => delivery),
    [id, id],
    'twice, under one id',
  );
  t.match(taken[0], { kind: 'message', sections: { request: {} }, alreadyTaken: undefined });
  t.match(taken[1], { alreadyTaken: true });

  const answers = linesOf((await poll(centre, '--once', '--content')).out);
  t.match(answers, [{ kind: 'answer', status: 'accepted', about: { delivery: id } }], 'once');
  t.match(await poll(council, '--answer', 'done'), { code: 2, err: /--content/ });
  t.match(await poll(council, '--crash-after', 'lunch'), { code: 2, err: /read, handed-over/ });
});

t.test('the changes feed goes on from where it was kept', async (t) => {
  const state = `${file('state', '')}.json`;
  const read = async (...words: readonly string[]) => {
    const purpose = ['--purpose', 'TREAT', '--state', state];
    return poll(centre, '--changes', '--once', ...purpose, ...words);
  };
  t.equal((await read()).code, 0);
  const { trace, client } = await work.knownPerson();
  await work.tracedBy(centre, JSON.parse(readFileSync(trace, 'utf8')));
  await publish(council, '--client', client, '--record', record);
  t.equal((await read('--crash-after', 'handed-over')).code, 3);
  const told = await read('--content');
  t.match(linesOf(told.out), [
    { change: { state: 'current', recordType: 'social-care-summary' }, record: { sections: {} } },
  ]);
  t.strictSame(linesOf((await read('--content')).out), [], 'told once');
  const cursorLost = JSON.parse(readFileSync(state, 'utf8'));
  file('state.json', JSON.stringify({ ...cursorLost, cursor: null }));
  const listed = linesOf((await read('--content')).out);
  t.ok(
    listed.every(({ isHeld, record: content }) => isHeld === true && content === undefined),
    'what is held is not pulled again',
  );
});

t.test('a consumer that waits is told at once, and ends when it is asked to', async (t) => {
  const { trace } = await work.knownPerson();
  const words = ['partner', 'poll', ...as(council), '--content'];
  const consumer = await work.stays(t, words);
  await publish(
    centre,
    '--trace',
    trace,
    '--message',
    work.referral(council),
    '--purpose',
    'TREAT',
  );
  t.match(JSON.parse(await consumer.nextLine()), { kind: 'message', recordType: 'referral' });
  t.equal(await consumer.end('SIGINT'), 0);
});

t.test('what was sent is followed to its end', async (t) => {
  const { trace } = await work.knownPerson();
  const message = ['--message', work.referral(council), '--purpose', 'TREAT'];
  const consumer = await work.stays(t, ['partner', 'poll', ...as(council), '--content']);
  const sent = await publish(centre, '--trace', trace, ...message, '--follow');
  t.match(sent, { code: 0, out: /to X09SC {2}delivered\n$/ });
  await consumer.end('SIGINT');
});

t.test('a user’s assertion goes with each request', async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = file('users.pem', publicKey.export({ type: 'spki', format: 'pem' }));
  const key = file('users.key', privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const user = file('user.json', JSON.stringify({ sub: 'u1', name: 'Dr Smith', role: 'gp' }));
  const names = ['--name', `Organisation ${centre}`, '--kind', 'nhs-health-centre'];
  const register = ['--ods', centre, ...names, '--kid', 'users', '--assertion-key', spki];
  await work.operator('participant', 'add', ...register);
  const { trace } = await work.knownPerson();
  const message = ['--trace', trace, '--message', work.referral(council), '--purpose', 'TREAT'];
  const sent = await publish(centre, ...message, '--user', user, '--assertion-key', key);
  t.match(sent, { code: 0, err: '' });
  const found = await work.gateway.call('X09AU', 'GET', '/v1/audit/events?action=message.sent');
  t.match(found.body, { events: [{ role: 'gp', user: 'u1' }] });
  const halfway = await publish(centre, ...message, '--user', user);
  t.match(halfway, { code: 2, err: /--assertion-key/ });
});
