/** Advice is prose with commands in it. The command line knows them the same way (cli/show). */
export interface CurePart {
  /** `enclosed`: a command in brackets, where it stays. */
  readonly kind: 'words' | 'command' | 'enclosed';
  readonly text: string;
}

/** A command begins in front, or after what it is for. */
const BEGIN = String.raw`(?<=^|[:;,] |\(|\bthen |\bor )`;
/** What is quoted or stands for a value belongs to it, whatever it holds. */
const HELD = String.raw`'[^']*'|"[^"]*"|\{[^{}]*\}|\$\([^()]*\)`;
/** It ends with its sentence, at a comma, or where brackets open or close. */
const FREE = String.raw`(?![.;,](?: |$)| \(|\))[^]`;
const COMMAND = new RegExp(`${BEGIN}(?:az|npx certkeeper) (?:${HELD}|${FREE})+`, 'g');

/** The words and the commands of a cure in order; together they are the whole of it. */
export function splitCure(cure: string): readonly CurePart[] {
  const parts: CurePart[] = [];
  let end = 0;
  for (const { 0: text, index } of cure.matchAll(COMMAND)) {
    parts.push({ kind: 'words', text: cure.slice(end, index) });
    end = index + text.length;
    parts.push({ kind: cure.startsWith(')', end) ? 'enclosed' : 'command', text });
  }
  parts.push({ kind: 'words', text: cure.slice(end) });
  return parts.filter(({ text }) => text !== '');
}
