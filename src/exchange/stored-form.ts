/** A record or message as it is stored: its sections in one text, byte for byte, and where each of them stands. */
import { hash } from 'node:crypto';
import type { RecordDocument } from '../records/record-document.ts';
import type { OutlinedSection } from '../records/record-store.ts';

export function storedForm(record: RecordDocument) {
  let end = 0;
  const outline = record.sections.map(({ name, label, text }): OutlinedSection => {
    const start = end;
    end += text.length;
    return { name, label, start, end, digest: hash('sha256', text, 'base64') };
  });
  return {
    schema: record.schema,
    asAt: record.asAt,
    sections: record.sections.map(({ text }) => text).join(''),
    outline,
  };
}
