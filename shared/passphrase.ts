/** What a passphrase is worth, and one made up at random. Pure: whoever calls brings the random bytes. */

export interface PassphraseStrength {
  /** 0 to 3. */
  readonly level: 0 | 1 | 2 | 3;
  /** In a person's words: "Easily guessed". */
  readonly label: string;
  readonly advice?: string;
}

const labels = ['Easily guessed', 'Weak', 'Good', 'Strong'] as const;
/** Bits from which on a level is reached. Each try costs a thief half a second (age's scrypt), so 60 last a long time. */
const thresholds = [28, 45, 60] as const;
/** Among the first that are tried, also with digits behind them. */
const common =
  /^(?:pass(?:word|phrase|wort)?|qwert[yz]u?i?o?p?|asdf\w*|abc|letmein|welcome|admin|root|login|dragon|monkey|iloveyou|sunshine|princess|football|baseball|master|secret|geheim|hallo|larder|backup|test|changeme|correct ?horse ?battery ?staple)[\d\W_]*$/i;

/**
 * A rough estimate: characters by the alphabets they come from, those that repeat or follow the one before counting
 * little, and words of letters as words. It knows no dictionary; it warns of what is short or plain.
 */
export function passphraseStrength(text: string): PassphraseStrength {
  const bits = common.test(text) ? 8 : Math.min(bitsByCharacter(text), bitsByWord(text));
  const level = thresholds.filter((threshold) => bits >= threshold).length as PassphraseStrength['level'];
  const advice =
    level >= 2 ? undefined : 'Use six or more words that have nothing to do with each other, or one made at random.';
  return { level, label: labels[level], ...(advice === undefined ? {} : { advice }) };
}

function bitsByCharacter(text: string): number {
  const alphabet =
    (/[a-z]/.test(text) ? 26 : 0) +
    (/[A-Z]/.test(text) ? 26 : 0) +
    (/\d/.test(text) ? 10 : 0) +
    (/[\x20-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]/.test(text) ? 20 : 0) +
    (/[^\x20-\x7e]/.test(text) ? 60 : 0);
  const each = Math.log2(Math.max(alphabet, 2));
  const characters = Array.from(text);
  const seen = new Set<string>();
  return characters.reduce((bits, character, index) => {
    const step = (character.codePointAt(0) ?? 0) - (characters[index - 1]?.codePointAt(0) ?? -99);
    const isPlain = Math.abs(step) <= 1;
    const isKnown = seen.has(characters.slice(Math.max(0, index - 2), index + 1).join(''));
    seen.add(characters.slice(Math.max(0, index - 2), index + 1).join(''));
    return bits + (isPlain || (isKnown && index >= 2) ? 0.5 : each);
  }, 0);
}

/** Words of letters as a thief tries them: out of some ten thousand, with what stands around them. */
function bitsByWord(text: string): number {
  const words = new Set(text.toLowerCase().match(/\p{L}{3,}/gu) ?? []);
  if (words.size === 0) return Number.POSITIVE_INFINITY;
  const rest = text.replace(/\p{L}{3,}/gu, '').replace(/[\s\-_.,]+/g, '');
  // A long run of letters may be words without spaces.
  const ofWords = [...words].reduce((bits, word) => bits + Math.max(13, word.length * 1.5), 0);
  return ofWords + rest.length * 3;
}

const consonants = 'bdfghjklmnprstvz';
const vowels = 'aiou';

/**
 * Bytes as words that can be read out and written down, two bytes each: "lusab-babad" (proquints, arXiv:0901.4016). Twelve
 * random bytes are six words and 96 bits.
 */
export function passphraseOf(bytes: Uint8Array): string {
  const words: string[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const value = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    const consonant = (shift: number): string => consonants.charAt((value >> shift) & 15);
    const vowel = (shift: number): string => vowels.charAt((value >> shift) & 3);
    words.push(consonant(12) + vowel(10) + consonant(6) + vowel(4) + consonant(0));
  }
  return words.join('-');
}
