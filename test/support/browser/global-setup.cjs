/** Before any browser suite: unpacks the browser, once for each version of it. */
const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, renameSync, rmSync } = require('node:fs');
const path = require('node:path');
const { devDependencies } = require('../../../package.json');

module.exports = ({ rootDir }) => {
  const version = devDependencies['@sparticuz/chromium'];
  const folder = path.join(rootDir, 'node_modules', '.cache', `chromium-${version}`);
  if (!existsSync(folder)) unpack(rootDir, folder);
  process.env.CERTKEEPER_TEST_BROWSER = folder;
};

/** It comes to its place whole or not at all, whoever is interrupted or does the same beside. */
function unpack(rootDir, folder) {
  const beside = `${folder}.${process.pid}`;
  mkdirSync(beside, { recursive: true });
  const script = path.join(rootDir, 'test', 'support', 'browser', 'unpack-chromium.mjs');
  execFileSync(process.execPath, [script], { env: { ...process.env, TMPDIR: beside } });
  try {
    renameSync(beside, folder);
  } catch (error) {
    rmSync(beside, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}
