/** Patterns of settings over paths such as `vault/name`: `*` stands for any run of characters inside a segment. */

const SEGMENT = /^[A-Za-z0-9*._~-]+$/;

/** Whether every segment of a text may stand in a pattern. */
export function isPattern(text: string): boolean {
  return text.split('/').every((segment) => SEGMENT.test(segment));
}

/** Whether a text is a pattern over sources, `vault/name`. */
export function isSourcePattern(text: string): boolean {
  return text.split('/').length === 2 && isPattern(text);
}

/** Segment by segment: `*` never crosses a slash. */
export function matchesPath(pattern: string, path: string): boolean {
  const patterns = pattern.split('/');
  const segments = path.split('/');
  if (patterns.length !== segments.length) return false;
  return patterns.every((one, index) => matchesSegment(one, segments[index] ?? ''));
}

/** Greedy wildcard match in linear time: no regular expression is ever built from a setting. */
function matchesSegment(pattern: string, text: string): boolean {
  const [head = '', ...tails] = pattern.split('*');
  if (tails.length === 0) return pattern === text;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  const last = tails.pop() ?? '';
  for (const piece of tails) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - at >= last.length && text.endsWith(last);
}
