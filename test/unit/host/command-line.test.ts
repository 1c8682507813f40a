import { parseCommandLine } from '../../../local/host/command-line.ts';
import { formatFunctions, formatLine } from '../../../local/host/print.ts';

describe('The command line', () => {
  test('has a default for everything', () => {
    expect(parseCommandLine([])).toEqual({
      kind: 'run',
      appDir: '.',
      port: 7071,
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

  test.each([
    [['--what'], '--what'],
    [['stray'], 'stray'],
    [['--port', 'x'], '"x"'],
    [['--port', '65536'], '65536'],
    [['--port=-1'], '"-1"'],
    [['--app'], '--app'],
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
  test('lists every function with how it is called', () => {
    const text = formatFunctions(
      [
        { name: 'read', kind: 'httpTrigger', route: '/api/x/{id}', methods: ['GET', 'PUT'] },
        { name: 'any', kind: 'httpTrigger', route: '/api/any', methods: [] },
        { name: 'tick', kind: 'timerTrigger', disabled: true },
      ],
      'http://127.0.0.1:1',
    );
    expect(text.split('\n')).toEqual([
      'Functions:',
      '',
      '  read: [GET,PUT] http://127.0.0.1:1/api/x/{id}',
      '  any: [any] http://127.0.0.1:1/api/any',
      '  tick: timerTrigger (disabled)',
      '',
    ]);
  });

  test('marks what the app says with the function and the invocation', () => {
    const at = new Date('2026-01-01T10:11:12.345Z');
    const scope = { functionName: 'tick', invocationId: '12345678-aaaa' };
    expect(
      formatLine({ at, level: 'warning', category: 'Function.tick.User', message: 'hm', ...scope }),
    ).toBe('[10:11:12.345] WARNING tick 12345678: hm');
    expect(formatLine({ at, level: 'information', category: 'Host', message: 'ready' })).toBe(
      '[10:11:12.345] ready',
    );
  });
});
