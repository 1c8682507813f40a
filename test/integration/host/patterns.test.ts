/**
 * The documented application patterns, each as an app of its own (`local/host/examples`), driven
 * over HTTP as a reader of the pages would.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { conforms } from '../../support/conformance.ts';
import { finished, orchestrate, post } from '../../support/host/durable-calls.ts';
import {
  cleanUpHosts,
  newFolder,
  startHostProcess,
  type ServingHost,
} from '../../support/host/host-process.ts';

jest.setTimeout(120_000);

const PAGES = 'https://learn.microsoft.com/azure/azure-functions/durable';
const PATTERNS = [
  'chaining',
  'fan-out-fan-in',
  'async-http',
  'monitor',
  'human-interaction',
  'aggregator',
  'critical-section',
] as const;
type Pattern = (typeof PATTERNS)[number];

const examples = resolve(__dirname, '../../../local/host/examples');
const hosts = new Map<Pattern, ServingHost>();
let backups: string;
let jobs: JobService;

beforeAll(async () => {
  backups = newFolder();
  jobs = await startJobService();
  const env = { BACKUP_FOLDER: backups, JOBS_URL: jobs.url, POLLING_SECONDS: '0.1' };
  await Promise.all(
    PATTERNS.map(async (name) => {
      const host = await startHostProcess({ appDir: join(examples, name), env });
      hosts.set(name, host);
    }),
  );
});
afterAll(async () => {
  await cleanUpHosts();
  jobs.server.close();
});

function hostOf(pattern: Pattern): ServingHost {
  const host = hosts.get(pattern);
  if (host === undefined) throw new Error(`${pattern} does not run.`);
  return host;
}

describe('chaining', () => {
  conforms(
    `${PAGES}/durable-functions-sequence`,
    'The hello sequence is accepted with 202 and an address, and greets its cities in order',
    async () => {
      const { url } = hostOf('chaining');
      const answer = await post(`${url}/api/orchestrators/HelloSequence`);
      expect(answer.status).toBe(202);
      const location = answer.headers.get('location') ?? '';
      expect(location).toMatch(
        /\/runtime\/webhooks\/durabletask\/instances\/[0-9a-f]+\?taskHub=chaining&connection=Storage&code=.+$/,
      );
      expect(await finished(location)).toMatchObject({
        runtimeStatus: 'Completed',
        input: null,
        output: ['Hello Tokyo!', 'Hello Seattle!', 'Hello London!'],
      });
    },
  );

  conforms(
    `${PAGES}/durable-functions-overview#chaining`,
    'What one function returns is what the next one gets',
    async () => {
      const { url } = hostOf('chaining');
      const order = { pieces: 3, price: 20 };
      const { output } = await orchestrate(`${url}/api/orchestrators/BillOrder`, order);
      expect(output).toBe('To pay: 71.4');
    },
  );

  conforms(
    `${PAGES}/durable-functions-overview#chaining`,
    "An error of any function in the chain is caught in the orchestrator's catch block",
    async () => {
      const { url } = hostOf('chaining');
      const order = { pieces: 0, price: 20 };
      const status = await orchestrate(`${url}/api/orchestrators/BillOrder`, order);
      expect(status.runtimeStatus).toBe('Completed');
      expect(status.output).toMatch(/^No bill: .*An order has at least one piece\./s);
    },
  );
});

conforms(
  `${PAGES}/durable-functions-cloud-backup`,
  'Fan out, fan in: every file of a folder is copied, and the result is the sum of their bytes',
  async () => {
    const folder = newFolder();
    const files: Record<string, string> = { 'a.log': 'one', 'b.log': 'three', 'c/d.log': 'eleven' };
    mkdirSync(join(folder, 'c'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);

    const { output } = await orchestrate(`${hostOf('fan-out-fan-in').url}/api/backups`, folder);
    expect(output).toBe(3 + 5 + 6);
    for (const [name, text] of Object.entries(files)) {
      expect(readFileSync(join(backups, name), 'utf8')).toBe(text);
    }
  },
);

describe('async HTTP', () => {
  const start = (seconds: number) =>
    post(`${hostOf('async-http').url}/api/orchestrators/DoWork`, { job: 'ironing', seconds });

  conforms(
    `${PAGES}/durable-functions-overview#async-http`,
    'A client is told 202 and where to ask as long as the work goes on',
    async () => {
      const answer = await start(3600);
      expect(answer.status).toBe(202);
      expect(answer.headers.get('retry-after')).toBe('10');
      const { id, statusQueryGetUri, terminatePostUri } = (await answer.json()) as Links;
      expect(answer.headers.get('location')).toBe(statusQueryGetUri);

      const asked = await fetch(statusQueryGetUri);
      expect(asked.status).toBe(202);
      expect(asked.headers.get('location')).toContain(id);
      expect(asked.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await asked.json()).toMatchObject({ name: 'DoWork', instanceId: id, output: null });

      const ended = await post(terminatePostUri.replace('{text}', 'enough'));
      expect(ended.status).toBe(202);
      expect(await finished(statusQueryGetUri)).toMatchObject({
        runtimeStatus: 'Terminated',
        output: 'enough',
      });
    },
  );

  conforms(
    `${PAGES}/durable-functions-overview#async-http`,
    'Once the work is done the same address answers 200 with the result',
    async () => {
      const answer = await start(0);
      const { statusQueryGetUri } = (await answer.json()) as Links;
      expect(await finished(statusQueryGetUri)).toMatchObject({
        runtimeStatus: 'Completed',
        customStatus: 'Finishing',
        output: 'Done: ironing',
      });
    },
  );

  conforms(
    `${PAGES}/durable-functions-http-features`,
    'A client that may wait gets the result itself, or 202 when it takes longer',
    async () => {
      const { url } = hostOf('async-http');
      const wait = `${url}/api/orchestrators/DoWork/wait`;
      const quick = await post(`${wait}?timeout=60`, { job: 'a nap', seconds: 0 });
      expect([quick.status, await quick.json()]).toEqual([200, 'Done: a nap']);
      const slow = await post(`${wait}?timeout=0.2`, { job: 'a sleep', seconds: 3600 });
      expect(slow.status).toBe(202);
      const { terminatePostUri } = (await slow.json()) as Links;
      await post(terminatePostUri.replace('{text}', 'enough'));
    },
  );
});

describe('monitor', () => {
  conforms(
    `${PAGES}/durable-functions-overview#monitoring`,
    'A monitor asks until the job is completed, alerts once and ends',
    async () => {
      jobs.answers('backup', ['Queued', 'Running', 'Completed']);
      const { output } = await orchestrate(`${hostOf('monitor').url}/api/monitors/backup`);
      expect(output).toBe('Alerted');
      expect(jobs.asked('backup')).toEqual(['GET', 'GET', 'GET', 'POST alert']);
    },
  );

  conforms(
    `${PAGES}/durable-functions-overview#monitoring`,
    'A monitor ends without an alert when its time is over',
    async () => {
      jobs.answers('stuck', ['Running']);
      const { url } = hostOf('monitor');
      const { output } = await orchestrate(`${url}/api/monitors/stuck?seconds=0.5`);
      expect(output).toBe('Expired');
      expect(jobs.asked('stuck')).not.toContain('POST alert');
      expect(jobs.asked('stuck').length).toBeGreaterThanOrEqual(1);
    },
  );
});

describe('human interaction', () => {
  const request = (what: string, seconds?: number) =>
    post(`${hostOf('human-interaction').url}/api/expenses`, { what, seconds });

  conforms(
    `${PAGES}/durable-functions-overview#human`,
    'An approval that comes in time is processed, and the timer is given up',
    async () => {
      const { statusQueryGetUri, sendEventPostUri } = (await (
        await request('A bicycle')
      ).json()) as Links;
      expect((await fetch(statusQueryGetUri)).status).toBe(202);
      const raised = await post(sendEventPostUri.replace('{eventName}', 'ApprovalEvent'), true);
      expect(raised.status).toBe(202);
      expect(await finished(statusQueryGetUri)).toMatchObject({
        runtimeStatus: 'Completed',
        output: 'A bicycle: approved',
      });
    },
  );

  conforms(
    `${PAGES}/durable-functions-external-events`,
    'A function of the app may raise the event too, and its payload is what the orchestrator gets',
    async () => {
      const { id, statusQueryGetUri } = (await (await request('A yacht')).json()) as Links;
      const { url } = hostOf('human-interaction');
      expect((await post(`${url}/api/expenses/${id}/refuse`)).status).toBe(202);
      expect((await post(`${url}/api/expenses/${id}/ponder`)).status).toBe(404);
      expect(await finished(statusQueryGetUri)).toMatchObject({ output: 'A yacht: refused' });
    },
  );

  conforms(
    `${PAGES}/durable-functions-overview#human`,
    'When nobody decides in time the request is escalated, and a late event is refused',
    async () => {
      const { statusQueryGetUri, sendEventPostUri } = (await (
        await request('A desk', 0.5)
      ).json()) as Links;
      expect(await finished(statusQueryGetUri)).toMatchObject({
        runtimeStatus: 'Completed',
        output: 'A desk: escalated',
      });
      const late = await post(sendEventPostUri.replace('{eventName}', 'ApprovalEvent'), true);
      expect(late.status).toBe(410);
    },
  );
});

describe('aggregator', () => {
  const metric = (name: string) => `${hostOf('aggregator').url}/api/metrics/${name}`;

  conforms(
    `${PAGES}/durable-functions-overview#aggregator`,
    'An entity adds up what comes from many callers at once, and loses nothing',
    async () => {
      expect((await fetch(metric('steps'))).status).toBe(404);
      const amounts = Array.from({ length: 20 }, (_, at) => at + 1);
      const answers = await Promise.all(amounts.map((amount) => post(metric('steps'), amount)));
      expect(answers.map(({ status }) => status)).toEqual(amounts.map(() => 202));
      await settles(metric('steps'), { value: 210 });
      expect((await fetch(metric('steps'), { method: 'DELETE' })).status).toBe(202);
      await settles(metric('steps'), { value: 0 });
    },
  );

  conforms(
    `${PAGES}/durable-functions-entities`,
    'An orchestration that signals an entity and then calls it sees its own signal',
    async () => {
      const { output } = await orchestrate(`${metric('floors')}/read-after-adding`, 7);
      expect(output).toBe(7);
    },
  );

  conforms(
    `${PAGES}/durable-functions-http-api#signal-entity`,
    'The built-in HTTP API signals an entity and reads its state',
    async () => {
      const { url, keys } = hostOf('aggregator');
      const entity = `${url}/runtime/webhooks/durabletask/entities/Counter/beats`;
      const signalled = await post(`${entity}?op=add&code=${keys.durable}`, 5);
      expect(signalled.status).toBe(202);
      await settles(`${entity}?code=${keys.durable}`, 5);
    },
  );
});

describe('critical section', () => {
  const account = (name: string) => `${hostOf('critical-section').url}/api/accounts/${name}`;
  const transfer = (from: string, to: string, amount: number) =>
    orchestrate(`${hostOf('critical-section').url}/api/transfers`, { from, to, amount });

  conforms(
    `${PAGES}/durable-functions-entities#entity-coordination`,
    'A transfer between two accounts happens as a whole or not at all',
    async () => {
      await post(account('ada'), 100);
      await settles(account('ada'), 100);
      expect(await transfer('ada', 'bob', 30)).toMatchObject({ output: true });
      expect(await transfer('ada', 'bob', 71)).toMatchObject({ output: false });
      expect(await (await fetch(account('ada'))).json()).toBe(70);
      expect(await (await fetch(account('bob'))).json()).toBe(30);
    },
  );

  conforms(
    `${PAGES}/durable-functions-entities#critical-section-rules`,
    'Transfers in both directions at once neither wait for each other for ever nor overdraw',
    async () => {
      await Promise.all([post(account('eve'), 50), post(account('zoe'), 50)]);
      await Promise.all([settles(account('eve'), 50), settles(account('zoe'), 50)]);
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, at) =>
          at % 2 === 0 ? transfer('eve', 'zoe', 20) : transfer('zoe', 'eve', 20),
        ),
      );
      expect(results.map(({ runtimeStatus }) => runtimeStatus)).toEqual(
        results.map(() => 'Completed'),
      );
      const [eve, zoe] = await Promise.all(
        ['eve', 'zoe'].map(async (name) => Number(await (await fetch(account(name))).json())),
      );
      expect(eve).toBeGreaterThanOrEqual(0);
      expect(zoe).toBeGreaterThanOrEqual(0);
      expect(Number(eve) + Number(zoe)).toBe(100);
    },
  );
});

test('every example is an app that could be deployed', () => {
  for (const name of PATTERNS) {
    const read = (file: string): unknown =>
      JSON.parse(readFileSync(join(examples, name, file), 'utf8'));
    expect(read('package.json')).toMatchObject({
      type: 'module',
      dependencies: {
        '@azure/functions': expect.any(String) as string,
        'durable-functions': expect.any(String) as string,
      },
    });
    expect(read('host.json')).toMatchObject({ version: '2.0', extensionBundle: {} });
    expect(existsSync(join(examples, name, 'src', 'app.js'))).toBe(true);
  }
});

/** What `createCheckStatusResponse` documents. */
interface Links {
  readonly id: string;
  readonly statusQueryGetUri: string;
  readonly sendEventPostUri: string;
  readonly terminatePostUri: string;
}

/** Until the address answers so; signals are worked off some time after they were taken. */
async function settles(url: string, wanted: unknown): Promise<void> {
  for (;;) {
    const answer = await fetch(url);
    const text = await answer.text();
    if (answer.ok && text === JSON.stringify(wanted)) return;
    await new Promise((done) => setTimeout(done, 20));
  }
}

interface JobService {
  readonly url: string;
  readonly server: Server;
  /** One after another; the last one from then on. */
  answers(job: string, statuses: readonly string[]): void;
  asked(job: string): readonly string[];
}

/** The service whose jobs the monitor watches. */
async function startJobService(): Promise<JobService> {
  const statuses = new Map<string, string[]>();
  const asked = new Map<string, string[]>();
  const server = createServer((request, response) => {
    const [, job = '', more] = (request.url ?? '').split('/');
    const calls = asked.get(job) ?? [];
    asked.set(job, [...calls, [request.method, more].filter(Boolean).join(' ')]);
    const left = statuses.get(job) ?? [];
    response.end(request.method === 'GET' ? (left.length > 1 ? left.shift() : left[0]) : '');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  // It listens on a port, not on a pipe.
  const { port } = server.address() as AddressInfo;
  return {
    server,
    url: `http://127.0.0.1:${String(port)}`,
    answers: (job, all) => void statuses.set(job, [...all]),
    asked: (job) => asked.get(job) ?? [],
  };
}
