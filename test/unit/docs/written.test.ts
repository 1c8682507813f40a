import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { repositoryRoot } from '../../../local/repository.ts';

test('what `npm run docs` writes into the documents is up to date', () => {
  const script = path.join(repositoryRoot(), 'scripts', 'write-docs.ts');
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, '--check'],
    { encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, '']);
});
