/** Texts as people read them: for telling people apart, and what was said from what was left blank. */

/**
 * Signs without a shape: space, controls, formats, what fonts leave out, the blank of Braille, the null notehead, and
 * fillers of scripts.
 */
const unseen =
  /[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}\u{13441}\u{13442}\u{16fe4}]/gu;

/** Without what a reader may not see: of two texts that people could take for one, this is the same. */
export function asRead(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(unseen, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC');
}
