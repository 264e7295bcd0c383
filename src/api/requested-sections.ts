/** `?sections=person,alerts`: which sections a recipient asks for; undefined asks for the whole record. */
import { GatewayError } from '../errors/gateway-error.ts';
import type { RecordSchema } from '../records/record-schema.ts';
import { malformed } from './malformed.ts';

/** In the order asked, each once. Throws SECTION_UNKNOWN or REQUEST_MALFORMED. */
export function requestedSections(
  text: string | undefined,
  { name, sections }: RecordSchema,
): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const asked = text.split(',');
  const known = new Set(sections.map((section) => section.name));
  asked.forEach((section, i) => {
    if (section === '') throw malformed('sections must be names with commas between them.');
    if (known.has(section)) return;
    throw new GatewayError('SECTION_UNKNOWN', {
      detail: `Element ${i + 1} of sections is no section of ${name}, which has: ${[...known].join(', ')}.`,
    });
  });
  return [...new Set(asked)];
}
