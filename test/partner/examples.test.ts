/**
 * The runnable examples of docs/examples against a real gateway and its relay, where this machine has what they run
 * with. Where it has not, the test says so.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { summary } from '../support/builders.ts';
import { p12Password, partnersAtWork, run, stays, urlOf } from '../support/partners-at-work.ts';

const examples = fileURLToPath(new URL('../../docs/examples', import.meta.url));
const version = (program: string, option: string) => {
  const { stdout, stderr } = spawnSync(program, [option], { encoding: 'utf8' });
  return `${stdout ?? ''}${stderr ?? ''}`;
};
const hasPython = /^Python 3\.(?:9|\d\d)\b/.test(version('python3', '--version'));
const hasJava = /\bversion "(?:1[7-9]|[2-9]\d)\b/.test(version('java', '-version'));

const work = await partnersAtWork(t);
const { file, clientCa, endpoint, centre, council, placeEndpoint, operator } = work;
const { call } = work.gateway;

// starting Java takes its time
t.setTimeout(220_000);

type Words = readonly string[];

/** What both languages' examples do at the gateway, in the same words. */
async function exchanges(t: Test, partner: (...words: Words) => ReturnType<typeof run>) {
  const { client, trace } = await work.knownPerson();
  const whoami = await partner('whoami');
  t.match(whoami, { code: 0, out: new RegExp(`"odsCode": ?"${centre}"`) });
  const traced = await partner('trace', trace);
  const [own = ''] = /c_[\w-]+/.exec(traced.out) ?? [];
  t.match(traced, { code: 0, out: 'c_' });
  await call(council, 'PUT', `/v1/clients/${client}/records/social-care-summary`, {
    body: summary(),
    headers: { 'if-none-match': '*' },
  });
  t.match(await partner('pull', own, 'social-care-summary'), { code: 0, out: 'Home care' });
  const sent = await partner('send', own, work.referral(council));
  t.match(sent, { code: 0, out: /"messageType": ?"referral"/ });
  const message = { ...JSON.parse(readFileSync(work.referral(centre), 'utf8')), to: centre };
  const path = `/v1/clients/${client}/messages/referral`;
  const headers = { 'purpose-of-use': 'TREAT' };
  await call(council, 'POST', path, { body: message, headers });
  const taken = await partner('--answer', 'accepted', 'inbox');
  t.match(taken, { code: 0, out: /"kind": ?"record"(.|\n)*"kind": ?"message"/, err: '' });
  t.match(await partner('inbox'), { code: 0, out: '', err: '' }, 'taken once');
  const answered = await call(council, 'GET', '/v1/inbox');
  t.match(answered.body, { deliveries: [{}, {}] }, 'the referral, and the answer to the other');
  const cursor = `${file('cursor', '')}-${own}`;
  const changes = await partner('--wait', '0', 'changes', cursor);
  t.match(changes, { code: 0, out: new RegExp(own) });
  t.notMatch((await partner('--wait', '0', 'changes', cursor)).out, own, 'told once');
  const missing = await partner('trace', `${trace}.none`);
  t.match(missing, { code: 2, err: /^\S+trace\.json\.none\b.*\n$/ }, 'one line, and no stack');
  t.match(await partner('pull'), { code: 2, err: /CLIENT TYPE/ });
  const refused = await partner('pull', 'c_nobody', 'social-care-summary');
  t.match(refused, { code: 1, err: /^refused: 404 (.|\n)*RESOURCE_NOT_FOUND/ });
  for (const { id } of JSON.parse(JSON.stringify(answered.body['deliveries']))) {
    await call(council, 'GET', `/v1/inbox/${id}`);
    await call(council, 'POST', `/v1/inbox/${id}/acknowledgement`);
  }
}

/** What both languages' endpoints do with deliveries of the relay. */
async function receives(t: Test, program: string, words: Words) {
  const receiver = await stays(t, program, words);
  await placeEndpoint(centre, await urlOf(receiver));
  const { client, trace } = await work.knownPerson();
  await work.tracedBy(centre, JSON.parse(readFileSync(trace, 'utf8')));
  const path = `/v1/clients/${client}/records/social-care-summary`;
  const headers = { 'if-none-match': '*' };
  const published = await call(council, 'PUT', path, { body: summary(), headers });
  const [delivery] = JSON.parse(JSON.stringify(published.body['deliveries']));
  t.equal(
    await receiver.nextLine(),
    `received ${delivery.id} record social-care-summary/v1`,
    'the relay has pushed it',
  );
  await call(council, 'POST', `${path}/retraction`, { body: { reason: 'wrong-person' } });
  t.match(await receiver.nextLine(), /^received \S+ retraction social-care-summary$/);
  const tracked = await call(council, 'GET', `/v1/deliveries/${delivery.id}`);
  t.match(tracked.body, { state: 'delivered', attempts: 1 });
  await receiver.end('SIGTERM');
  await operator('endpoint', 'remove', centre);
}

t.test('the examples in Python', async (t) => {
  if (!hasPython) {
    t.notOk(hasPython, 'this machine has no Python 3.9: they were not run');
    return;
  }
  const program = join(examples, 'python', 'partner.py');
  await exchanges(t, (...words) => run('python3', ['-B', program, ...work.as(centre), ...words]));
  const tls = ['--cert', endpoint.cert, '--key', endpoint.key, '--client-ca', clientCa];
  const receiver = join(examples, 'python', 'receiver.py');
  const store = file('deliveries.db', '');
  await receives(t, 'python3', ['-B', receiver, ...tls, '--store', store]);
});

t.test('the examples in Java', async (t) => {
  if (!hasJava) {
    t.notOk(hasJava, 'this machine has no Java 17: they were not run');
    return;
  }
  const program = join(examples, 'java', 'Partner.java');
  const as = await work.withP12(centre);
  t.match(await run('java', [program, ...as, 'whoami']), { code: 0, out: centre });
  // compiled once: each start from source takes seconds
  const classes = `${file('classes', '')}-java`;
  // as on a machine whose locale says nothing: Java before 18 takes sources for ASCII there
  t.match(await run('javac', ['-encoding', 'US-ASCII', '-d', classes, program]), { code: 0 });
  const quick = ['-XX:TieredStopAtLevel=1', '-cp', classes, 'Partner', ...as];
  await exchanges(t, (...words) => run('java', [...quick, ...words]));
  const { body } = await call(centre, 'GET', '/v1/keys');
  const [key] = JSON.parse(JSON.stringify(body['keys']));
  const tls = ['--p12', endpoint.p12(), '--password', p12Password, '--client-ca', clientCa];
  const receiver = join(examples, 'java', 'Receiver.java');
  const store = `${file('store', '')}-java`;
  await receives(t, 'java', [receiver, ...tls, '--gateway-key', key.x, '--store', store]);
});
