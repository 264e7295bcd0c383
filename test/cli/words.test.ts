/** What the command line says of words: what there is, and what was wrong with those that were typed. */
import fc from 'fast-check';
import t from 'tap';
import { commands } from '../../src/cli/commands.ts';
import { wrappedLines } from '../../src/cli/wrapped-lines.ts';
import { typed } from '../support/typed-words.ts';

const jetway = (words: string) => typed({}, words);

t.test('says what there is, and what was wrong with the words', async (t) => {
  const overview = await jetway('--help');
  t.equal(overview.code, 0);
  for (const { name, summary, usage } of commands) {
    t.match(overview.out, summary);
    t.match(await jetway(`${name} --help`), { code: 0, out: usage, err: '' });
    const wrong = await jetway(`${name} --no-such-option`);
    t.match(wrong, { code: 2, err: /no-such-option.*\n\njetway / }, 'the usage stands apart');
    t.match(usage, /^Exit code: (.|\n)*\b2 the arguments/m, `${name} lists what that exits with`);
  }
  t.match(await jetway('--version'), { code: 0, out: /^\d+\.\d+\.\d+$/ });
  t.match(await jetway(''), { code: 2, err: /which command/ });
  for (const words of ['participant', 'participant --json']) {
    t.match(await jetway(words), {
      ...{ code: 2, err: /^participant what\? A word is missing:\n(.|\n)*participant add/ },
    });
  }
  t.match(await jetway('sell'), { code: 2, err: /^there is no command sell\n/ });
  t.match(await jetway('sell --all'), { code: 2, err: /^there is no command sell\n/ });
  t.match(await jetway('consent decide'), { code: 2, err: /^--cases is needed\n\njetway / });
  const group = await jetway('participant --help');
  t.match(group, { code: 0, out: /participant add(.|\n)*participant suspend/, err: '' });
  t.notMatch(group.out, /ledger/, 'those that begin with the word, and no others');
  t.match(await jetway('participant sell --help'), { code: 2, err: /no command participant sell/ });
  t.match(await jetway('participant sell'), { code: 2, err: /no command participant sell/ });
  t.match(await jetway('participant suspend'), { code: 2, err: /--ods is needed/ });
  t.match(await jetway('participant suspend --ods X1 X2'), { code: 2, err: /X2/ });
});

t.test('a long sentence is told in lines of a hundred, with not a word lost', async (t) => {
  const words = fc.array(fc.stringMatching(/^[a-z.:]{1,98}$/), { minLength: 1 });
  fc.assert(
    fc.property(words, (sentence) => {
      const lines = wrappedLines(sentence.join(' '));
      t.ok(lines.every((line, i) => line.length <= 100 && line.startsWith('  ') === i > 0));
      t.same(lines.map((line) => line.trim()).join(' '), sentence.join(' '));
    }),
  );
  const link = 'x'.repeat(300);
  t.same(wrappedLines(`see ${link} first`), ['see', `  ${link}`, '  first']);
});
