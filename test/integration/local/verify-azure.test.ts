/** `npm run verify:azure`, against the simulated Azure. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../../local/repository.ts';
import type { AzureWire } from '../../../local/seed/azure-wire.ts';
import { startLocalPlace, type LocalPlace } from '../../../local/verify/local-place.ts';
import { readCommand, type VerifyOptions } from '../../../local/verify/options.ts';
import type { Outcome } from '../../../local/verify/outcome.ts';
import { makeFile } from '../../../local/verify/questions/files.ts';
import { AREAS } from '../../../local/verify/questions/index.ts';
import { verifyAt } from '../../../local/verify/verify.ts';
import { temporaryFolder } from '../../support/host/temporary-folder.ts';

const folder = temporaryFolder();

function optionsOf(...args: readonly string[]): VerifyOptions {
  const command = readCommand(['--against', 'local', ...args], AREAS, {});
  if (command.kind !== 'verify') throw new Error('It does not verify');
  return command.options;
}

/** A run in a simulated Azure that goes on when the run is over. */
async function run(
  place: LocalPlace,
  options: VerifyOptions,
  watch: { onEnd?: (outcome: Outcome) => void; signal?: AbortSignal } = {},
) {
  const said: string[] = [];
  const console = {
    say: (line: string) => void said.push(line),
    begin: () => undefined,
    end: (outcome: Outcome) => watch.onEnd?.(outcome),
    confirm: () => Promise.resolve(false),
  };
  const signal = watch.signal ?? new AbortController().signal;
  const report = await verifyAt(place, place.subject, options, console, signal);
  return { report, said };
}

const GROUP =
  '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-throwaway/providers';
const SERVICE = `${GROUP}/Microsoft.ApiManagement/service/throwaway-gw`;

/** What there is in the simulated Azure under the names of a run. */
async function traces(azure: AzureWire): Promise<string[]> {
  const arm = 'management.azure.com';
  const folders = ['apis', 'backends', 'certificates', 'namedValues', 'policyFragments'];
  const lists = [
    ...[...folders, 'workspaces'].map((one) => `${arm}${SERVICE}/${one}?api-version=2024-05-01`),
    `${arm}${SERVICE}?api-version=2024-05-01`,
    `${arm}${GROUP}/Microsoft.KeyVault/vaults?api-version=2023-07-01`,
    `${arm}/subscriptions/5eed0000-0000-4000-8000-000000000001/providers/Microsoft.KeyVault/deletedVaults?api-version=2023-07-01`,
    `${arm}${GROUP}/Microsoft.EventGrid/systemTopics?api-version=2022-06-15`,
    'graph.microsoft.com/v1.0/applications',
  ];
  const bodies = await Promise.all(lists.map(async (one) => (await azure.ask('GET', one)).body));
  return [...JSON.stringify(bodies).matchAll(/ckverify-[\w-]+/gi)].map(([name]) => name);
}

test('the simulated Azure answers what it assumes, and nothing is left in it', async () => {
  await using place = await startLocalPlace({});
  const { report } = await run(place, optionsOf('--output', folder));
  expect(report.outcomes.filter(({ verdict }) => verdict !== 'same')).toEqual([]);
  expect(report.outcomes).toHaveLength(AREAS.flatMap(({ questions }) => questions).length);
  expect(report.left).toEqual([]);
  expect(await traces(place.azure)).toEqual([]);

  const written = readFileSync(path.join(folder, 'verify-azure.md'), 'utf8');
  expect(written).toContain('**Azure itself was not asked.**');
  for (const name of ['throwaway-gw', 'rg-throwaway', '5eed0000']) {
    expect(written).not.toContain(name);
  }
  expect(JSON.parse(readFileSync(path.join(folder, 'verify-azure.json'), 'utf8'))).toEqual(report);
});

const OTHERWISE = {
  'assumptions.allPoliciesIncludesResolvers': 'no',
  'assumptions.allPoliciesIncludesWorkspaces': 'yes',
  'assumptions.caEntryWithoutData': 'keep',
  'assumptions.cerInCertificateAuthority': 'accept',
  'assumptions.certificateOutsideValidity': 'accept',
  'assumptions.changeDuringUpdate': 'refuse',
  'assumptions.classicRetiredAnswer': 'forbidden',
  'assumptions.deleteCertificateInUse': 'accept',
  'assumptions.entityUpdate': 'later',
  'assumptions.failedRefresh': 'answer',
  'assumptions.graphDuplicateCertificate': 'refuse',
  'assumptions.graphKeyEndDate': 'year',
  'assumptions.graphKeyIdentifier': 'hex',
  'assumptions.graphKeyWithoutValue': 'drop',
  'assumptions.graphOwnedByReads': 'owned',
  'assumptions.graphResentEntry': 'given',
  'assumptions.patchOfNestedProperties': 'merge',
  'assumptions.policyWithUnknownCertificate': 'refuse',
  'assumptions.refreshAnswer': 'previous',
  'assumptions.refreshOfUploadedCertificate': 'answer',
  'assumptions.replayedAssertion': 'refuse',
  'assumptions.thumbprintOfKeyVaultCertificate': 'refuse',
  'assumptions.unreadableKeyVaultPut': 'store',
  'assumptions.updateWithoutIfMatch': 'accept',
  'assumptions.workspaceKeyVault': 'accept',
};

test('an Azure that is otherwise is seen to be, in each point and in no other', async () => {
  // Every other one, so that each differs in a world in which its neighbours do not.
  const settings = Object.entries(OTHERWISE);
  for (const half of [0, 1]) {
    const chosen = Object.fromEntries(settings.filter((_, index) => index % 2 === half));
    await using place = await startLocalPlace(chosen);
    const { report } = await run(place, optionsOf());
    const different = report.outcomes.filter(({ verdict }) => verdict === 'different');
    expect(Object.fromEntries(different.map(({ setting, answer }) => [setting, answer]))).toEqual(
      chosen,
    );
    expect(report.outcomes.filter(({ verdict }) => verdict === 'not asked')).toEqual([]);
    expect(await traces(place.azure)).toEqual([]);
  }
});

test('every assumption is tried otherwise', () => {
  const assumed = AREAS.flatMap(({ questions }) => questions)
    .flatMap(({ assumes }) => ('setting' in assumes ? [assumes.setting] : []))
    .sort();
  expect(Object.keys(OTHERWISE)).toEqual(assumed);
});

test('a run that is stopped removes what it made, and says what it did not ask', async () => {
  await using place = await startLocalPlace({});
  const stop = new AbortController();
  const { report } = await run(place, optionsOf(), {
    signal: stop.signal,
    onEnd: ({ id }) => {
      // The vault that most questions share is there by now, with a certificate attached.
      if (id === 'workspace-key-vault') stop.abort();
    },
  });
  const why = new Set(report.outcomes.map((one) => one.why));
  expect(why).toEqual(new Set([undefined, 'the run was stopped']));
  expect(report.left).toEqual([]);
  expect(await traces(place.azure)).toEqual([]);
});

describe('what an earlier run left', () => {
  const leave = async ({ azure }: LocalPlace) => {
    const put = (id: string, version: string, body: unknown) =>
      azure.putResource(id, version, body);
    const backend = { properties: { url: 'https://a.example', protocol: 'http' } };
    await put(`${SERVICE}/backends/ckverify-0-old`, '2024-05-01', backend);
    await put(`${SERVICE}/backends/mine`, '2024-05-01', backend);
    for (const displayName of ['ckverify-0-app', 'payroll']) {
      await azure.ask('POST', 'graph.microsoft.com/v1.0/applications', { body: { displayName } });
    }
  };
  const only = ['--only', 'classic-retired-answer'];

  test('is named, and stays unless somebody says otherwise', async () => {
    await using place = await startLocalPlace({});
    await leave(place);
    const { said } = await run(place, optionsOf(...only));
    expect(said.join('\n')).toMatch(/backends\/ckverify-0-old\n.*application ckverify-0-app/);
    expect(said.join('\n')).not.toContain('mine');
    expect(await traces(place.azure)).toEqual([
      'ckverify-0-old',
      'ckverify-0-old',
      'ckverify-0-app',
    ]);
  });

  test('is removed when told to, and nothing besides', async () => {
    await using place = await startLocalPlace({});
    await leave(place);
    await run(place, optionsOf(...only, '--remove-leftovers'));
    expect(await traces(place.azure)).toEqual([]);
    const mine = await place.azure.resource(`${SERVICE}/backends/mine`, '2024-05-01');
    expect(mine?.name).toBe('mine');
    const { body } = await place.azure.ask('GET', 'graph.microsoft.com/v1.0/applications');
    expect(JSON.stringify(body)).toContain('payroll');
  });
});

test('a service with CA certificates of others keeps them, whatever is asked', async () => {
  await using place = await startLocalPlace({});
  const { azure } = place;
  const { der } = await makeFile({ place }, 'contoso-root', { authority: true });
  const certificates = [{ storeName: 'Root', encodedCertificate: der.toString('base64') }];
  const address = `management.azure.com${SERVICE}?api-version=2024-05-01`;
  await azure.ask('PATCH', address, { body: { properties: { certificates } } });
  await azure.control('POST', 'clock', { advance: 60 });
  const { report } = await run(place, optionsOf('--only', 'CA certificates'));
  expect(new Set(report.outcomes.map(({ why }) => why))).toEqual(
    new Set(['the service holds CA certificates of others, which an update would wipe']),
  );
  expect(JSON.stringify((await azure.ask('GET', address)).body)).toContain('CN=contoso-root');
});

describe('without what it needs', () => {
  test.each([
    [{ resourceGroup: 'rg-none' }, /--resource-group: .*rg-none[\s\S]*az group create/],
    [{ service: 'no-gw' }, /--service: .*no-gw[\s\S]*az apim create/],
    [
      { subscriptionId: '00000000-0000-4000-8000-000000000000' },
      /--subscription: [\s\S]*az account list/,
    ],
  ])('it names the option and the cure: %j', async (missing, message) => {
    await using place = await startLocalPlace({});
    const lacking = { ...place, subject: { ...place.subject, ...missing } };
    await expect(run(lacking, optionsOf())).rejects.toThrow(message);
  });

  test('who may only read is told which role to ask for, and nothing is made', async () => {
    await using place = await startLocalPlace({});
    await place.azure.control('POST', 'faults', {
      match: { method: 'PUT', host: 'management.azure.com', path: '/**/backends/*' },
      answer: { status: 403, code: 'AuthorizationFailed', message: 'You may not.' },
    });
    await expect(run(place, optionsOf())).rejects.toThrow(/may not change it[\s\S]*Contributor/);
    expect(await traces(place.azure)).toEqual([]);
  });

  test('a service without identity is asked what needs none', async () => {
    await using place = await startLocalPlace({});
    await place.azure.ask('PATCH', `management.azure.com${SERVICE}?api-version=2024-05-01`, {
      body: { identity: { type: 'None' } },
    });
    await place.azure.control('POST', 'clock', { advance: 60 });
    const { report } = await run(place, optionsOf('--only', 'client certificates'));
    const byId = new Map(report.outcomes.map((one) => [one.id, one]));
    expect(byId.get('refresh-of-uploaded')?.verdict).toBe('same');
    expect(byId.get('refresh-answer')?.why).toContain('--enable-managed-identity true');
  });
});

test('the command compares, reports and ends with 0, or with 1 where it is strict', async () => {
  const command = (...args: readonly string[]) =>
    promisify(execFile)(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        'local/verify/main.ts',
        '--against',
        'local',
        ...args,
      ],
      { cwd: repositoryRoot() },
    ).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      // What execFile rejects with when a program ends otherwise than with 0.
      (error: unknown) => error as { code: number; stdout: string; stderr: string },
    );
  const flipped = ['--set', 'assumptions.classicRetiredAnswer=notFound'];
  const only = ['--only', 'the classic API'];
  const [relaxed, strict, wrong] = await Promise.all([
    command(...only, ...flipped),
    command(...only, ...flipped, '--strict'),
    command('--set', 'assumptions.classicRetiredAnswer=teapot'),
  ]);
  expect(relaxed).toMatchObject({ code: 0 });
  expect(relaxed.stderr).toContain('[1/1] classic-retired-answer … different: notFound');
  expect(relaxed.stdout).toContain('0 the same, 1 different, 0 not asked.');
  expect(relaxed.stdout).toContain('assumed  gone  (assumptions.classicRetiredAnswer)');
  expect(relaxed.stdout).toContain('Nothing was left behind.');
  expect(strict).toMatchObject({ code: 1 });
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.stderr).toContain("Setting 'assumptions.classicRetiredAnswer'");
});
