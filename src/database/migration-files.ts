/** The migrations as they lie in the folder, with a digest each, so that an edited one is noticed. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const migrationsDir = fileURLToPath(new URL('../../migrations', import.meta.url));

export interface MigrationFile {
  /** The file's name without its ending: `0001_ledger`. */
  name: string;
  /** SHA-256 of the file's bytes, lower-case hex. */
  digest: string;
}

const fileName = /^\d{4}_[a-z0-9_]+\.sql$/;

/** In order. Anything else in the folder is a fault: a misnamed migration must not be skipped in silence. */
export async function readMigrationFiles(dir: string): Promise<readonly MigrationFile[]> {
  const names = (await readdir(dir)).filter((name) => !name.startsWith('.')).sort();
  const odd = names.find((name) => !fileName.test(name));
  if (odd !== undefined) throw new Error(`migrations/${odd} is not named NNNN_what.sql`);
  return Promise.all(
    names.map(async (name) => ({
      name: name.slice(0, -'.sql'.length),
      digest: createHash('sha256')
        .update(await readFile(join(dir, name)))
        .digest('hex'),
    })),
  );
}
