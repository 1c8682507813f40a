/** The architecture's import rules, shown on small files that exist only here. */
import { Linter } from 'eslint';
import { parser } from 'typescript-eslint';
import { createImportRules } from '../../../scripts/lint-import-rules.mjs';

const linter = new Linter();

/** Messages that the import rules give for `code` at `file`. */
function lint(file: string, code: string): string[] {
  const config: Linter.Config[] = [
    { files: ['**/*.ts'], languageOptions: { parser } },
    ...createImportRules(),
  ];
  return linter.verify(code, config, { filename: file }).map(({ message }) => message);
}

describe('the direction of imports', () => {
  test.each([
    ['the domain may not import an adapter', 'shared/domain/plan.ts', '../azure/key-vault.ts'],
    ['the domain may not import a contract', 'shared/domain/plan.ts', '../contracts/read.ts'],
    ['the domain may not use Node', 'shared/domain/plan.ts', 'node:fs'],
    ['the domain may not use a package', 'shared/domain/plan.ts', 'zod'],
    ['contracts may not know Functions', 'shared/contracts/read.ts', 'durable-functions'],
    ['durable helpers may not reach adapters', 'shared/durable/call.ts', '../azure/ledger.ts'],
    ['adapters may not know Functions', 'shared/azure/ledger.ts', '@azure/functions'],
    ['adapters may not know Durable Functions', 'shared/azure/ledger.ts', 'durable-functions'],
    ['reading a file may not reach adapters', 'shared/certificates/x.ts', '../azure/ledger.ts'],
    ['reading a file may not use an Azure SDK', 'shared/certificates/x.ts', '@azure/identity'],
    ['the HTTP layer may not use an Azure SDK', 'shared/http/auth.ts', '@azure/identity'],
    ['the HTTP layer may not reach adapters', 'shared/http/auth.ts', '../azure/ledger.ts'],
    ['telling people may not reach adapters', 'shared/notify/post.ts', '../azure/ledger.ts'],
    ['telling people may not use an Azure SDK', 'shared/notify/post.ts', '@azure/eventgrid'],
    ['measuring may not reach adapters', 'shared/metrics/x.ts', '../azure/ledger.ts'],
    ['measuring may not use another SDK', 'shared/metrics/x.ts', '@azure/identity'],
    ['an activity may not know OpenTelemetry', 'functions/activities/x.ts', '@opentelemetry/api'],
    ['asking Azure may not know the app', 'local/verify/x.ts', '../../shared/config.ts'],
    ['asking Azure may not use clients', 'local/verify/x.ts', '@azure/arm-apimanagement'],
    ['reports may not reach adapters', 'shared/report/csv.ts', '../azure/ledger.ts'],
    ['configuration may not know Functions', 'shared/config.ts', '@azure/functions'],
    [
      'an orchestration may not reach adapters',
      'functions/orchestrations/sync.ts',
      '../../shared/azure/ledger.ts',
    ],
    [
      'an orchestration may not import an activity',
      'functions/orchestrations/sync.ts',
      '../activities/read.ts',
    ],
    ['an orchestration may not use Node', 'functions/orchestrations/sync.ts', 'node:crypto'],
    [
      'an orchestration may not use an old-style Node name',
      'functions/orchestrations/sync.ts',
      'fs',
    ],
    [
      'an orchestration may not use an Azure SDK',
      'functions/orchestrations/sync.ts',
      '@azure/identity',
    ],
    [
      'an activity may not import an adapter',
      'functions/activities/read.ts',
      '../../shared/azure/ledger.ts',
    ],
    ['an activity may not use an Azure SDK', 'functions/activities/read.ts', '@azure/identity'],
    [
      'a trigger may not import an adapter',
      'functions/triggers/sync.ts',
      '../../shared/azure/ledger.ts',
    ],
    ['the app may not import local/', 'functions/index.ts', '../local/azure/index.ts'],
    ['the app may not import tests', 'functions/index.ts', '../test/support/fleet.ts'],
    ['the command line may not import the app', 'cli/main.ts', '../shared/domain/source.ts'],
    ['the command line may not import local/', 'cli/main.ts', '../local/console/wrap.ts'],
    ['the command line may not use an Azure SDK', 'cli/main.ts', '@azure/identity'],
    ['the app may not import the command line', 'functions/index.ts', '../cli/api.ts'],
    ['local/ may not import the app', 'local/start.ts', '../functions/index.ts'],
    ['local/ may not import what the app knows', 'local/demo.ts', '../shared/domain/plan.ts'],
    ['local/ may not use an Azure SDK', 'local/seed/fleet.ts', '@azure/identity'],
    ['the host may not know the simulated Azure', 'local/host/http.ts', '../azure/index.ts'],
    ['the host may not bring its own Functions library', 'local/host/load.ts', '@azure/functions'],
    ['the host may not need its test kit', 'local/host/load.ts', './test-kit/index.ts'],
    ['the test kit may not know other apps', 'local/host/test-kit/x.ts', '../../app-roles.ts'],
    ['the test kit may not use an Azure SDK', 'local/host/test-kit/x.ts', '@azure/identity'],
    ['the simulated Azure may not know the host', 'local/azure/index.ts', '../host/index.ts'],
    ['the simulated Azure may not use an Azure SDK', 'local/azure/index.ts', '@azure/core-auth'],
    ['measurements may not import tests', 'bench/rotate.ts', '../test/support/fleet.ts'],
  ])('%s', (_name, file, specifier) => {
    expect(lint(file, `import { x } from '${specifier}';\nvoid x;\n`)).toEqual([
      expect.stringContaining('may not import'),
    ]);
  });

  test.each([
    ['shared/domain/plan.ts', './binding.ts'],
    ['shared/contracts/read.ts', '../domain/source.ts'],
    ['shared/contracts/read.ts', 'zod'],
    ['shared/durable/call.ts', '../contracts/read.ts'],
    ['shared/durable/call.ts', 'durable-functions'],
    ['shared/azure/ledger.ts', '../domain/binding.ts'],
    ['shared/azure/ledger.ts', '@azure/data-tables'],
    ['shared/azure/ledger.ts', 'node:crypto'],
    ['shared/http/auth.ts', '@azure/functions'],
    ['shared/config.ts', 'zod'],
    ['functions/orchestrations/sync.ts', '../../shared/durable/call.ts'],
    ['functions/orchestrations/sync.ts', './sweep.ts'],
    ['functions/activities/read.ts', '../../shared/contracts/read.ts'],
    ['functions/triggers/sync.ts', '../../shared/http/auth.ts'],
    ['functions/index.ts', '../shared/azure/ledger.ts'],
    ['functions/index.ts', './triggers/sync.ts'],
    ['local/start.ts', './azure/index.ts'],
    ['local/host/load.ts', './durable/index.ts'],
    ['local/host/test-kit/x.ts', '../durable/index.ts'],
    ['local/host/test-kit/x.ts', 'durable-functions'],
    ['local/host/load.ts', 'commander'],
    ['bench/rotate.ts', '../local/system.ts'],
    ['test/unit/plan.test.ts', '../../shared/domain/plan.ts'],
  ])('%s may import %s', (file, specifier) => {
    expect(lint(file, `import { x } from '${specifier}';\nvoid x;\n`)).toEqual([]);
  });

  test.each([
    ['export … from', "export { x } from '../azure/ledger.ts';"],
    ['export * from', "export * from '../azure/ledger.ts';"],
    ['import()', "void import('../azure/ledger.ts');"],
    ['require()', "require('../azure/ledger.ts');"],
    ['import type', "import type { X } from '../azure/ledger.ts';\nexport type Y = X;"],
    ['a type import in place', "export type Y = import('../azure/ledger.ts').X;"],
  ])('sees through %s', (_name, code) => {
    expect(lint('shared/domain/plan.ts', code)).toHaveLength(1);
  });

  test('an orchestration may name types of Durable Functions but not use the library', () => {
    const file = 'functions/orchestrations/sync.ts';
    const type = "import type { X } from 'durable-functions';\nexport type Y = X;";
    const value = "import { app } from 'durable-functions';\nvoid app;";
    expect(lint(file, type)).toEqual([]);
    expect(lint(file, value)).toHaveLength(1);
  });
});

describe('code that must decide the same every time', () => {
  const impure = [
    'export const now = () => Date.now();',
    'export const now = () => new Date();',
    'export const chance = () => Math.random();',
    'export const id = () => crypto.randomUUID();',
    'export const setting = () => process.env;',
    'setTimeout(() => undefined, 1);',
    'export async function read() {}',
    'export const read = async () => 1;',
    "void fetch('https://example.com');",
    "console.log('again, on every replay');",
  ];

  test.each(impure)('an orchestration may not contain: %s', (code) => {
    expect(lint('functions/orchestrations/sync.ts', code)).not.toEqual([]);
  });

  test.each(impure)('the domain may not contain: %s', (code) => {
    expect(lint('shared/domain/plan.ts', code)).not.toEqual([]);
  });

  test.each(impure)('an activity may contain: %s', (code) => {
    expect(lint('functions/activities/read.ts', code)).toEqual([]);
  });

  test('a date made from an argument is fine', () => {
    const code = 'export const read = (at: string) => new Date(at).getTime();';
    expect(lint('functions/orchestrations/sync.ts', code)).toEqual([]);
    expect(lint('shared/domain/plan.ts', code)).toEqual([]);
  });
});
