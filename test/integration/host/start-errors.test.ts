import { createServer, type AddressInfo, type Server } from 'node:net';
import {
  cleanUpHosts,
  spawnHost,
  startHostProcess,
  type HostProcessOptions,
} from '../../support/host/host-process.ts';

jest.setTimeout(60_000);
afterAll(cleanUpHosts);

async function fail(options: HostProcessOptions): Promise<{ code: number | null; text: string }> {
  const host = spawnHost(options);
  const code = await host.exited;
  return { code, text: host.output().trim() };
}

const require = `const { app, output } = require('@azure/functions');`;

describe('The command line ends with one line that says what is wrong when', () => {
  test.each<[string, HostProcessOptions, RegExp]>([
    [
      'the folder is missing',
      { appDir: '/no/such/folder' },
      /There is no folder \/no\/such\/folder\./,
    ],
    [
      'the folder is a file',
      { appDir: __filename },
      /^There is no folder \/.*start-errors\.test\.ts\.$/,
    ],
    [
      'the app ends the process while it loads',
      { files: { 'app.cjs': 'process.exit(0)' } },
      /^The app ended the process \(process\.exit\)\.$/,
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
      /The app threw while loading app\.cjs: VAULTS is missing \(app\.cjs:1:7\)/,
    ],
    [
      'the app is no JavaScript',
      { files: { 'app.cjs': 'const a = 1;\nlet = }' } },
      /The app threw while loading app\.cjs: Unexpected token '}' \(app\.cjs:2\)/,
    ],
    [
      'a package is missing',
      { files: { 'app.cjs': `require('left-pad')` } },
      /the package "left-pad" is not installed; run "npm install" in \//,
    ],
    [
      'the app rejects while it loads',
      {
        files: {
          'package.json': '{"main":"app.mjs"}',
          'app.mjs': `await Promise.reject(new Error('no vault'))`,
        },
      },
      /The app threw while loading app\.mjs: no vault \(app\.mjs:1:\d+\)/,
    ],
    [
      'the app is for another language',
      {
        files: {
          'app.cjs': '',
          'local.settings.json': '{"Values":{"FUNCTIONS_WORKER_RUNTIME":"python"}}',
        },
      },
      /FUNCTIONS_WORKER_RUNTIME is "python"; this host runs apps for "node" only\./,
    ],
    [
      'local.settings.json is no JSON, without quoting it',
      { files: { 'app.cjs': '', 'local.settings.json': '{"Values":{"P":"hunter2" "Q":1}}' } },
      /^Cannot read \S+local\.settings\.json: it is not JSON \(line 1, column 26\)\.$/,
    ],
    [
      'the time zone is unknown',
      {
        files: { 'app.cjs': `${require} app.timer('t', { schedule: '00:05', handler() {} })` },
        env: { WEBSITE_TIME_ZONE: 'Mars/Olympus' },
      },
      /The setting WEBSITE_TIME_ZONE is "Mars\/Olympus", which is no time zone/,
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

  test('bindings are not supported: all of them are named', async () => {
    const { code, text } = await fail({
      files: {
        'app.cjs': `${require}
          app.storageQueue('drain', { queueName: 'q', connection: 'c', handler() {} });
          app.timer('t', { schedule: '00:05', handler() {},
            extraOutputs: [output.generic({ type: 'queue', name: 'out' })] });`,
      },
    });
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/^Function "drain" uses the binding "queueTrigger\w+" of type "queueT/),
      expect.stringMatching(/^Function "t" uses the binding "out" of type "queue"/),
      expect.stringMatching(/^It has httpTrigger/),
      'To run the rest, put this before the command, or into "Values" of local.settings.json:',
      'AzureWebJobs__drain__Disabled=true AzureWebJobs__t__Disabled=true',
    ]);
    expect(code).toBe(1);
  });

  test('the state folder is in use', async () => {
    const files = {
      'app.cjs': `const df = require('durable-functions'); df.app.orchestration('o', function* () {})`,
    };
    const first = await startHostProcess({ files });
    const { code, text } = await fail({ appDir: first.appDir, stateDir: first.stateDir });
    await first.stop();
    expect(text).toMatch(/^The state folder \S+ is in use by another host; stop that one or/);
    expect(code).toBe(1);
  });

  test.each([
    ['throws', `setImmediate(() => { throw new Error('stray') })`, /stray \(app\.cjs:1:\d+\)$/m],
    ['rejects', `Promise.reject(new Error('stray'))`, /stray \(app\.cjs:1:\d+\)$/m],
    ['rejects with a text', `Promise.reject('stray')`, /a promise was rejected with "stray"$/m],
  ])('the app %s outside its functions', async (_, stray, line) => {
    const files = { 'app.cjs': `${require} app.get('a', () => ({})); ${stray}` };
    const { code, text } = await fail({ files });
    expect(text).toMatch(/^The app failed outside a function: /m);
    expect(text).toMatch(line);
    expect(code).toBe(1);
  });

  test('the app rejects outside its functions before it has registered any', async () => {
    const { code, text } = await fail({ files: { 'app.cjs': `Promise.reject(new Error('no'))` } });
    expect(text).toMatch(/^The app failed outside a function: no \(app\.cjs:1:\d+\)$/m);
    expect(code).toBe(1);
  });
});

test('Whoever asks for it is shown the stack', async () => {
  const files = { 'app.cjs': `throw new Error('no')` };
  const { text } = await fail({ files, args: ['--verbose'] });
  expect(text).toMatch(/^The app threw while loading app\.cjs: no .*\nError: no\n\s+at /);
});

test('--help explains itself and is no failure', async () => {
  const { code, text } = await fail({ files: {}, args: ['--help'] });
  expect(text).toMatch(/^A Functions host for one machine/);
  expect(code).toBe(0);
});
