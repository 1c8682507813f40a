/** A host that is hit from within: by its own app, and by its disk. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  cleanUpHosts,
  newFolder,
  startHostProcess,
  type ServingHost,
} from '../support/host/host-process.ts';

jest.setTimeout(120_000);
afterAll(cleanUpHosts);

const files = {
  'host.json': JSON.stringify({ version: '2.0' }),
  'app.cjs': `
    const { appendFileSync, existsSync } = require('node:fs');
    const df = require('durable-functions');
    df.app.activity('crash', { handler: (how) => {
      appendFileSync(process.env.EFFECTS, how + '\\n');
      if (!existsSync(process.env.CRASH)) return 'survived';
      if (how === 'exit') process.exit(3);
      setTimeout(() => { throw new Error('nobody catches it'); });
      return new Promise(() => undefined);
    } });
    df.app.activity('fill', { handler: (n) => String(n % 10).repeat(50000) });
    df.app.orchestration('crashing', function* (context) {
      return yield context.df.callActivity('crash', context.df.getInput());
    });
    df.app.orchestration('filling', function* (context) {
      let length = 0;
      for (let i = 0; i < 20; i++) length += (yield context.df.callActivity('fill', i)).length;
      return length;
    });
  `,
};

async function startOrchestration(
  { url, keys }: ServingHost,
  name: string,
  input: unknown,
): Promise<void> {
  const address = `${url}/runtime/webhooks/durabletask/orchestrators/${name}/one?code=${keys.durable}`;
  const answer = await fetch(address, { method: 'POST', body: JSON.stringify(input) });
  expect(answer.status).toBe(202);
}

async function ended({ url, keys }: ServingHost): Promise<unknown> {
  const address = `${url}/runtime/webhooks/durabletask/instances/one?code=${keys.durable}`;
  for (;;) {
    const answer = await fetch(address);
    const status: unknown = await answer.json();
    if (answer.status !== 202) return status;
  }
}

test.each([
  ['exit', 3, 'The app ended the process (process.exit).'],
  ['throw', 1, 'The app failed outside a function: nobody catches it'],
])('an activity that ends the host (%s) runs again', async (how, code, said) => {
  const effects = path.join(newFolder(), 'effects.txt');
  const first = await startHostProcess({ files, env: { EFFECTS: effects, CRASH: '/' } });
  await startOrchestration(first, 'crashing', how).catch(() => {
    // It may be gone before it has answered.
  });
  expect(await first.exited).toBe(code);
  expect(first.output()).toContain(said);

  const { appDir, stateDir } = first;
  const env = { EFFECTS: effects, CRASH: '/no/such/file' };
  const second = await startHostProcess({ appDir, stateDir, env });
  expect(await ended(second)).toMatchObject({ runtimeStatus: 'Completed', output: 'survived' });
  expect(readFileSync(effects, 'utf8')).toBe(`${how}\n${how}\n`);
  expect(await second.stop()).toBe(0);
});

// No root and no file system of its own are needed: the shell limits how long a file may become, and
// a write that would go past it fails as it does on a full disk.
test('a host whose disk takes no more says so, stays, and goes on when there is room', async () => {
  const first = await startHostProcess({ files, maxFileBlocks: 400 });
  await startOrchestration(first, 'filling', null);
  await first.printed("orchestration 'one' could not be stored");
  expect((await fetch(first.url)).status).toBeLessThan(500);
  first.signal('SIGKILL');
  await first.exited;

  const { appDir, stateDir } = first;
  const second = await startHostProcess({ appDir, stateDir });
  expect(await ended(second)).toMatchObject({ runtimeStatus: 'Completed', output: 1_000_000 });
  expect(await second.stop()).toBe(0);
});
