import { cleanUpHosts, spawnHost, startHostProcess } from '../../support/host/host-process.ts';

jest.setTimeout(60_000);
afterAll(cleanUpHosts);

const files = {
  'host.json': JSON.stringify({
    version: '2.0',
    extensions: { durableTask: { hubName: 'hosted' } },
  }),
  'app.cjs': `
    const { app } = require('@azure/functions');
    const df = require('durable-functions');
    const { existsSync } = require('node:fs');
    const greet = df.app.activity('greet', { handler: (name) => 'Hello ' + name });
    const sum = df.app.activity('sum', { handler: ({ numbers }) => numbers.reduce((a, b) => a + b, 0) });
    const gate = df.app.activity('gate', { handler: async (_, context) => {
      context.log('at the gate');
      if (!existsSync(process.env.GATE)) await new Promise(() => undefined);
      return 'through';
    } });
    const refuse = df.app.activity('refuse', { handler: () => { throw new Error('not today'); } });
    df.app.orchestration('work', function* (context) {
      const { names, numbers } = context.df.getInput();
      const greetings = yield context.df.Task.all(names.map((name) => greet(name)));
      return { greetings, total: yield sum({ numbers }) };
    });
    df.app.orchestration('waits', function* (context) {
      const before = yield greet('before');
      return [before, yield gate(null), yield context.df.waitForExternalEvent('go')];
    });
    df.app.orchestration('fails', function* () { yield refuse(null); });
    app.http('start', { route: 'start/{name}', methods: ['POST'], extraInputs: [df.input.durableClient()],
      handler: async (request, context) => {
        const client = df.getClient(context);
        const id = await client.startNew(request.params.name, { input: await request.json() });
        return client.createCheckStatusResponse(request, id);
      } });
    app.http('raise', { route: 'raise/{id}', methods: ['POST'], extraInputs: [df.input.durableClient()],
      handler: async (request, context) => {
        await df.getClient(context).raiseEvent(request.params.id, 'go', await request.json());
        return { status: 202 };
      } });
  `,
};

async function start(
  url: string,
  name: string,
  input: unknown,
): Promise<{ id: string; statusQueryGetUri: string }> {
  const answer = await fetch(`${url}/api/start/${name}`, {
    method: 'POST',
    body: JSON.stringify(input),
  });
  expect(answer.status).toBe(202);
  // createCheckStatusResponse documents this body.
  return (await answer.json()) as { id: string; statusQueryGetUri: string };
}

async function finished(statusUri: string): Promise<unknown> {
  for (;;) {
    const answer = await fetch(statusUri);
    const status: unknown = await answer.json();
    if (answer.status !== 202) return status;
  }
}

describe('A durable app in the host', () => {
  test('runs orchestrations through its client and answers for them under the durable key', async () => {
    const host = await startHostProcess({ files });
    const { statusQueryGetUri } = await start(host.url, 'work', {
      names: ['a', 'b'],
      numbers: [1, 2, 3],
    });
    expect(new URL(statusQueryGetUri).origin).toBe(host.url);
    expect(await finished(statusQueryGetUri)).toMatchObject({
      runtimeStatus: 'Completed',
      output: { greetings: ['Hello a', 'Hello b'], total: 6 },
    });

    const withoutKey = new URL(statusQueryGetUri);
    withoutKey.searchParams.delete('code');
    expect((await fetch(withoutKey)).status).toBe(401);
    withoutKey.searchParams.set('code', host.keys.eventGrid);
    expect((await fetch(withoutKey)).status).toBe(401);
    expect(await host.stop()).toBe(0);
  });

  test('lets a failing activity fail its orchestration', async () => {
    const host = await startHostProcess({ files });
    const { statusQueryGetUri } = await start(host.url, 'fails', {});
    const status = await finished(statusQueryGetUri);
    expect(status).toMatchObject({ runtimeStatus: 'Failed' });
    expect(JSON.stringify(status)).toContain('not today');
    await host.stop();
  });

  test('goes on after the host was killed in the middle of an activity', async () => {
    const first = await startHostProcess({ files, env: { GATE: '/no/such/file' } });
    const { id } = await start(first.url, 'waits', {});
    await first.printed('at the gate');
    first.signal('SIGKILL');
    await first.exited;

    const { appDir, stateDir } = first;
    const second = await startHostProcess({ appDir, stateDir, env: { GATE: appDir } });
    await fetch(`${second.url}/api/raise/${id}`, { method: 'POST', body: '{"n":1}' });
    const status = `${second.url}/runtime/webhooks/durabletask/instances/${id}?code=${second.keys.durable}`;
    expect(await finished(status)).toMatchObject({
      runtimeStatus: 'Completed',
      output: ['Hello before', 'through', { n: 1 }],
    });
    expect(await second.stop()).toBe(0);
  });

  test('is not started twice on one state folder', async () => {
    const first = await startHostProcess({ files });
    const second = spawnHost({ appDir: first.appDir, stateDir: first.stateDir });
    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(/^The state folder .* is in use by another host;.*\n$/);
    await first.stop();
  });
});
