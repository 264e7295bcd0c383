/** The committed types of the record types against their schemas: no drift, none left over. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { generateTypes } from '../../schemas/generate-types.ts';

const projectDir = join(import.meta.dirname, '../..');

t.test('types of records say what their schemas say', async (t) => {
  const generated = await generateTypes();
  const committed = readdirSync(join(projectDir, 'src/records/types'));
  t.same(
    committed.map((file) => `src/records/types/${file}`).toSorted(),
    [...generated.keys()].toSorted(),
    'one file for each version of each record type',
  );
  for (const [path, text] of generated) {
    const remedy = `${path} is up to date (otherwise: node schemas/generate-types.ts)`;
    t.equal(readFileSync(join(projectDir, path), 'utf8'), text, remedy);
  }
});
