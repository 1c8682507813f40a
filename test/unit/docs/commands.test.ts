/**
 * What documents tell readers to type. That it works is shown by test/integration/docs; here it is
 * seen that nothing is told that nobody tries.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../../../local/repository.ts';
import { checkCli } from '../../support/docs/check-cli.ts';
import { CHECKED, NPM_SCRIPTS, readNpm, RUN } from '../../support/docs/programs.ts';
import {
  linesOf,
  programsOf,
  readDocuments,
  readFences,
  readTold,
} from '../../support/docs/read-documents.ts';
import { makeFakeIo } from '../../support/fake-io.ts';
import { wordsOf } from '../../support/docs/words-of.ts';

const root = repositoryRoot();
const PROGRAMS = [...RUN, ...Object.keys(CHECKED)];
const documents = readDocuments();
const told = documents.flatMap((document) => readTold(document, PROGRAMS));
/** Each line of its own, with where to find it. */
const lines = told.flatMap(({ document, line, text }) =>
  linesOf(text).map((one) => ({ where: `${document}:${String(line)}`, text: one })),
);
const npm = lines
  .filter(({ text }) => text.startsWith('npm '))
  .map(({ where, text }) => ({ where, ...readNpm(wordsOf(text).slice(1)) }));

describe('what documents tell readers to type', () => {
  it('is found', () => {
    expect(lines.length).toBeGreaterThan(100);
    const texts = lines.map(({ text }) => text);
    expect(texts).toContain('npm start');
    expect(texts).toContain('npx certkeeper plan {vault}/{name}');
  });

  it('is marked sh, or console with its output, and everything else is marked as what it is', () => {
    const unmarked = documents.flatMap((document) =>
      readFences(document)
        .filter(({ language, text }) => {
          const [first = ''] = linesOf(text);
          const isCommand = PROGRAMS.includes(programsOf(first)[0] ?? '');
          return language === '' || (language === 'text' && isCommand);
        })
        .map(({ line }) => `${document.name}:${String(line)}: mark it sh, console, text or json`),
    );
    expect(unmarked).toEqual([]);
  });

  it('is of programs that are run or checked', () => {
    // A new one: say in test/support/docs/programs.ts how it is held to what documents tell.
    const unknown = lines.flatMap(({ where, text }) =>
      programsOf(text)
        .filter((program) => !PROGRAMS.includes(program))
        .map((program) => `${where}: nobody tries ${program}`),
    );
    expect(unknown).toEqual([]);
  });

  it('has commands and options that there are', () => {
    const wrong = lines.flatMap(({ where, text }) => {
      const [program = '', ...args] = wordsOf(text);
      const problem = CHECKED[program]?.(args);
      return problem === undefined ? [] : [`${where}: ${problem}`];
    });
    expect(wrong).toEqual([]);
  });

  it('has commands and options of certkeeper that there are', async () => {
    const wrong: string[] = [];
    for (const { where, text } of lines) {
      const [program, name, ...args] = wordsOf(text);
      if (program !== 'npx') continue;
      const verdict =
        name === 'certkeeper' ? await checkCli(args, makeFakeIo()) : 'no such package';
      if (verdict !== 'whole' && verdict !== 'name') wrong.push(`${where}: ${text}: ${verdict}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('npm scripts that documents tell of', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };

  it('are there, and something runs them', () => {
    for (const { where, script } of npm) expect([where, scripts[script]]).not.toContain(undefined);
    for (const { runBy } of Object.values(NPM_SCRIPTS)) {
      expect([runBy, existsSync(path.join(root, runBy))]).toEqual([runBy, true]);
    }
  });

  const given = npm.filter(({ given }) => given.length > 0);
  it.each([...new Set(given.map(({ script }) => script))])(
    '%s has the options told of',
    (script) => {
      const program = NPM_SCRIPTS[script]?.program ?? '';
      const help = execFileSync(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', path.join(root, program), '--help'],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      );
      for (const { given: options } of given.filter((one) => one.script === script)) {
        const [first = ''] = options;
        expect(help).toMatch(new RegExp(`^ *${first.replaceAll('-', '\\-')}\\b`, 'm'));
      }
    },
  );
});
