/** References by thumbprint, on a running system that only reports them: the default. */
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { documentsOf, policyThatPresents, type Documents } from '../../support/system/documents.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { cleanUpSystems, eventually } from '../../support/system/running-system.ts';
import { ask, settle } from '../../support/system/upload.ts';

jest.setTimeout(240_000);

let app: AppUnderTest;
let documents: Documents;
beforeAll(async () => {
  app = await startAppUnderTest({ settings: { CERTKEEPER_USAGE_MAX_AGE: '0s' } });
  documents = documentsOf(app.wire);
});
afterAll(cleanUpSystems);

async function inPlace(name: string): Promise<string> {
  const pfx = makePfx(`${name}.contoso.com`);
  await app.wire.importVersion('contoso-kv', name, pfx);
  const bound = await ask(app.system, `/certificates/contoso-kv/${name}/bindings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ targets: ['contoso-gw'] }),
  });
  expect(await settle(app, bound)).toMatchObject({ state: 'succeeded' });
  return pfx.thumbprint;
}

interface Shown {
  readonly bindings: readonly {
    readonly thumbprint?: string;
    readonly status: string;
    readonly warnings?: readonly { readonly code: string }[];
  }[];
  readonly history: readonly { readonly targets?: readonly object[] }[];
}
const shown = async (name: string) =>
  (await app.wire.api(`/certificates/contoso-kv/${name}`)).body as Shown;

/** Rotates a certificate; all that was asked of Azure for that, its name left out, in order. */
async function rotate(name: string) {
  const next = makePfx(`${name}.contoso.com`);
  await app.wire.forgetRequests();
  await app.wire.importVersion('contoso-kv', name, next);
  // The list is read off the ledger: it asks nothing of Azure, however often it is looked at.
  await eventually(
    () => app.binding('contoso-kv', name, `contoso-gw/certificates/${name}`),
    (one) => one?.thumbprint === next.thumbprint && one.status === 'verified',
  );
  const requests = (await app.wire.requests())
    .map(({ method, host, path }) => `${method} ${host}${path.replaceAll(name, '{name}')}`)
    // The import is this test's own, and what is told is told elsewhere.
    .filter((one) => !one.endsWith('/import') && !one.includes('eventgrid'))
    .map((one) => one.replaceAll(/[0-9a-f]{32}/g, '{version}'));
  const [binding] = (await shown(name)).bindings;
  if (binding === undefined) throw new Error(`${name} is not bound`);
  return { binding, requests };
}

describe('A rotation that breaks references', () => {
  it('goes on, says which they are and how to cure it, and adds no call to Azure', async () => {
    const thumbprint = await inPlace('reported');
    await documents.api('reported');
    const path = 'apis/reported/policies/policy';
    const policy = policyThatPresents(`thumbprint="${thumbprint}"`);
    await documents.policy(path, policy);
    await app.sweep();
    await app.sweep();

    const dry = await app.wire.api('/certificates/contoso-kv/reported/sync?dryRun=true', 'POST');
    expect(dry.body).toMatchObject({ targets: [{ step: 'none' }] });
    await inPlace('plain');
    const plain = await rotate('plain');
    expect(plain.binding).not.toHaveProperty('warnings');
    const reported = await rotate('reported');
    expect(reported.binding.warnings).toMatchObject([{ code: 'REFERENCES_WOULD_BREAK' }]);
    // A certificate that nothing refers to is rotated by the same requests, one by one.
    expect(reported.requests).toEqual(plain.requests);
    expect(reported.requests.filter((one) => one.includes('refreshSecret'))).toHaveLength(1);
    expect(await documents.text(path)).toBe(policy);
    expect((await shown('reported')).history[0]).toMatchObject({
      what: 'sync',
      verdict: 'succeeded',
      targets: [{ outcome: 'rotated', warnings: ['REFERENCES_WOULD_BREAK'] }],
    });
    const events = await eventually(
      () => app.wire.published(),
      (all) => all.some(({ type }) => type === 'Certkeeper.ReferencesBroken'),
    );
    expect(events.find(({ type }) => type === 'Certkeeper.ReferencesBroken')?.data).toMatchObject({
      target: 'contoso-gw/certificates/reported',
      problem: { code: 'REFERENCES_WOULD_BREAK' },
    });

    // It stays shown until somebody has mended the policy, and a sync has seen that.
    await documents.policy(path, policyThatPresents('certificate-id="reported"'));
    await app.sweep();
    await app.sweep();
    expect(await app.sync('contoso-kv', 'reported')).toMatchObject({ state: 'succeeded' });
    expect((await shown('reported')).bindings[0]).not.toHaveProperty('warnings');
  });

  it('says before, in a dry run, what it would break', async () => {
    const thumbprint = await inPlace('foretold');
    await documents.put('backends/foretold', {
      url: 'https://foretold.contoso.com',
      protocol: 'http',
      credentials: { certificate: [thumbprint] },
    });
    await app.sweep();
    await app.sweep();
    // Nothing is told of this version: the dry run looks by itself.
    await app.wire.fault({
      match: { method: 'POST', path: '/certificates/foretold/refreshSecret' },
      answer: { status: 503 },
      times: 100,
    });
    await app.wire.importVersion('contoso-kv', 'foretold', makePfx('foretold.contoso.com'));
    const dry = await app.wire.api('/certificates/contoso-kv/foretold/sync?dryRun=true', 'POST');
    expect(dry.body).toMatchObject({
      targets: [{ step: 'refresh', warnings: [{ code: 'REFERENCES_WOULD_BREAK' }] }],
    });
    await app.wire.noFaults();
  });
});
