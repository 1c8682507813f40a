/** The workflows as data: nothing here runs them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group?: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = path.join(import.meta.dirname, '../../..');
const folder = path.join(root, '.github/workflows');
const workflows = readdirSync(folder).map((file) => ({
  file,
  workflow: parse(readFileSync(path.join(folder, file), 'utf8')) as Workflow,
}));
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** What a job may write, and nothing else. */
const MAY_WRITE: Readonly<Record<string, readonly string[]>> = {
  'codeql.yml': ['security-events'],
  'deploy.yml': ['id-token'],
  'release.yml': ['contents', 'id-token', 'attestations'],
};
const PUBLISHERS = ['actions', 'azure', 'github'];

const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);

test('there is one for each thing that is to be done', () => {
  expect(workflows.map(({ file }) => file).sort()).toEqual([
    ...['bicep.yml', 'checks.yml', 'codeql.yml', 'deploy.yml', 'release.yml'],
  ]);
});

describe.each(workflows)('the workflow $file', ({ file, workflow }) => {
  test('may read the repository, and more only in the job that needs it', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const granted = Object.values(workflow.jobs).flatMap(({ permissions = {} }) =>
      Object.entries(permissions).flatMap(([name, level]) => (level === 'read' ? [] : [name])),
    );
    expect(granted).toEqual(MAY_WRITE[file] ?? []);
  });

  test('does not run beside itself, nor for ever', () => {
    expect(workflow.concurrency?.group).toEqual(expect.stringContaining('${{'));
    for (const job of Object.values(workflow.jobs)) {
      expect(job['timeout-minutes']).toBeGreaterThan(0);
    }
  });

  test('uses actions of known publishers, by a version', () => {
    for (const { uses } of stepsOf(workflow)) {
      if (uses === undefined) continue;
      expect(uses).toMatch(/^[\w-]+\/[\w./-]+@(v\d+|[0-9a-f]{40})$/);
      expect(PUBLISHERS).toContain(uses.split('/')[0]?.toLowerCase());
    }
  });

  test('leaves no token behind in the checkout', () => {
    for (const step of stepsOf(workflow)) {
      if (step.uses?.startsWith('actions/checkout@') !== true) continue;
      expect(step.with).toMatchObject({ 'persist-credentials': false });
    }
  });

  test('puts nothing from outside into a script: values come as environment variables', () => {
    for (const { run = '' } of stepsOf(workflow)) expect(run).not.toContain('${{');
  });

  test('runs what exists', () => {
    for (const { run = '' } of stepsOf(workflow)) {
      for (const [, name = ''] of run.matchAll(/\bnpm run ([\w:-]+)/g)) {
        expect(scripts).toHaveProperty([name]);
      }
      for (const [named] of run.matchAll(/(?:\.ci|scripts|infra)\/[\w./-]+/g)) {
        expect({ named, exists: existsSync(path.join(root, named)) }).toEqual({
          named,
          exists: true,
        });
      }
    }
  });
});

test('the package is tried on every Node that is promised', () => {
  const text = readFileSync(path.join(folder, 'checks.yml'), 'utf8');
  expect(parse(text)).toMatchObject({
    jobs: { package: { strategy: { matrix: { node: [22, 24] } } } },
  });
  // Not by way of the repository's own commands: those run on the Node that it pins.
  expect(text).toMatch(
    /- run: node node_modules\/jest\/.* test\/integration\/repository\/package\.test\.ts/,
  );
});

test('a deployment takes over every variable that the templates and their hooks read', () => {
  const workflow = readFileSync(path.join(folder, 'deploy.yml'), 'utf8');
  const [, taken = ''] = /test\("([^"]+)"\)/.exec(workflow) ?? [];
  const parameters = readFileSync(path.join(root, 'infra/main.bicepparam'), 'utf8');
  const read = [...parameters.matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(
    ([, name = '']) => name,
  );
  expect(read).toContain('OTEL_EXPORTER_OTLP_ENDPOINT');
  expect(read.filter((name) => !new RegExp(taken).test(name))).toEqual([]);
  // Whatever else a repository keeps is none of its business.
  for (const name of ['PATH', 'NPM_TOKEN', 'OTEL_EXPORTER_OTLP_ENDPOINT_OLD', 'MY_AZURE_ID']) {
    expect([name, new RegExp(taken).test(name)]).toEqual([name, false]);
  }
});
