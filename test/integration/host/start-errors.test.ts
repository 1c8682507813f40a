import { createServer, type AddressInfo, type Server } from 'node:net';
import {
  cleanUpHosts,
  spawnHost,
  type HostProcessOptions,
} from '../../support/host/host-process.ts';

jest.setTimeout(60_000);
afterAll(cleanUpHosts);

async function fail(options: HostProcessOptions): Promise<{ code: number | null; text: string }> {
  const host = spawnHost(options);
  const code = await host.exited;
  return { code, text: host.output().trim() };
}

const require = `const { app, input, output } = require('@azure/functions');`;

describe('The command line ends with one line that says what is wrong when', () => {
  test.each<[string, HostProcessOptions, RegExp]>([
    [
      'the folder is missing',
      { appDir: '/no/such/folder' },
      /There is no folder \/no\/such\/folder\./,
    ],
    ['package.json is no JSON', { files: { 'package.json': '{' } }, /Cannot read .*package\.json/],
    ['package.json has no main', { files: { 'package.json': '{}' } }, /has no "main"/],
    ['main is not there', { files: {} }, /"main" in .* is "app\.cjs", and there is no such file/],
    [
      'host.json is of another version',
      { files: { 'app.cjs': '', 'host.json': '{"version":"1.0"}' } },
      /host\.json: "version" must be "2\.0"/,
    ],
    [
      'the app throws while it loads',
      { files: { 'app.cjs': 'throw new Error("VAULTS is missing")' } },
      /The app threw while loading app\.cjs: VAULTS is missing/,
    ],
    [
      'a start hook throws',
      { files: { 'app.cjs': `${require} app.hook.appStart(() => { throw new Error('no') })` } },
      /An appStart hook of the app threw: no/,
    ],
    [
      'the app registers nothing',
      { files: { 'app.cjs': '' } },
      /registered no functions; app\.cjs should/,
    ],
    [
      'a trigger is not supported',
      {
        files: {
          'app.cjs': `${require} app.storageQueue('drain', { queueName: 'q', connection: 'c', handler() {} })`,
        },
      },
      /Function "drain" uses the binding "queueTrigger\w+" of type "queueTrigger"/,
    ],
    [
      'an output is not supported',
      {
        files: {
          'app.cjs': `${require} app.timer('t', { schedule: '0 0 * * * *', extraOutputs: [output.generic({ type: 'queue', name: 'out' })], handler() {} })`,
        },
      },
      /Function "t" uses the binding "out" of type "queue"/,
    ],
    [
      'a schedule makes no sense',
      {
        files: {
          'app.cjs': `${require} app.timer('t', { schedule: '0 61 * * * *', handler() {} })`,
        },
      },
      /The schedule of function "t" cannot be used: "0 61 \* \* \* \*": "61" is no minute/,
    ],
    [
      'a setting is missing',
      { files: { 'app.cjs': `${require} app.timer('t', { schedule: '%WHEN%', handler() {} })` } },
      /The app setting "WHEN" is missing; function "t"/,
    ],
    [
      'two functions claim one route',
      {
        files: {
          'app.cjs': `${require} app.http('a', { route: 'x/{y}', handler() {} }); app.http('b', { route: 'X/{z}', handler() {} })`,
        },
      },
      /The functions "a" and "b" both answer GET \/api\/X\/\{z\}/,
    ],
    [
      'one name is used twice',
      { files: { 'app.cjs': `${require} app.get('a', () => ({})); app.get('a', () => ({}))` } },
      /A function named "a" is registered already/,
    ],
    [
      'a function has no handler',
      { files: { 'app.cjs': `${require} app.http('a', () => ({}))` } },
      /Function "a" has no handler/,
    ],
    [
      'HTTP streams are asked for',
      {
        files: {
          'app.cjs': `${require} app.setup({ enableHttpStream: true }); app.get('a', () => ({}))`,
        },
      },
      /enableHttpStream/,
    ],
  ])('%s', async (_, options, line) => {
    const { code, text } = await fail(options);
    expect(text).toMatch(line);
    expect(text.split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  });

  test.each([
    [['--colour'], /'--colour'/],
    [['--port', 'many'], /--port must be a number/],
    [['more'], /'more'/],
  ])('it is called with %j', async (args, line) => {
    const { code, text } = await fail({ files: { 'app.cjs': '' }, args });
    expect(text).toMatch(line);
    expect(text.split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  test('the port is in use', async () => {
    const server = await new Promise<Server>((done) => {
      const one = createServer();
      one.listen(0, '127.0.0.1', () => done(one));
    });
    // A server that listens on a port has such an address.
    const { port } = server.address() as AddressInfo;
    const files = { 'app.cjs': `${require} app.get('a', () => ({}))` };
    const { code, text } = await fail({ files, args: ['--port', String(port)] });
    server.close();
    expect(text).toBe(`Port ${port} is in use by another program; choose another one with --port.`);
    expect(code).toBe(1);
  });

  test('the app breaks outside its functions', async () => {
    const { code, text } = await fail({
      files: {
        'app.cjs': `${require} app.get('a', () => ({})); setImmediate(() => Promise.reject(new Error('stray')))`,
      },
    });
    expect(text).toMatch(/The app failed outside a function: Error: stray/);
    expect(code).toBe(1);
  });
});
