/** Sentences in lines that a terminal shows whole. */

const width = 100;
const indent = '  ';

/** Breaks at spaces, indents what follows the first line; a word of more than a line stays whole. */
export function wrappedLines(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width || line === '') {
      line = longer;
      continue;
    }
    lines.push(line);
    line = `${indent}${word}`;
  }
  return [...lines, line];
}
