import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cleanUpHosts,
  startHostProcess,
  type ServingHost,
} from '../../support/host/host-process.ts';

jest.setTimeout(60_000);
afterAll(cleanUpHosts);

describe('The Event Grid webhook', () => {
  let host: ServingHost;

  beforeAll(async () => {
    host = await startHostProcess({
      files: {
        'app.cjs': `
          const { app } = require('@azure/functions');
          app.eventGrid('onEvent', { handler: (event, context) => {
            context.log('got', event.id, context.triggerMetadata.data.size);
            if (event.data.fail) throw new Error('a secret reason');
          } });
        `,
      },
    });
  });

  const deliver = (content: unknown, init: { type?: string; key?: string; name?: string } = {}) =>
    fetch(
      `${host.url}/runtime/webhooks/EventGrid?functionName=${init.name ?? 'onEvent'}&code=${init.key ?? host.keys.eventGrid}`,
      {
        method: 'POST',
        headers: { 'aeg-event-type': init.type ?? 'Notification' },
        body: typeof content === 'string' ? content : JSON.stringify(content),
      },
    );

  test('runs the function for every event of a batch', async () => {
    const events = [1, 2, 3].map((n) => ({ id: `e${n}`, data: { size: n } }));
    expect((await deliver(events)).status).toBe(202);
    for (const n of [1, 2, 3]) await host.printed(`got e${n} ${n}`);
  });

  test('answers what Event Grid needs to know', async () => {
    expect((await deliver([{ id: 'x', data: { fail: true } }])).status).toBe(500);
    expect((await deliver('{')).status).toBe(400);
    expect((await deliver([{}], { name: 'nobody' })).status).toBe(404);
    expect((await deliver([{}], { key: host.keys.functionDefault })).status).toBe(401);
    expect((await deliver([{ id: 'x'.repeat(1024 * 1024), data: {} }])).status).toBe(413);
    const handshake = await deliver([{ data: { validationCode: 'c0de' } }], {
      type: 'SubscriptionValidation',
    });
    expect(await handshake.json()).toEqual({ validationResponse: 'c0de' });
  });

  test('needs its key even where functions do not', async () => {
    expect((await deliver([{}], { key: '' })).status).toBe(401);
  });
});

describe('A timer function', () => {
  const files = {
    'app.cjs': `
      const { app } = require('@azure/functions');
      app.timer('tick', { schedule: '0 0 0 1 1 *', handler: (timer, context) => {
        context.log('tick ' + JSON.stringify({ isPastDue: timer.isPastDue, last: timer.scheduleStatus.last }));
      } });
      let failures = 2;
      app.timer('early', { schedule: '0 0 0 1 1 *', runOnStartup: true,
        retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: 1 },
        handler: (timer, context) => {
          if (failures-- > 0) throw new Error('not yet');
          context.log('early after', context.retryContext.retryCount, 'retries');
        } });
    `,
  };

  test('runs on start, with its retries, and when told to by hand', async () => {
    const host = await startHostProcess({ files });
    await host.printed('early after 2 retries');
    const run = (key: string) =>
      fetch(`${host.url}/admin/functions/tick`, {
        method: 'POST',
        headers: { 'x-functions-key': key, 'content-type': 'application/json' },
        body: '{"input":null}',
      });
    expect((await run(host.keys.functionDefault)).status).toBe(401);
    expect((await run(host.keys.master)).status).toBe(202);
    await host.printed('tick {"isPastDue":false,"last":"0001-01-01T00:00:00"}');
    await host.stop();
  });

  test('that was missed while the host was down runs at the next start, past due', async () => {
    const first = await startHostProcess({ files });
    await first.stop();
    const file = join(first.stateDir, 'timers', 'tick.json');
    const year = new Date().getUTCFullYear();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      next: `${year + 1}-01-01T00:00:00.000Z`,
    });

    // As though the host had been down since the summer of the year before.
    const last = `${year - 1}-07-01T00:00:00.000Z`;
    writeFileSync(
      file,
      JSON.stringify({ last, next: `${year}-01-01T00:00:00.000Z`, lastUpdated: last }),
    );
    const second = await startHostProcess({ appDir: first.appDir, stateDir: first.stateDir });
    await second.printed(`tick {"isPastDue":true,"last":"${year - 1}-07-01T00:00:00+00:00"}`);
    await second.printed(/Executed 'Functions\.tick' \(Succeeded/);
    await second.stop();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      next: `${year + 1}-01-01T00:00:00.000Z`,
    });
  });
});

describe('Stopping', () => {
  test('lets what runs finish and frees the port', async () => {
    const host = await startHostProcess({
      files: {
        'app.cjs': `
          const { app } = require('@azure/functions');
          const gate = Promise.withResolvers();
          app.get('slow', async (_, context) => { context.log('it began'); await gate.promise; return { body: 'finished' }; });
          process.on('SIGTERM', () => setImmediate(gate.resolve));
        `,
      },
    });
    const answer = fetch(`${host.url}/api/slow`).then((response) => response.text());
    await host.printed('it began');
    const [text, code] = await Promise.all([answer, host.stop()]);
    expect(text).toBe('finished');
    expect(code).toBe(0);
    await expect(fetch(host.url)).rejects.toThrow();
  });

  test('is no failure of an app that ends the process itself then', async () => {
    const host = await startHostProcess({
      files: {
        'app.cjs': `
          require('@azure/functions').app.get('a', () => ({}));
          process.on('SIGTERM', () => process.exit());
        `,
      },
    });
    expect(await host.stop()).toBe(0);
    expect(host.output()).not.toContain('The app ended the process');
  });

  test('at once, when asked a second time', async () => {
    const host = await startHostProcess({
      files: {
        'app.cjs': `
          const { app } = require('@azure/functions');
          app.get('stuck', async (_, context) => { context.log('it began'); await new Promise(() => undefined); });
        `,
      },
    });
    void fetch(`${host.url}/api/stuck`).catch(() => undefined);
    await host.printed('it began');
    host.signal('SIGINT');
    await host.printed('Once more stops at once.');
    host.signal('SIGINT');
    expect(await host.exited).toBe(1);
  });
});
