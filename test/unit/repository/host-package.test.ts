/** That `local/host` could be a package of its own, as its package.json has it. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import { repositoryRoot } from '../../../local/repository.ts';

type Names = Readonly<Record<string, string>>;

interface Manifest {
  readonly bin: Names;
  readonly exports: Names;
  readonly dependencies?: Names;
  readonly devDependencies?: Names;
  readonly peerDependencies: Names;
}

const root = repositoryRoot();
const folder = path.join(root, 'local/host');
const host = readManifest(path.join(folder, 'package.json'));
const repository = readManifest(path.join(root, 'package.json'));
const installed: Names = { ...repository.devDependencies, ...repository.dependencies };

function readManifest(file: string): Manifest {
  // Written in this repository; a field that is missing fails the test that looks at it.
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

/** What files import: of which file, and from where. */
function importsOf(files: readonly string[]): readonly { file: string; from: string }[] {
  return files.flatMap((file) =>
    ts
      .preProcessFile(readFileSync(path.join(folder, file), 'utf8'), true, true)
      .importedFiles.map(({ fileName }) => ({ file, from: fileName })),
  );
}

const sources = importsOf(globSync('**/*.ts', { cwd: folder }));

describe('the package of the host', () => {
  it('imports no file from outside its folder', () => {
    expect(sources.length).toBeGreaterThan(100);
    const outside = sources.filter(
      ({ file, from }) =>
        from.startsWith('.') &&
        path.relative(folder, path.resolve(folder, path.dirname(file), from)).startsWith('..'),
    );
    expect(outside).toEqual([]);
  });

  it('names every package that it imports, and no other', () => {
    const packages = sources
      .map(({ from }) => from)
      .filter((from) => !from.startsWith('.') && !isBuiltin(from))
      // What a host provides is on no registry.
      .filter((from) => from !== '@azure/functions-core');
    const named = Object.keys({ ...host.dependencies, ...host.peerDependencies });
    expect([...new Set(packages)].sort()).toEqual(named.sort());
  });

  it('needs the versions that are tested here', () => {
    for (const [name, version] of Object.entries(host.dependencies ?? {})) {
      expect([name, installed[name]]).toEqual([name, version]);
    }
    for (const [name, range] of Object.entries(host.peerDependencies)) {
      expect(`${name} ${range}`).toBe(`${name} ${String(installed[name]?.split('.')[0])}.x`);
    }
  });

  it('offers files that there are', () => {
    for (const file of [...Object.values(host.bin), ...Object.values(host.exports)]) {
      expect([file, existsSync(path.join(folder, file))]).toEqual([file, true]);
    }
  });
});

describe('each example app', () => {
  const examples = globSync('examples/*', { cwd: folder }).map((name) => path.basename(name));

  it.each(examples)('%s stands alone', (name) => {
    const app = path.join('examples', name);
    const { dependencies = {} } = readManifest(path.join(folder, app, 'package.json'));
    const files = globSync(`${app}/**/*.js`, { cwd: folder });
    const imported = importsOf(files).map(({ from }) => from);
    for (const from of imported.filter((one) => !isBuiltin(one))) {
      expect([from, dependencies[from]]).toEqual([from, `^${String(installed[from])}`]);
    }
    expect(imported).toContain('durable-functions');
  });
});
