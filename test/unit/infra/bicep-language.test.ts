import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nameProblems } from '../../support/bicep/check-names.ts';
import { deploy, type Deployment } from '../../support/bicep/deploy.ts';
import { ScopeHandle } from '../../support/bicep/handles.ts';
import type { Value } from '../../support/bicep/late.ts';
import { parseBicep } from '../../support/bicep/parse.ts';
import { readParameters } from '../../support/bicep/read-parameters.ts';

const GROUP = new ScopeHandle({
  tenantId: '11111111-1111-1111-1111-111111111111',
  subscriptionId: '22222222-2222-2222-2222-222222222222',
  resourceGroup: 'rg',
  location: 'westeurope',
});

/** Writes the files into a folder of their own and deploys the first of them. */
function run(
  files: Readonly<Record<string, string>>,
  params: Record<string, Value> = {},
): Deployment {
  const folder = mkdtempSync(join(tmpdir(), 'bicep-'));
  for (const [name, source] of Object.entries(files)) writeFileSync(join(folder, name), source);
  const [first = ''] = Object.keys(files);
  return deploy(join(folder, first), { params, scope: GROUP });
}

const output = (expression: string, type = 'string'): Value =>
  run({ 'main.bicep': `output it ${type} = ${expression}\n` }).outputs['it'] ?? null;

describe('expressions of Bicep', () => {
  test.each<[string, string, string, Value]>([
    ['text with braces in its holes', 'string', "'a${length([{ b: '}' }])}c'", 'a1c'],
    ['escapes', 'string', String.raw`'it\'s \${x} \u{1F512}'`, "it's ${x} 🔒"],
    ['text of several lines', 'string', "'''\none ${not}\ntwo'''", 'one ${not}\ntwo'],
    ['a choice over several lines', 'string', "1 < 2\n  ? 'yes'\n  : 'no'", 'yes'],
    ['what binds tighter', 'int', '1 + 2 * 3 - 4 / 2', 5],
    ['and before or', 'bool', 'true || false && false', true],
    ['lambdas', 'array', "map(filter(['a', 'b'], x => x != 'a'), (x, i) => '${x}${i}')", ['b0']],
    ['spreads', 'object', '{ a: 1, ...{ a: 2, b: 3 } }', { a: 2, b: 3 }],
    ['safe members', 'string', "{ a: { } }.a.?b ?? 'none'", 'none'],
    [
      'loops over objects',
      'array',
      "[for entry in items({ b: 2, a: 1 }): '${entry.key}']",
      ['a', 'b'],
    ],
    ['case-blind equality', 'bool', "'Ab' =~ 'aB'", true],
    ['the end of a list', 'string', "last(split('/a/b', '/'))", 'b'],
  ])('reads %s', (_, type, expression, expected) => {
    expect(output(expression, type)).toEqual(expected);
  });

  test.each<[string, string, string]>([
    ['a name without meaning', 'output it string = nobody\n', 'nothing is called nobody'],
    ['a function that does not exist', "output it string = utcNow('u')\n", 'no function utcNow'],
    ['a string without end', "var a = 'abc\n", 'no end'],
    ['a value of another type', "output it int = 'a'\n", 'is no int'],
    ['a parameter that is not given', 'param a string\noutput b string = a\n', 'not given'],
    ['a key given twice', 'output it object = { a: 1, a: 2 }\n', 'twice'],
    ['a circle', 'var a = b\nvar b = a\noutput c string = a\n', 'depends on itself'],
    ['a missing comma', 'output it array = [1 2]\n', 'expected a comma'],
    ['a loop inside an argument', 'output it int = length([for a in []: a])\n', 'may not stand'],
    ['a condition over line ends', 'var a = true &&\n  false\n', 'expected a name'],
  ])('refuses %s and says where', (_, source, problem) => {
    expect(() => run({ 'main.bicep': source })).toThrow(problem);
    expect(() => run({ 'main.bicep': source })).toThrow(/main\.bicep:\d: /);
  });
});

describe('a deployment without Azure', () => {
  const STORE = `resource store 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'contoso'
  location: resourceGroup().location
  properties: { allowSharedKeyAccess: false }
  resource blobs 'blobServices' = {
    name: 'default'
  }
}
`;

  test('gives resources their ids, children and grandchildren included', () => {
    const { resources } = run({
      'main.bicep': `${STORE}resource box 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = [for name in ['a', 'b']: if (name != 'a') {
  parent: store::blobs
  name: name
}]
`,
    });
    expect(resources.map(({ id }) => id.split('/providers/')[1])).toEqual([
      'Microsoft.Storage/storageAccounts/contoso',
      'Microsoft.Storage/storageAccounts/contoso/blobServices/default',
      'Microsoft.Storage/storageAccounts/contoso/blobServices/default/containers/b',
    ]);
    expect(resources[0]?.body).toMatchObject({ location: 'westeurope' });
  });

  test('carries parameters into modules and outputs back, elsewhere too', () => {
    const { resources, outputs, modules } = run({
      'main.bicep': `${STORE}module inner 'inner.bicep' = {
  name: 'inner'
  scope: resourceGroup('33333333-3333-3333-3333-333333333333', 'far')
  params: { end: store.properties.primaryEndpoints.blob, flag: store.properties.allowSharedKeyAccess }
}
output said string = inner.outputs.said
`,
      'inner.bicep': `param end string
param flag bool
resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'lock'
  properties: { notes: end, level: flag ? 'ReadOnly' : 'CanNotDelete' }
}
output said string = '\${end}!'
`,
    });
    expect(outputs).toEqual({ said: '<store.properties.primaryEndpoints.blob>!' });
    expect(modules).toEqual([
      '/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/far/inner',
    ]);
    expect(resources.at(-1)).toMatchObject({
      id: '/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/far/providers/Microsoft.Authorization/locks/lock',
      body: { properties: { level: 'CanNotDelete' } },
    });
  });

  test.each([
    ['a name', 'name: store.properties.primaryEndpoints.blob'],
    ['a part of a name', "name: 'x${store.properties.secret}'"],
    ['a scope', "name: 'x'\n  scope: resourceGroup('other')"],
  ])('refuses %s that Azure could not use', (_, placing) => {
    const lock = `resource lock 'Microsoft.Authorization/locks@2020-05-01' = {\n  ${placing}\n}\n`;
    expect(() => run({ 'main.bicep': STORE + lock })).toThrow(/known at the start|goes elsewhere/);
  });

  test('refuses to read what its condition left out', () => {
    const source = `${STORE.replace('= {\n  name', '= if (false) {\n  name')}output it string = store.properties.x\n`;
    expect(() => run({ 'main.bicep': source })).toThrow('is not deployed');
    const asked = source.replace('store.properties.x', "empty('') ? 'none' : store.properties.x");
    expect(run({ 'main.bicep': asked }).outputs).toEqual({ it: 'none' });
  });

  test('refuses parameters that a module does not have', () => {
    const files = {
      'main.bicep': "module m 'm.bicep' = {\n  params: { a: 1 }\n}\n",
      'm.bicep': "@maxLength(2)\nparam b string = ''\noutput c string = b\n",
    };
    expect(() => run(files)).toThrow('has no parameter a');
    const long = { ...files, 'main.bicep': files['main.bicep'].replace('a: 1', "b: 'abc'") };
    expect(() => run(long)).toThrow('@maxLength');
  });
});

test('a parameter file reads the environment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bicep-'));
  const file = join(folder, 'main.bicepparam');
  writeFileSync(
    file,
    "using './main.bicep'\nparam vaults = split(readEnvironmentVariable('VAULTS', ''), ',')\n",
  );
  expect(readParameters(file, { VAULTS: 'a,b' })).toEqual({
    template: join(folder, 'main.bicep'),
    params: { vaults: ['a', 'b'] },
  });
});

test('names are checked in every branch, and unused ones are found', () => {
  const source = `param a string
type thing = { b: other }
var c = [for d in [a]: e]
resource f 'X.Y/z@2020-01-01' existing = { name: 'f' }
resource subscription 'X.Y/z@2020-01-01' = { name: subscription().id }
`;
  expect(nameProblems(parseBicep(source, 'x.bicep')).map(({ problem }) => problem)).toEqual([
    'nothing is called other',
    'nothing is called e',
    'subscription is declared and no function here',
    'nothing uses thing',
    'nothing uses c',
    'nothing uses f',
  ]);
});
