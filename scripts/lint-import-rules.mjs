/**
 * The import rules of the architecture as lint rules: which folder may import which, which
 * packages each may use, and what code that must be deterministic may not touch.
 * docs/architecture.md says why; this file is where it is enforced.
 */
import { builtinModules } from 'node:module';
import path from 'node:path';

const FUNCTIONS_PACKAGES = ['@azure/functions', 'durable-functions'];

/**
 * Zones, most specific first; a file belongs to the first whose pattern matches its path.
 * `folders`: repository paths it may import (its own zone always). `packages`: what it may import
 * from npm (`*` = anything not in `except`). `types`: packages allowed with `import type` only.
 * `node`: whether Node's own modules are allowed.
 */
const ZONES = [
  {
    name: 'functions/orchestrations',
    files: /^functions\/orchestrations\//,
    folders: ['shared/domain/', 'shared/contracts/', 'shared/durable/'],
    packages: ['zod'],
    types: ['durable-functions'],
    node: false,
    why: 'an orchestration decides and waits; everything else it asks an activity for',
  },
  {
    name: 'functions/activities',
    files: /^functions\/activities\//,
    folders: ['shared/domain/', 'shared/contracts/', 'shared/map-bounded.ts'],
    packages: ['zod', ...FUNCTIONS_PACKAGES],
    node: true,
    why: 'activities get ports injected, never adapters',
  },
  {
    name: 'functions/triggers',
    files: /^functions\/triggers\//,
    folders: [
      'shared/domain/',
      'shared/contracts/',
      'shared/durable/',
      'shared/http/',
      'shared/report/',
      'shared/pages/',
      'shared/config.ts',
      'shared/map-bounded.ts',
    ],
    packages: ['zod', ...FUNCTIONS_PACKAGES],
    node: true,
    why: 'triggers get ports injected, never adapters',
  },
  {
    name: 'functions (composition root)',
    files: /^functions\//,
    folders: ['functions/', 'shared/'],
    packages: ['*'],
    node: true,
    why: 'the app is deployed without local/, test/, bench/ and scripts/',
  },
  {
    name: 'shared/domain',
    files: /^shared\/domain\//,
    folders: [],
    packages: [],
    node: false,
    why: 'the domain is pure and knows nothing but itself',
  },
  {
    name: 'shared/contracts',
    files: /^shared\/contracts\//,
    folders: ['shared/domain/'],
    packages: ['zod'],
    node: false,
    why: 'contracts are schemas over the domain',
  },
  {
    name: 'shared/durable',
    files: /^shared\/durable\//,
    folders: ['shared/domain/', 'shared/contracts/'],
    packages: ['zod', ...FUNCTIONS_PACKAGES],
    node: true,
    why: 'durable helpers serve orchestrations and must not reach adapters',
  },
  {
    name: 'shared/azure',
    files: /^shared\/azure\//,
    folders: [
      'shared/domain/',
      'shared/certificates/',
      'shared/policies/',
      'shared/map-bounded.ts',
    ],
    packages: ['*'],
    except: FUNCTIONS_PACKAGES,
    node: true,
    why: 'adapters implement the ports of the domain and know nothing of Functions',
  },
  {
    name: 'shared/certificates',
    files: /^shared\/certificates\//,
    folders: ['shared/domain/'],
    packages: ['node-forge'],
    node: true,
    why: 'reading a file must not depend on where it came from or goes to',
  },
  {
    name: 'shared/policies',
    files: /^shared\/policies\//,
    folders: ['shared/domain/'],
    packages: ['saxes'],
    node: false,
    why: 'reading and rewriting a policy is a pure function of its text',
  },
  {
    name: 'shared/http',
    files: /^shared\/http\//,
    folders: ['shared/domain/', 'shared/contracts/', 'shared/pages/', 'shared/config.ts'],
    packages: ['zod', ...FUNCTIONS_PACKAGES],
    node: true,
    why: 'the HTTP layer turns domain errors into answers and reaches no adapter',
  },
  {
    name: 'shared/report',
    files: /^shared\/report\//,
    folders: ['shared/domain/', 'shared/contracts/', 'shared/pages/'],
    packages: ['echarts', 'zod'],
    node: true,
    why: 'a report is a view of domain values',
  },
  {
    name: 'shared/pages/client',
    files: /^shared\/pages\/client\//,
    folders: ['shared/domain/', 'shared/pages/', 'shared/report/'],
    packages: [],
    node: false,
    why: 'it runs in a browser, and what it shares with the server must be pure',
  },
  {
    name: 'shared/pages',
    files: /^shared\/pages\//,
    folders: ['shared/domain/'],
    packages: [],
    node: true,
    why: 'what all pages share knows none of them',
  },
  {
    name: 'shared/notify',
    files: /^shared\/notify\//,
    folders: ['shared/domain/'],
    packages: [],
    node: true,
    why: 'telling people needs HTTP and a signature, and nothing of Azure',
  },
  {
    name: 'shared/metrics',
    files: /^shared\/metrics\//,
    folders: ['shared/domain/'],
    packages: ['@opentelemetry/*', '@azure/monitor-opentelemetry-exporter'],
    node: true,
    why: 'everything else measures through the port of the domain',
  },
  {
    name: 'shared',
    files: /^shared\//,
    folders: ['shared/domain/', 'shared/metrics/settings.ts'],
    packages: ['zod'],
    node: true,
    why: 'only shared/azure uses Azure SDKs; only shared/durable and shared/http know Functions',
  },
  {
    name: 'local/host/test-kit',
    files: /^local\/host\/test-kit\//,
    folders: ['local/host/'],
    packages: FUNCTIONS_PACKAGES,
    node: true,
    why: 'it runs orchestrators through the real library on the engine, and knows no app',
  },
  {
    name: 'local/host',
    files: /^local\/host\//,
    folders: [],
    packages: ['*'],
    except: ['@azure/*', 'durable-functions'],
    node: true,
    why: 'the host loads a built app and knows nothing of the app or of the simulated Azure',
  },
  {
    name: 'local/azure',
    files: /^local\/azure\//,
    folders: [],
    packages: ['*'],
    except: ['@azure/*', 'durable-functions'],
    node: true,
    why: 'the simulated Azure is defined by the wire contract alone',
  },
  {
    name: 'local/verify',
    files: /^local\/verify\//,
    folders: ['local/'],
    packages: ['@azure/core-auth', '@azure/core-rest-pipeline', '@azure/identity', 'node-forge'],
    node: true,
    why: 'it asks Azure by its wire, of which clients hide what is asked about',
  },
  {
    name: 'local',
    files: /^local\//,
    folders: ['local/'],
    packages: ['*'],
    except: ['@azure/*', 'durable-functions'],
    node: true,
    why: 'local/ runs the built app as Azure would and knows Azure only by its wire',
  },
  {
    name: 'cli',
    files: /^cli\//,
    folders: [],
    packages: ['cli-table3', 'commander', 'picocolors'],
    node: true,
    why: 'the command line knows Certkeeper by its HTTP API alone',
  },
  {
    name: 'bench',
    files: /^bench\//,
    folders: ['local/', 'shared/', 'functions/', 'scripts/'],
    packages: ['*'],
    node: true,
    why: 'measurements must not depend on tests',
  },
  {
    name: 'test',
    files: /^test\//,
    folders: [''],
    packages: ['*'],
    node: true,
    why: '',
  },
];

const builtins = new Set(builtinModules);

/** True when `name` is the package or, for `@scope/*`, of the scope. */
function isPackage(pattern, name) {
  return pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

function packageName(specifier) {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}

/** Why the import is not allowed, or undefined when it is. Paths are relative to the root, with `/`. */
function refusal(zone, file, specifier, typeOnly) {
  if (specifier.startsWith('.')) {
    const target = path.posix.join(path.posix.dirname(file), specifier);
    const own = zone.files.test(target) && zoneOf(target) === zone;
    if (own || zone.folders.some((folder) => target.startsWith(folder))) return undefined;
    return `${zone.name} may not import ${target}`;
  }
  if (specifier.startsWith('node:') || builtins.has(specifier)) {
    return zone.node ? undefined : `${zone.name} may not import Node's ${specifier}`;
  }
  const name = packageName(specifier);
  const named = zone.packages.some((pattern) => pattern !== '*' && isPackage(pattern, name));
  const excepted = (zone.except ?? []).some((pattern) => isPackage(pattern, name));
  if (named || (zone.packages.includes('*') && !excepted)) return undefined;
  if (typeOnly && (zone.types ?? []).some((pattern) => isPackage(pattern, name))) return undefined;
  return `${zone.name} may not import the package ${name}`;
}

function zoneOf(file) {
  return ZONES.find((zone) => zone.files.test(file));
}

/** The rule `architecture/imports-run-one-way`. */
const importsRunOneWay = {
  meta: { type: 'problem', schema: [], messages: { refused: '{{what}}: {{why}}.' } },
  create(context) {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join('/');
    const zone = zoneOf(file);
    if (zone === undefined) return {};
    const check = (node, source, typeOnly) => {
      if (typeof source?.value !== 'string') return;
      const what = refusal(zone, file, source.value, typeOnly);
      if (what !== undefined) {
        context.report({ node, messageId: 'refused', data: { what, why: zone.why } });
      }
    };
    return {
      ImportDeclaration: (node) => check(node, node.source, node.importKind === 'type'),
      ExportNamedDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ImportExpression: (node) => check(node, node.source, false),
      TSImportType: (node) => check(node, node.source, true),
      TSExternalModuleReference: (node) => check(node, node.expression, false),
      "CallExpression[callee.name='require']": (node) => check(node, node.arguments[0], false),
    };
  },
};

/** Globals through which a clock, randomness, I/O or waiting would get in. */
const IMPURE_GLOBALS = [
  'console',
  'crypto',
  'fetch',
  'globalThis',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
];

function pureRules(where, instead) {
  const message = `${where}: ${instead}`;
  return {
    'no-restricted-globals': ['error', ...IMPURE_GLOBALS.map((name) => ({ name, message }))],
    'no-restricted-properties': [
      'error',
      { object: 'Math', property: 'random', message },
      { object: 'Date', property: 'now', message },
    ],
    'no-restricted-syntax': [
      'error',
      { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message },
      { selector: "CallExpression[callee.name='Date']", message },
      { selector: ':function[async=true]', message },
      { selector: 'AwaitExpression', message },
      { selector: 'ForOfStatement[await=true]', message },
    ],
  };
}

/**
 * ESLint flat-config entries that enforce the architecture's import rules.
 * @returns {import('eslint').Linter.Config[]}
 */
export function createImportRules() {
  return [
    {
      files: ['{functions,shared,cli,local,bench,test}/**/*.ts'],
      plugins: { architecture: { rules: { 'imports-run-one-way': importsRunOneWay } } },
      rules: { 'architecture/imports-run-one-way': 'error' },
    },
    {
      files: ['functions/orchestrations/**/*.ts'],
      rules: pureRules(
        'an orchestration is replayed and must decide the same every time',
        'take time and ids from context.df, everything else from an activity, and yield to wait.',
      ),
    },
    {
      files: ['shared/domain/**/*.ts'],
      rules: pureRules('the domain is pure', 'take it, the time included, as an argument.'),
    },
  ];
}
