import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { thirdPartyNotices } from '../../../scripts/third-party-notices.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(path.join(tmpdir(), 'notices-'))));
afterEach(() => rmSync(root, { recursive: true }));

/** Puts a package into the folder; `files` beside its package.json. */
function install(
  folder: string,
  about: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): void {
  const all = { 'package.json': JSON.stringify({ version: '1.0.0', ...about }), ...files };
  for (const [name, text] of Object.entries(all)) {
    const file = path.join(root, folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** What esbuild tells of a bundle with so many bytes of each file. */
const bundle = (files: Readonly<Record<string, number>>) => ({
  outputs: {
    'dist/app.cjs': {
      inputs: Object.fromEntries(
        Object.entries(files).map(([name, bytesInOutput]) => [name, { bytesInOutput }]),
      ),
    },
  },
});

test('every package with code in the bundle is named with its licences, the innermost one', () => {
  install('node_modules/outer', { name: 'outer', license: 'MIT' }, { LICENSE: 'outer text' });
  install('node_modules/outer/node_modules/@in/ner', { name: '@in/ner', license: 'ISC' });
  install('node_modules/whole', { name: 'whole' }, { 'licenses/NOTICE': 'whole text' });
  const text = thirdPartyNotices(
    root,
    bundle({
      'functions/index.ts': 10,
      'node_modules/outer/index.js': 10,
      'node_modules/outer/node_modules/@in/ner/lib/index.js': 10,
      'node_modules/whole/index.js': 10,
      'node_modules/shaken/index.js': 0,
    }),
  );
  const [, ...notices] = text.split(`\n\n${'-'.repeat(80)}\n\n`);
  expect(notices).toEqual([
    'outer 1.0.0 (MIT)\n\nouter text',
    '@in/ner 1.0.0 (ISC)',
    'whole 1.0.0 (see below)\n\nwhole text',
  ]);
});

test('a package that says nothing of its licence is not shipped', () => {
  install('node_modules/silent', { name: 'silent' }, { 'license.js': 'code, and no licence' });
  expect(() => thirdPartyNotices(root, bundle({ 'node_modules/silent/index.js': 1 }))).toThrow(
    'silent 1.0.0',
  );
});
