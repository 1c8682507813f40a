/**
 * `import text from './x?inline'`: a style sheet or a browser script (`*.client.ts`), bundled and
 * minified with all that it imports, as one text for a page to carry inside itself. The build and
 * the tests make the same text. docs/adr/0021-pages.md says why.
 */
import path from 'node:path';

const INLINE = /\?inline$/;

/**
 * How esbuild makes the text of a file.
 * @param {string} file a `.css` or a `.client.ts`
 * @returns {import('esbuild').BuildOptions & { write: false }}
 */
export function inlineOptions(file) {
  return {
    entryPoints: [file],
    bundle: true,
    write: false,
    platform: 'browser',
    // Browsers of the last two years; `light-dark()` in the style sheets is as new.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    format: 'iife',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  };
}

/** @returns {import('esbuild').Plugin} */
export function inlinePlugin() {
  return {
    name: 'inline',
    setup(build) {
      build.onResolve({ filter: INLINE }, ({ path: asked, resolveDir }) => ({
        path: path.join(resolveDir, asked.replace(INLINE, '')),
        namespace: 'inline',
      }));
      build.onLoad({ filter: /.*/, namespace: 'inline' }, async ({ path: file }) => {
        const { outputFiles } = await build.esbuild.build(inlineOptions(file));
        return { contents: outputFiles[0].text.trim(), loader: 'text' };
      });
    },
  };
}
