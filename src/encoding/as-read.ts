/** Texts as people read them: for telling people apart, and what was said from what was left blank. */

/** Signs without a shape: controls, formats, what fonts leave out, and the blank of Braille. */
const unseen = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** As a reader sees it: Unicode's compatibility forms, letter case, space and what is not seen make no other person. */
export function asRead(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(unseen, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(/ +/g, ' ')
    .trim();
}
