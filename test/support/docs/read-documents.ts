/** What the documents tell a reader to type, as they stand in Markdown. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../../../local/repository.ts';

export interface Document {
  /** From the repository's root, e.g. `docs/runbook.md`. */
  readonly name: string;
  readonly text: string;
}

/** A script, or a command in a sentence. */
export interface Told {
  readonly document: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly text: string;
  readonly form: 'script' | 'sentence';
}

export interface Fence {
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** In the order in which they are read: README.md, how to use it, then every other page of `docs/`. */
export function readDocuments(): readonly Document[] {
  const root = repositoryRoot();
  const pages = readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const paths = pages.sort().map((name) => `docs/${name}`);
  return [...new Set(['README.md', 'docs/using.md', ...paths])].map((name) => ({
    name,
    text: readFileSync(path.join(root, name), 'utf8'),
  }));
}

export function readFences({ text }: Pick<Document, 'text'>): readonly Fence[] {
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map((found) => ({
    line: text.slice(0, found.index).split('\n').length,
    language: found[1] ?? '',
    text: found[2] ?? '',
  }));
}

/** The text without its fences, line by line where it was. */
export function proseOf(text: string): string {
  return text.replaceAll(/^```[^]*?^```$/gm, (fence) => fence.replaceAll(/[^\n]/g, ''));
}

/**
 * Everything that a reader is told to type: fences marked `sh`, the lines after `$` of those marked
 * `console`, and code in sentences that begins with one of these programs.
 */
export function readTold(document: Document, programs: readonly string[]): readonly Told[] {
  const scripts = readFences(document).flatMap(({ line, language, text }): Told[] => {
    const typed =
      language === 'console'
        ? text
            .split('\n')
            .filter((one) => one.startsWith('$ '))
            .map((one) => one.slice(2))
            .join('\n')
        : text.trimEnd();
    return language === 'sh' || language === 'console'
      ? [{ document: document.name, line: line + 1, text: typed, form: 'script' }]
      : [];
  });
  const prose = proseOf(document.text);
  const sentences = [...prose.matchAll(/`([^`\n]+)`/g)].flatMap((found): Told[] => {
    const [, text = ''] = found;
    const [program = '', next] = text.split(' ');
    return programs.includes(program) && next !== undefined
      ? [{ ...at(document.name, prose, found.index), text: text.trim(), form: 'sentence' }]
      : [];
  });
  return [...scripts, ...sentences].sort((one, other) => one.line - other.line);
}

/** The lines of a script as the shell takes them: without comments, each with what it goes on in. */
export function linesOf(script: string): readonly string[] {
  const lines: string[] = [];
  let open = '';
  for (const line of script.split('\n')) {
    if (open === '' && /^\s*(#|$)/.test(line)) continue;
    open += open === '' ? line : `\n${line}`;
    if (/\\$/.test(line) || isQuoteOpen(open)) continue;
    lines.push(open.replaceAll('\\\n', ''));
    open = '';
  }
  return open === '' ? lines : [...lines, open];
}

/** A line's programs: the first word, and those after pipes and in `$(…)`; assignments are none. */
export function programsOf(line: string): readonly string[] {
  const code = line.replaceAll(/'[^']*'/g, "''").replace(/ +#.*$/, '');
  return [...code.matchAll(/(?:^|\| *|\$\()((?:[A-Z_]+=(?:"[^"]*"|[^\s"(]*) +)*)([^\s)]+)/g)]
    .map(([, , program = '']) => program)
    .filter((program) => !/^[A-Z_]+=/.test(program));
}

function isQuoteOpen(text: string): boolean {
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (sign === '\\' && quote !== "'") at += 1;
    else if (quote === '' ? sign === '"' || sign === "'" : sign === quote) {
      quote = quote === '' ? sign : '';
    }
  }
  return quote !== '';
}

function at(document: string, text: string, index: number): Pick<Told, 'document' | 'line'> {
  return { document, line: text.slice(0, index).split('\n').length };
}
