import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished, post } from '../../support/host/durable-calls.ts';
import {
  cleanUpHosts,
  startHostProcess,
  type ServingHost,
} from '../../support/host/host-process.ts';

jest.setTimeout(60_000);
afterAll(cleanUpHosts);

// `step` notes each time it runs, and does what the environment says: fail, hang, or work.
const files = {
  'host.json': JSON.stringify({
    version: '2.0',
    extensions: { durableTask: { hubName: 'rewinding' } },
  }),
  'app.cjs': `
    const { app } = require('@azure/functions');
    const df = require('durable-functions');
    const { appendFileSync } = require('node:fs');
    const { join } = require('node:path');
    const note = (text) => appendFileSync(join(__dirname, 'ran.txt'), text + '\\n');
    const good = df.app.activity('good', { handler: (n) => { note('good ' + n); return n; } });
    const step = df.app.activity('step', { handler: async (_, context) => {
      note('step');
      if (process.env.STEP === 'fail') throw new Error('misconfigured');
      if (process.env.STEP === 'hang') {
        context.log('hanging now');
        await new Promise(() => undefined);
      }
      return 'done';
    } });
    df.app.orchestration('parent', function* (context) {
      const first = yield good(1);
      return [first, yield context.df.callSubOrchestrator('child', null, 'child')];
    });
    df.app.orchestration('child', function* () { return [yield good(2), yield step(null)]; });
    app.http('rewind', { route: 'rewind/{id}', methods: ['POST'], extraInputs: [df.input.durableClient()],
      handler: async (request, context) => {
        await df.getClient(context).rewind(request.params.id, 'the setting is right now');
        return { status: 202 };
      } });
  `,
};

const management = (host: ServingHost, address: string): string =>
  `${host.url}/runtime/webhooks/durabletask/${address}?code=${host.keys.durable}`;

test('a failed orchestration is rewound, survives a kill in the middle, and repeats no success', async () => {
  const failing = await startHostProcess({ files, env: { STEP: 'fail' } });
  await post(management(failing, 'orchestrators/parent/one'));
  expect(await finished(management(failing, 'instances/one'))).toMatchObject({
    runtimeStatus: 'Failed',
  });
  await failing.stop();

  const { appDir, stateDir } = failing;
  const hanging = await startHostProcess({ appDir, stateDir, env: { STEP: 'hang' } });
  expect((await post(`${hanging.url}/api/rewind/one`)).status).toBe(202);
  await hanging.printed('hanging now');
  hanging.signal('SIGKILL');
  await hanging.exited;

  const working = await startHostProcess({ appDir, stateDir, env: { STEP: 'work' } });
  expect(await finished(management(working, 'instances/one'))).toMatchObject({
    runtimeStatus: 'Completed',
    output: [1, [2, 'done']],
  });
  const ran = readFileSync(join(appDir, 'ran.txt'), 'utf8').trim().split('\n');
  expect(ran).toEqual(['good 1', 'good 2', 'step', 'step', 'step']);
  expect(await working.stop()).toBe(0);
});
