/** Unpacks what `npm run package` made, where azd takes what it deploys from. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { HookError, runHook } from './command-line.mjs';

const ROOT = path.join(import.meta.dirname, '../..');
const TO = path.join(ROOT, 'dist/deploy');

await runHook(async () => {
  // It installs what it needs, and builds.
  const script = path.join(ROOT, 'scripts/run.mjs');
  const { status } = spawnSync(process.execPath, [script, 'package'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new HookError('The app could not be packaged: see above.');

  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const zip = readdirSync(path.join(ROOT, 'dist')).find(
    (name) => name.endsWith('.zip') && name.includes(version),
  );
  if (zip === undefined) throw new HookError(`dist/ holds no package of version ${version}.`);
  const { unzipSync } = await import('fflate');
  rmSync(TO, { recursive: true, force: true });
  for (const [name, bytes] of Object.entries(
    unzipSync(readFileSync(path.join(ROOT, 'dist', zip))),
  )) {
    const file = path.join(TO, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
});
