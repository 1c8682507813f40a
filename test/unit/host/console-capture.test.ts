import { captureConsole } from '../../../local/host/console-capture.ts';

describe('The console of an app', () => {
  const lines: [string, string][] = [];
  const before = globalThis.console;
  let release: () => void;

  beforeEach(() => {
    lines.length = 0;
    release = captureConsole((level, text) => lines.push([level, text]));
  });
  afterEach(() => release());

  test.each(['log', 'info', 'debug'] as const)('%s is information', (method) => {
    globalThis.console[method]('hello %s', 'you', { a: 1 });
    expect(lines).toEqual([['information', 'hello you { a: 1 }']]);
  });

  test('warn is a warning, error an error', () => {
    globalThis.console.warn('careful');
    globalThis.console.error(new Error('no').message);
    expect(lines).toEqual([
      ['warning', 'careful'],
      ['error', 'no'],
    ]);
  });

  test('what takes several lines is one line of the log', () => {
    globalThis.console.table([{ a: 1 }]);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.[1]).toContain('│ a │');
  });

  test('is given back', () => {
    release();
    expect(globalThis.console).toBe(before);
  });
});
