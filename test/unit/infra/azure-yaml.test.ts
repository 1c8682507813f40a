import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describeSettings } from '../../../shared/config/settings-table.ts';
import { deployMain, INFRA, only } from '../../support/infra.ts';

const ROOT = join(INFRA, '..');

describe('azure.yaml', () => {
  // A file of this repository.
  const project = parse(readFileSync(join(ROOT, 'azure.yaml'), 'utf8')) as {
    readonly infra: { readonly path: string; readonly module: string };
    readonly services: Readonly<Record<string, { readonly host: string; readonly hooks: Hooks }>>;
    readonly hooks: Hooks;
  };
  type Hooks = Readonly<Record<string, Readonly<Record<string, { readonly run: string }>>>>;
  const hooks = { ...project.hooks, ...project.services['app']?.hooks };
  /** The hooks, and what they share. */
  const sources = readdirSync(join(INFRA, 'hooks')).map((name) =>
    readFileSync(join(INFRA, 'hooks', name), 'utf8'),
  );

  test('names the template, and the service that the function app is tagged with', () => {
    const { path, module } = project.infra;
    expect(existsSync(join(ROOT, path, `${module}.bicep`))).toBe(true);
    expect(only(deployMain(), 'Microsoft.Web/sites').body).toMatchObject({
      tags: { 'azd-service-name': Object.keys(project.services)[0] },
    });
  });

  test('runs one script in each hook, from either shell', () => {
    expect(Object.keys(hooks).sort()).toEqual([
      'postdeploy',
      'postprovision',
      'predown',
      'prepackage',
      'preprovision',
    ]);
    for (const [name, shells] of Object.entries(hooks)) {
      const run = `node infra/hooks/${name}.mjs`;
      expect([shells['posix']?.run, shells['windows']?.run]).toEqual([run, run]);
      expect(existsSync(join(ROOT, `infra/hooks/${name}.mjs`))).toBe(true);
    }
  });

  test('every output is read by a hook or by azd, and sets no parameter', () => {
    const read = sources.join('\n');
    const parameters = readFileSync(join(INFRA, 'main.bicepparam'), 'utf8');
    for (const name of Object.keys(deployMain().outputs)) {
      const isAzd = name === 'AZURE_LOCATION' || name === 'CERTKEEPER_APP_NAME';
      expect([name, isAzd || read.includes(name)]).toEqual([name, true]);
      // It would come back as a value that somebody set.
      expect([name, parameters.includes(`'${name}'`)]).toEqual([name, name === 'AZURE_LOCATION']);
    }
  });

  test('every variable that a hook names is an output, a setting of the app, or documented', () => {
    const known = [
      ...Object.keys(deployMain().outputs),
      ...describeSettings().map(({ name }) => name),
    ];
    const documented = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
    for (const source of sources) {
      for (const [variable] of source.matchAll(/\b(?:AZURE|CERTKEEPER)_[A-Z_]+\b/g)) {
        const isKnown =
          known.includes(variable) || new RegExp(`\\b${variable}[=\`]`).test(documented);
        expect([variable, isKnown]).toEqual([variable, true]);
      }
    }
  });
});

test('docs/deploy.md lists what the parameter file reads, with the default of each', () => {
  const documented = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
  const listed = new Map(
    [...documented.matchAll(/^\| `(\w+)` +\| (.*?) +\|/gm)].map(([, name, standard]) => [
      name,
      standard,
    ]),
  );
  const settings = describeSettings().map(({ name }) => name);
  const needed = ['CERTKEEPER_VAULTS', 'CERTKEEPER_SERVICES'];
  const parameters = readFileSync(join(INFRA, 'main.bicepparam'), 'utf8');
  const reads = [...parameters.matchAll(/readEnvironmentVariable\('(CERTKEEPER_\w+)', '(.*?)'\)/g)]
    .map(([, name = '', standard = '']) => ({ name, standard }))
    .filter(({ name }) => needed.includes(name) || !settings.includes(name));
  expect(reads.length).toBeGreaterThan(needed.length);
  for (const { name, standard } of reads) {
    const shown = standard.replace('${name}', '{environment}');
    // One that is empty is told in words, if at all.
    const expected = shown === '' ? (expect.not.stringContaining('`') as string) : `\`${shown}\``;
    expect([name, listed.get(name)]).toEqual([name, expected]);
  }
});

test('hooks run on Node 18, as docs/deploy.md has it, which has no import.meta.dirname', () => {
  const files = readdirSync(join(INFRA, 'hooks'));
  expect(files).toContain('postdeploy.mjs');
  for (const name of files) {
    const source = readFileSync(join(INFRA, 'hooks', name), 'utf8');
    expect([name, /import\.meta\.(?:dirname|filename)/.exec(source)?.[0]]).toEqual([
      name,
      undefined,
    ]);
  }
});
