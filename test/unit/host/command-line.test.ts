import { usage, parseCommandLine } from '../../../local/host/command-line.ts';
import { formatFunctions, formatLine } from '../../../local/host/print.ts';

describe('The command line', () => {
  test('has a default for everything', () => {
    expect(parseCommandLine([])).toEqual({
      kind: 'run',
      appDir: '.',
      stateDir: '.local',
      requireKeys: false,
      verbose: false,
    });
  });

  test('takes every option', () => {
    const args = ['--app', 'a', '--port', '0', '--state=s', '--require-keys', '--verbose'];
    expect(parseCommandLine(args)).toEqual({
      kind: 'run',
      appDir: 'a',
      port: 0,
      stateDir: 's',
      requireKeys: true,
      verbose: true,
    });
  });

  test.each([
    [
      ['--sign-in-as', 'A.Read, A.Write'],
      ['A.Read', 'A.Write'],
    ],
    [['--sign-in-as=nobody'], []],
  ])('%j says who requests come from: %j', (args, signInAs) => {
    expect(parseCommandLine(args)).toMatchObject({ kind: 'run', signInAs });
  });

  test('says whose pages may call', () => {
    const cors = { origins: ['https://a.example', 'https://b.example'], credentials: true };
    const args = ['--cors', 'https://a.example,https://b.example', '--cors-credentials'];
    expect(parseCommandLine(args)).toMatchObject({ kind: 'run', cors });
  });

  test.each([
    [['--what'], '--what'],
    [['stray'], 'stray'],
    [['--port', 'x'], '"x"'],
    [['--port', '65536'], '65536'],
    [['--port=-1'], '"-1"'],
    [['--app'], '--app'],
    [['--cors-credentials'], '--cors,'],
  ])('%j is wrong, in one line that names it', (args, named) => {
    const result = parseCommandLine(args);
    expect(result.kind).toBe('wrong');
    expect(result.kind === 'wrong' && result.message).toContain(named);
    expect(result.kind === 'wrong' && result.message).not.toContain('\n');
  });

  test('explains itself when asked, whatever else is said', () => {
    expect(parseCommandLine(['--help', '--port', 'x'])).toEqual({ kind: 'help' });
  });
});

describe('What is printed', () => {
  const fns = [
    { name: 'tick', kind: 'timerTrigger', disabled: true },
    { name: 'read', kind: 'httpTrigger', route: '/api/x/{id}', methods: ['GET', 'PUT'] },
    { name: 'work', kind: 'orchestrationTrigger' },
    { name: 'any', kind: 'httpTrigger', route: '/api/any', methods: [] },
    { name: 'long', kind: 'httpTrigger', route: `/api/${'x'.repeat(60)}`, methods: ['GET'] },
  ];

  test('lists every function with how it is called, kind by kind', () => {
    expect(formatFunctions(fns, 'http://127.0.0.1:1').split('\n')).toEqual([
      'Functions:',
      '',
      '  read: [GET,PUT] http://127.0.0.1:1/api/x/{id}',
      '  any: [any] http://127.0.0.1:1/api/any',
      '  long:',
      `    [GET] http://127.0.0.1:1/api/${'x'.repeat(60)}`,
      '',
      '  tick: timerTrigger (disabled)',
      '',
      '  work: orchestrationTrigger',
      '',
    ]);
  });

  test('is the same in colours', () => {
    const paint = (style: string, text: string): string => `<${style}>${text}</${style}>`;
    expect(formatFunctions(fns, 'http://127.0.0.1:1', paint)).toContain(
      '<yellow>any</yellow>: [any] <green>http://127.0.0.1:1/api/any</green>\n',
    );
    const line = { at: new Date(0), level: 'error', category: 'Host', message: 'no' } as const;
    expect(formatLine(line, paint)).toBe(
      '<dim>[1970-01-01T00:00:00.000Z]</dim> <red>ERROR no</red>',
    );
  });

  test('marks what the app says with the function and the invocation', () => {
    const at = new Date('2026-01-01T10:11:12.345Z');
    const scope = { functionName: 'tick', invocationId: '12345678-aaaa' };
    expect(
      formatLine({ at, level: 'warning', category: 'Function.tick.User', message: 'hm', ...scope }),
    ).toBe('[2026-01-01T10:11:12.345Z] WARNING tick 12345678: hm');
    expect(formatLine({ at, level: 'information', category: 'Host', message: 'ready' })).toBe(
      '[2026-01-01T10:11:12.345Z] ready',
    );
  });

  test('fits a terminal of 80 columns when it explains itself', () => {
    expect(usage.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});
