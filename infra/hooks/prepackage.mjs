/** Unpacks what `npm run package` made, where azd takes what it deploys from. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { HookError, runHook } from './command-line.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TO = path.join(ROOT, 'dist/deploy');

await runHook(async () => {
  // It installs what it needs, and builds.
  const script = path.join(ROOT, 'scripts/run.mjs');
  const { status } = spawnSync(process.execPath, [script, 'package'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new HookError('The app could not be packaged: see above.');

  const { name, version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const zip = readFileSync(path.join(ROOT, 'dist', `${name}-${version}.zip`));
  const { unzipSync } = await import('fflate');
  rmSync(TO, { recursive: true, force: true });
  for (const [packed, bytes] of Object.entries(unzipSync(zip))) {
    const file = path.join(TO, packed);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
});
