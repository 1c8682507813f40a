/**
 * Builds the app: functions/index.ts and everything it needs in one CommonJS file, byte for byte
 * the same wherever it is built from the same sources.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inlinePlugin } from './inline.mjs';

const INPUTS = [
  'functions',
  'shared',
  'scripts/build.mjs',
  'scripts/inline.mjs',
  'package-lock.json',
];

/** @param {string} root the repository */
export function isBuilt(root) {
  try {
    return readFileSync(stampFile(root), 'utf8') === inputDigest(root);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Writes dist/app.cjs, its source map and dist/meta.json (what is in the bundle, by size).
 * @param {string} root the repository
 * @returns {Promise<{ bytes: number }>} size of the bundle
 * @throws Thrown when a source does not compile; esbuild has printed where and why
 */
export async function build(root) {
  const { build: bundle, stop } = await import('esbuild');
  const digest = inputDigest(root);
  // Its service would stay, with all its memory, for as long as the command that follows runs.
  const { metafile } = await bundle(appOptions(root)).finally(() => stop());
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  writeFileSync(path.join(root, 'dist', 'meta.json'), JSON.stringify(metafile));
  writeFileSync(stampFile(root), digest);
  return { bytes: statSync(path.join(root, 'dist', 'app.cjs')).size };
}

/**
 * How esbuild makes the app.
 * @param {string} root the repository
 * @returns {import('esbuild').BuildOptions & { metafile: true }}
 */
export function appOptions(root) {
  return {
    absWorkingDir: root,
    entryPoints: ['functions/index.ts'],
    outfile: 'dist/app.cjs',
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    // The ES module builds of the Azure SDKs are smaller and load faster once bundled.
    conditions: ['import'],
    mainFields: ['module', 'main'],
    // Supplied by the Functions host at run time; no package of that name exists.
    external: ['@azure/functions-core'],
    plugins: [inlinePlugin()],
    minifyWhitespace: true,
    minifySyntax: true,
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  };
}

function stampFile(root) {
  return path.join(root, 'dist', '.build-stamp');
}

/** Names and contents of everything the bundle is made from. */
function inputDigest(root) {
  const hash = createHash('sha256');
  for (const input of INPUTS) {
    for (const file of filesOf(root, input)) {
      const content = readFileSync(path.join(root, file));
      hash.update(`${file}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}

function filesOf(root, input) {
  if (!statSync(path.join(root, input)).isDirectory()) return [input];
  return readdirSync(path.join(root, input), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)))
    .map((file) => file.split(path.sep).join('/'))
    .sort();
}
