import { describeAppError, placeInApp } from '../../../local/host/app-error.ts';

function failure(message: string, stack: string, code?: string): Error {
  return Object.assign(new Error(message), { stack, ...(code === undefined ? {} : { code }) });
}

describe('What an app threw', () => {
  test.each([
    ['Error: no\n    at load (/app/src/config.js:3:9)\n    at main', 'src/config.js:3:9'],
    ['Error: no\n    at file:///app/my%20app.mjs:1:7', 'my app.mjs:1:7'],
    ['Error: no\n    at async Promise.all (index 0)\n    at /app/a.js:1:2', 'a.js:1:2'],
    ['/app/a.js:2\nlet let\n    ^^^\n\nSyntaxError: no', 'a.js:2'],
    ['Error: no\n    at x (/app/node_modules/x/i.js:1:1)\n    at y (/app/a.js:4:5)', 'a.js:4:5'],
    ['Error: no\n    at x (/elsewhere/a.js:1:1)\n    at node:internal/y:1:1', undefined],
    ['', undefined],
  ])('%j comes from %s', (stack, place) => {
    expect(placeInApp(failure('no', stack), '/app')).toBe(place);
  });

  test.each([
    [failure('no', 'Error\n at f (/app/a.js:1:2)'.replace(' at', '    at')), 'no (a.js:1:2)'],
    [failure('these:\n  A\n  B', 'Error\n    at /app/a.js:1:2'), 'these:\n  A\n  B'],
    ['only text', 'only text'],
    [undefined, 'undefined'],
    [
      failure("Cannot find module 'left-pad'\nRequire stack:\n- /app/a.js", '', 'MODULE_NOT_FOUND'),
      'the package "left-pad" is not installed; run "npm install" in /app',
    ],
    [
      failure("Cannot find package 'left-pad' imported from /app/a.js", '', 'ERR_MODULE_NOT_FOUND'),
      'the package "left-pad" is not installed; run "npm install" in /app',
    ],
    [
      failure("Cannot find module './lib.js'\nRequire stack:", '', 'MODULE_NOT_FOUND'),
      'there is no file "./lib.js"; is the app built?',
    ],
    [
      failure('(…) rejected with the reason "just text".', '', 'ERR_UNHANDLED_REJECTION'),
      'a promise was rejected with "just text"',
    ],
  ])('%p is described for a person', (thrown, expected) => {
    expect(describeAppError(thrown, '/app')).toBe(expected);
  });
});
