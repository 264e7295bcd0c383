/** The settings as a Markdown table for the documentation, which a test compares with this. */
import { settingDefinitions, settingsSchema } from './settings-schema.ts';

const required = new Set<string>(settingsSchema.required);

function limitsOf(definition: object): string {
  if ('enum' in definition && Array.isArray(definition.enum))
    return definition.enum.map((choice) => `\`${choice}\``).join(' ');
  if ('minimum' in definition && 'maximum' in definition)
    return `${definition.minimum} to ${definition.maximum}`;
  return '';
}

function defaultOf(name: string, definition: object): string {
  if (required.has(name)) return '**required**';
  return 'default' in definition ? `\`${definition.default}\`` : '';
}

/** One row a setting, in the schema's order, with a final newline. */
export function settingsTable(): string {
  const rows = Object.entries(settingDefinitions).map(
    ([name, definition]) =>
      `| \`${name}\` | ${defaultOf(name, definition)} | ${limitsOf(definition)} | ${definition.description} |`,
  );
  return [
    '| setting | default | limits | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
