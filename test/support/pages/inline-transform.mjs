/** A jest transform that makes of a style sheet or a browser script the text that the build makes. */
import { createHash } from 'node:crypto';
import { buildSync } from 'esbuild';
import { inlineOptions } from '../../../scripts/inline.mjs';

export default {
  process: (_source, file) => ({
    code: `exports.__esModule = true;\nexports.default = ${JSON.stringify(textOf(file))};`,
  }),
  // What a file imports is part of its text.
  getCacheKey: (_source, file) => createHash('sha256').update(textOf(file)).digest('hex'),
};

function textOf(file) {
  return buildSync(inlineOptions(file)).outputFiles[0].text.trim();
}
