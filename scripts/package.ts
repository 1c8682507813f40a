/** `npm run package`: the app as one zip, ready to be deployed. */
import path from 'node:path';
import process from 'node:process';
import { packageApp } from './package-app.ts';

const root = path.join(import.meta.dirname, '..');
const { file, bytes, sha256, files } = packageApp(root, path.join(root, 'dist'));
process.stdout.write(
  [
    `${path.relative(process.cwd(), file)}  ${(bytes / 1_000_000).toFixed(1)} MB`,
    `sha256  ${sha256}`,
    `holds   ${files.join(', ')}`,
    '',
  ].join('\n'),
);
