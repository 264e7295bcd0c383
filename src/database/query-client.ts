/** The one translation from our `Queryable` to a client of pg and back. */
import type { ClientBase, Pool, QueryResult, QueryResultRow } from 'pg';
import type { Rows, Statement } from './queryable.ts';

/** pg answers a text of several statements with an array, which its types do not tell. */
function lastOf<Row extends QueryResultRow>(
  answer: QueryResult<Row> | readonly QueryResult<Row>[],
): QueryResult<Row> {
  if (!('length' in answer)) return answer;
  const last = answer.at(-1);
  if (last === undefined) throw new Error('a statement without an answer');
  return last;
}

export async function queryClient<Row extends object>(
  client: Pick<ClientBase | Pool, 'query'>,
  statement: string | Statement,
  values?: readonly unknown[],
): Promise<Rows<Row>> {
  const { text, name } =
    typeof statement === 'string' ? { text: statement, name: undefined } : statement;
  const config = values === undefined ? { text, name } : { text, name, values: [...values] };
  const { rows, rowCount, command } = lastOf<Row>(await client.query<Row>(config));
  return { rows, rowCount: rowCount ?? 0, commandTag: command };
}
