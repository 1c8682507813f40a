import path from 'node:path';
import {
  readFolder,
  readOptions,
  readPort,
  refuseSharedPorts,
  UsageError,
} from '../../../local/console/options.ts';
import { formatTable } from '../../../local/console/table.ts';
import { TookTooLongError, waitFor } from '../../../local/console/wait-for.ts';
import { wrap } from '../../../local/console/wrap.ts';

describe('options', () => {
  const options = { port: { type: 'string', default: '7071' } } as const;

  test('an option that is not given has its default', () => {
    expect(readOptions([], options)).toMatchObject({ port: '7071' });
  });

  test.each([
    ['an unknown option', ['--prot', '1']],
    ['a word that is no option', ['7071']],
    ['an option without its value', ['--port']],
    ['a value that looks like an option', ['--port', '-1']],
  ])('%s is refused in one line that says where to look', (_name, args) => {
    const read = () => readOptions(args, options);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(/^[^\n]*--help lists the options\.$/);
  });

  test('a folder is made absolute, and must have a name', () => {
    expect(readFolder('--state', 'some where')).toBe(path.resolve('some where'));
    expect(() => readFolder('--state', '')).toThrow('--state must name a folder.');
  });

  test.each(['0', '7071', '65535'])('%s is a port', (text) => {
    expect(readPort('--port', text)).toBe(Number(text));
  });

  test.each(['', '-1', 'x', '65536', '70711', '1e3', ' 7071'])('"%s" is no port', (text) => {
    expect(() => readPort('--port', text)).toThrow(`--port must be a number from 0 to 65535`);
  });

  test('a port that two more follow leaves room for them', () => {
    expect(readPort('--storage-port', '65533', 2)).toBe(65_533);
    expect(() => readPort('--storage-port', '65534', 2)).toThrow('from 0 to 65533');
  });
});

describe('ports', () => {
  test('a port that two options want is refused, and both are named', () => {
    expect(() => refuseSharedPorts({ '--port': [7575], '--azure-port': [7575] })).toThrow(
      new UsageError('--port and --azure-port both want port 7575: give each its own.'),
    );
    expect(() =>
      refuseSharedPorts({ '--port': [10_002], '--storage-port': [10_000, 10_001, 10_002] }),
    ).toThrow('--port and --storage-port both want port 10002');
  });

  test('any free port may be wanted more than once', () => {
    expect(() => refuseSharedPorts({ '--port': [0], '--azure-port': [0] })).not.toThrow();
  });
});

describe('what is printed', () => {
  test('a table is as wide as its widest cells and ends no line in blanks', () => {
    expect(
      formatTable(
        ['Name', 'State'],
        [
          ['a', 'verified'],
          ['longer', ''],
        ],
      ).split('\n'),
    ).toEqual(['Name    State', '------  --------', 'a       verified', 'longer']);
  });

  test('text is broken at blanks before the last column', () => {
    expect(wrap('one two three four', '  ', 11).split('\n')).toEqual([
      '  one two',
      '  three',
      '  four',
    ]);
  });

  test('a word longer than the line stays whole, since somebody may copy it', () => {
    expect(wrap('see /a/very/long/path now', '', 10).split('\n')).toEqual([
      'see',
      '/a/very/long/path',
      'now',
    ]);
  });
});

describe('waiting', () => {
  test('it ends with the first answer', async () => {
    const answers = [undefined, undefined, 'there'];
    await expect(waitFor('It', () => Promise.resolve(answers.shift()))).resolves.toBe('there');
    expect(answers).toEqual([]);
  });

  test('it gives up after the time, saying what did not happen', async () => {
    const waiting = waitFor('The rotation', () => Promise.resolve(undefined), { seconds: 0 });
    await expect(waiting).rejects.toThrow(TookTooLongError);
    await expect(waiting).rejects.toThrow('The rotation did not happen within 0 s.');
  });

  test('it ends when it is called off', async () => {
    const off = AbortSignal.abort(new Error('stopped'));
    const waiting = waitFor('It', () => Promise.resolve(undefined), { signal: off });
    await expect(waiting).rejects.toThrow('stopped');
  });
});
