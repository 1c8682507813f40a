import { cpSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cleanUpHosts, startHostProcess, writeApp } from '../../support/host/host-process.ts';

jest.setTimeout(60_000);
afterAll(cleanUpHosts);

const modules = resolve(__dirname, '../../../node_modules');

describe('An app', () => {
  test('of ten lines runs, without host.json and without keys', async () => {
    const host = await startHostProcess({
      files: {
        'package.json': '{ "name": "tiny", "main": "index.js" }',
        'index.js': `
          const { app } = require('@azure/functions');
          app.http('hello', {
            authLevel: 'function',
            handler: async (request) => ({ body: 'Hello ' + (await request.text()) }),
          });
        `,
      },
    });
    const answer = await fetch(`${host.url}/api/hello`, { method: 'POST', body: 'you' });
    expect(await answer.text()).toBe('Hello you');
    expect(await host.stop()).toBe(0);
  });

  test('may be made of ES modules that a pattern names, and wait while it loads', async () => {
    const host = await startHostProcess({
      files: {
        'package.json': '{ "type": "module", "main": "src/{index.js,functions/*.js}" }',
        'host.json': '{ "version": "2.0", "extensions": { "http": { "routePrefix": "" } } }',
        'src/index.js': `
          import { app } from '@azure/functions';
          await Promise.resolve();
          app.hook.appStart(() => console.log('the app started'));
          app.hook.appTerminate(() => console.log('the app ended'));
        `,
        'src/functions/a.js': `import { app } from '@azure/functions'; app.get('a', () => ({ body: 'A' }));`,
        'src/functions/b.js': `
          import { app } from '@azure/functions';
          import { hostVersion } from '@azure/functions-core';
          app.http('b', { route: 'b/{x}', handler: () => ({ body: hostVersion }) });
        `,
      },
    });
    expect(await (await fetch(`${host.url}/a`)).text()).toBe('A');
    expect(await (await fetch(`${host.url}/b/1`)).text()).toMatch(/^4\./);
    expect(host.output()).toContain('the app started');
    expect(await host.stop()).toBe(0);
    expect(host.output()).toContain('the app ended');
  });

  test('may bring its own copy of the library', async () => {
    const appDir = writeApp({
      'app.cjs': `
        const { app } = require('@azure/functions');
        app.get('where', () => ({ body: require.resolve('@azure/functions') }));
      `,
      'node_modules/.keep': '',
    });
    for (const name of ['@azure/functions', '@azure/functions-extensions-base', 'cookie']) {
      mkdirSync(join(appDir, 'node_modules', name), { recursive: true });
      cpSync(join(modules, name), join(appDir, 'node_modules', name), { recursive: true });
    }
    const host = await startHostProcess({ appDir });
    const where = await (await fetch(`${host.url}/api/where`)).text();
    expect(where).toContain(join(appDir, 'node_modules'));
    await host.stop();
  });

  test('finds its settings in the environment, its folder as working folder, and where it is', async () => {
    const host = await startHostProcess({
      files: {
        'app.cjs': `
          const { app } = require('@azure/functions');
          app.http('env', { route: '%ROUTE%', handler: () => ({ jsonBody: {
            cwd: process.cwd(), name: process.env.WEBSITE_HOSTNAME, own: process.env.OWN } }) });
        `,
      },
      env: { ROUTE: 'configured/{x}', OWN: 'yes' },
    });
    expect(await (await fetch(`${host.url}/api/configured/1`)).json()).toEqual({
      cwd: host.appDir,
      name: new URL(host.url).host,
      own: 'yes',
    });
    await host.stop();
  });

  test('finds the settings of its local.settings.json where the environment has none', async () => {
    const host = await startHostProcess({
      files: {
        'app.cjs': `
          const { app } = require('@azure/functions');
          const { OWN, SHARED } = process.env;
          app.get('settings', () => ({ jsonBody: { OWN, SHARED } }));
          app.storageQueue('drain', { queueName: 'q', connection: 'c', handler() {} });
        `,
        'local.settings.json': `{ // not for Azure
          "Values": { "OWN": "file", "SHARED": "file", "AzureWebJobs.drain.Disabled": true },
        }`,
      },
      env: { SHARED: 'environment' },
    });
    expect(await (await fetch(`${host.url}/api/settings`)).json()).toEqual({
      OWN: 'file',
      SHARED: 'environment',
    });
    expect(host.output()).toContain('drain: queueTrigger (disabled)');
    await host.stop();
  });

  test('lives on after a rejection that it listens to itself', async () => {
    const host = await startHostProcess({
      files: {
        'app.cjs': `
          const { app } = require('@azure/functions');
          process.on('unhandledRejection', (error) => console.log('it heard', error.message));
          app.get('stray', () => { void Promise.reject(new Error('stray')); return {}; });
        `,
      },
    });
    expect((await fetch(`${host.url}/api/stray`)).status).toBe(200);
    await host.printed('it heard stray');
    expect((await fetch(`${host.url}/api/stray`)).status).toBe(200);
    expect(await host.stop()).toBe(0);
  });

  test('has its console in the log, at its levels and without colours', async () => {
    const host = await startHostProcess({
      files: {
        'host.json': JSON.stringify({
          version: '2.0',
          logging: { logLevel: { 'Host.Function.Console': 'Warning' } },
        }),
        'app.cjs': `
          const { app } = require('@azure/functions');
          app.get('talk', () => { console.log('unheard'); console.warn('heard'); return {}; });
        `,
      },
    });
    await fetch(`${host.url}/api/talk`);
    const text = await host.printed(/^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] WARNING heard$/m);
    expect(text).not.toContain('unheard');
    expect(text).not.toContain('\u001b');
    await host.stop();
  });

  test('is heard as loudly as host.json says', async () => {
    const host = await startHostProcess({
      files: {
        'host.json': JSON.stringify({
          version: '2.0',
          logging: { logLevel: { default: 'Warning', 'Function.talk.User': 'Debug' } },
        }),
        'app.cjs': `
          const { app } = require('@azure/functions');
          app.get('talk', (_, context) => { context.debug('heard'); context.trace('not heard'); return { body: '' }; });
          app.get('hush', (_, context) => { context.info('not heard'); context.warn('last'); return { body: '' }; });
        `,
      },
    });
    await fetch(`${host.url}/api/talk`);
    await fetch(`${host.url}/api/hush`);
    const text = await host.printed('last');
    expect(text).toContain('heard');
    expect(text).not.toContain('not heard');
    expect(text).not.toContain('Executing');
    await host.stop();
  });
});
