/** The commands in cures against azure-cli's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AZ_COMMANDS } from '../../support/azure/az-reference.ts';

const root = join(__dirname, '../../..');

interface Used {
  readonly where: string;
  readonly command: string;
  readonly options: readonly string[];
}

/** Every `az …` in a literal of a file; what is filled in is left out. */
function commandsIn(file: string): Used[] {
  const text = readFileSync(join(root, file), 'utf8')
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .replaceAll(/\$\{[^{}]*\}/g, 'X');
  return text.split('\n').flatMap((line) =>
    line
      .split(/(?=\baz (?=[a-z]))/)
      .slice(1)
      .map((piece) => {
        const [, command = ''] = /^az ((?:[a-z][a-z-]*\b ?)+)/.exec(piece) ?? [];
        const options = [...piece.matchAll(/ --([a-z][a-z-]*)/g)].map(([, name = '']) => name);
        return { where: file, command: command.trim(), options };
      }),
  );
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.m?[jt]s$/.test(file))
    .map((file) => `${folder}/${file}`);
}

describe('The commands in cures', () => {
  const used = ['shared', 'functions', 'local/verify', 'infra/hooks']
    .flatMap(sources)
    .flatMap(commandsIn);

  it('are found', () => {
    const names = new Set(used.map(({ command }) => command));
    for (const one of [
      'role assignment create',
      'keyvault update',
      'rest',
      'apim wait',
      'eventgrid system-topic update',
    ]) {
      expect([...names]).toContain(one);
    }
    expect(used.length).toBeGreaterThan(20);
  });

  it('are ones that there are, with options that they have', () => {
    const wrong = used.filter(({ command, options }) => {
      const known = AZ_COMMANDS[command];
      return known === undefined || options.some((option) => !known.includes(option));
    });
    expect(wrong).toEqual([]);
  });
});
