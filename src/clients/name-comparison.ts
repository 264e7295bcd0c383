/**
 * Family names as an identity check compares them: without case, diacritics, spaces, apostrophes and
 * hyphens, since every system writes O'Neill its own way. Unicode NFKD (UAX 15), then what NFKD leaves
 * whole. Only marks that several scripts share are dropped: in Devanagari or Thai a mark is a vowel, and
 * without it two names would be one.
 */

/** Letters that are one code point with a stroke or a ligature, and have no decomposition. */
const folds: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ŋ: 'n',
  ŧ: 't',
  ς: 'σ',
};
const foldable = new RegExp(`[${Object.keys(folds).join('')}]`, 'g');
const sharedMarks = /[\p{M}&&\p{Script=Inherited}]/gv;
/** Spacing modifier letters: among them the okina and the apostrophes that Unicode counts as letters. */
const apostropheLetters = /[\u02b0-\u02ff\ua78b\ua78c\u0640]/g;
const notOfAName = /[^\p{L}\p{M}\p{N}]/gu;

/**
 * What two spellings of one family name have in common. Empty for a name without letters: an empty key is
 * unknown and equals nothing, itself included, so compare with `isSameName`.
 */
export function nameKey(familyName: string): string {
  return familyName
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(sharedMarks, '')
    .replace(apostropheLetters, '')
    .replace(foldable, (letter) => folds[letter] ?? letter)
    .replace(notOfAName, '');
}

/** Whether a name given for a person is one of those held, previous names included. */
export function isSameName(given: string, held: readonly string[]): boolean {
  const key = nameKey(given);
  return key !== '' && held.some((name) => nameKey(name) === key);
}
