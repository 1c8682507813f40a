/** A lock between runs in the same folder, so that two never install or build at the same time. */
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MS = 2_000;
/** A holder that has not touched its lock for this long is gone, whatever its process id says. */
const STALE_MS = 20_000;
const RETRY_MS = 200;

/**
 * Runs `work` while holding the lock file; waits while another living process holds it.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withSetupLock(file, work) {
  let said = false;
  while (!tryLock(file)) {
    if (!said) process.stderr.write('Waiting for another run to finish the set-up …\n');
    said = true;
    await sleep(RETRY_MS);
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimesSync(file, now, now);
  }, BEAT_MS);
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.removeListener('exit', release);
    release();
  }
}

function tryLock(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (isAbandoned(file)) rmSync(file, { force: true });
  return false;
}

function isAbandoned(file) {
  try {
    const age = Date.now() - statSync(file).mtimeMs;
    if (age > STALE_MS) return true;
    const holder = Number(readFileSync(file, 'utf8'));
    // Empty for an instant between creation and write.
    if (!Number.isInteger(holder) || holder <= 0) return age > BEAT_MS;
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
