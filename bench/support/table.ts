/** Results as a table for people; programs read the JSON in the last line. */

export type Row = Readonly<Record<string, string | number>>;

/** The first column to the left, numbers to the right, columns in the order of the first row. */
function formatTable(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? '')))];
  const widths = names.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)));
  const texts = lines.map((line) =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  '),
  );
  return `${texts.join('\n')}\n`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** The table, then one line of JSON. */
export function report(question: string, rows: readonly Row[], results: object): void {
  process.stdout.write(`${question}\n\n${formatTable(rows)}\n${JSON.stringify(results)}\n`);
}
