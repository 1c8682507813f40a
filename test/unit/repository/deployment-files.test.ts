/** What says to Azure, editors and containers how this app is run. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { environmentSchema } from '../../../shared/config/environment.ts';

const root = path.join(import.meta.dirname, '../../..');
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const { scripts } = read('package.json') as { readonly scripts: Readonly<Record<string, string>> };

test('host.json keeps what orchestrations hold out of traces, and stamps their version', () => {
  expect(read('host.json')).toMatchObject({
    version: '2.0',
    telemetryMode: 'OpenTelemetry',
    extensions: {
      durableTask: {
        hubName: 'certkeeper',
        defaultVersion: expect.stringMatching(/^\d+$/) as string,
        versionMatchStrategy: 'None',
        tracing: { traceInputsAndOutputs: false },
      },
    },
  });
});

test('the extension bundle is one that knows versions of orchestrations', () => {
  // https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-orchestration-versioning
  const { extensionBundle } = read('host.json') as {
    readonly extensionBundle: { readonly version: string };
  };
  expect(extensionBundle.version).toBe('[4.26.0, 5.0.0)');
});

test('the sample of local settings names settings that exist, and holds no secret', () => {
  const { Values: values } = read('local.settings.json.sample') as {
    readonly Values: Readonly<Record<string, string>>;
  };
  const known = [...Object.keys(environmentSchema.shape), 'FUNCTIONS_WORKER_RUNTIME'];
  expect(Object.keys(values).filter((name) => !known.includes(name))).toEqual([]);
  expect(JSON.stringify(values)).not.toMatch(/AccountKey|password/i);
});

test('what is published from the folder is what the package holds', () => {
  const kept = readFileSync(path.join(root, '.funcignore'), 'utf8')
    .split('\n')
    .flatMap((line) => (line.startsWith('!/') ? [line.slice(2)] : []));
  expect(kept).toEqual(['dist', 'dist/app.cjs', 'host.json', 'package.json']);
});

test('tasks of the editor run scripts that exist', () => {
  const { tasks } = read('.vscode/tasks.json') as {
    readonly tasks: readonly { readonly script: string }[];
  };
  for (const { script } of tasks) expect(scripts).toHaveProperty([script]);
});

test.each(['.vscode/extensions.json', '.vscode/launch.json', '.devcontainer/devcontainer.json'])(
  '%s can be read',
  (file) => {
    expect(read(file)).toEqual(expect.any(Object));
  },
);
