/** Texts of keys as the headers of adapters write them: `binding|{target}`. */

/**
 * The parts that stand in braces, decoded, in order; undefined when a text is not of the pattern.
 * Parts are set apart by `|`, which no encoded part holds.
 */
export function readPattern(pattern: string, text: string): readonly string[] | undefined {
  const wanted = pattern.split('|');
  const parts = text.split('|');
  if (wanted.length !== parts.length) return undefined;
  const found: string[] = [];
  for (const [index, part] of parts.entries()) {
    const want = wanted[index] ?? '';
    if (!want.startsWith('{')) {
      if (part !== want) return undefined;
      continue;
    }
    const decoded = decodeKey(part);
    if (decoded === undefined || decoded === '') return undefined;
    found.push(decoded);
  }
  return found;
}

/** Undefined for what `encodeKey` never wrote. */
function decodeKey(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('=', '%'));
  } catch {
    return undefined;
  }
}
