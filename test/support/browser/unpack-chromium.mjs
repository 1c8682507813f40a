/**
 * Unpacks the Chromium that an npm package carries into the folder that TMPDIR names, with the
 * libraries that a machine without a desktop lacks. A process of its own: the package is an ES module,
 * and asks for the folder in its own ways.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import chromium, { inflate } from '@sparticuz/chromium';

await chromium.executablePath();
const main = createRequire(import.meta.url).resolve('@sparticuz/chromium');
await inflate(path.join(path.dirname(main), '..', 'bin', 'al2023.tar.br'));
