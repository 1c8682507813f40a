/** Rotations that would break references and are held; and what protects a certificate in use. */
import { makeWire, type Wire } from '../../support/system/azure-wire.ts';
import { documentsOf, policyThatPresents, type Documents } from '../../support/system/documents.ts';
import { makePfx } from '../../support/system/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  type RunningSystem,
} from '../../support/system/running-system.ts';
import { signedIn, type SignedIn } from '../../support/system/signed-in.ts';

jest.setTimeout(240_000);

let system: RunningSystem;
let wire: Wire;
let documents: Documents;
let manage: SignedIn;
let upload: SignedIn;
beforeAll(async () => {
  system = await startTestSystem({
    signIn: { roles: ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'] },
    settings: { CERTKEEPER_HOLD_IF_BREAKING: 'true', CERTKEEPER_USAGE_MAX_AGE: '0s' },
  });
  wire = makeWire(system);
  documents = documentsOf(wire);
  manage = await signedIn(system, 'Manage');
  upload = await signedIn(system, 'Upload');
});
afterAll(cleanUpSystems);

async function inPlace(name: string): Promise<string> {
  const pfx = makePfx(`${name}.contoso.com`);
  await wire.importVersion('contoso-kv', name, pfx);
  const bound = await manage.post(`/certificates/contoso-kv/${name}/bindings`, {
    targets: ['contoso-gw'],
  });
  expect(await manage.settled(bound)).toMatchObject({ state: 'succeeded' });
  return pfx.thumbprint;
}
const thumbprintAt = async (id: string) =>
  (await wire.apimCertificate('contoso-gw', id))?.properties.thumbprint;

describe('A rotation that would break references, where that is held', () => {
  it('waits until somebody lets it go, for that version', async () => {
    const thumbprint = await inPlace('held');
    await documents.api('held');
    // No sweep has seen it: the look before the rotation does.
    await documents.policy(
      'apis/held/policies/policy',
      policyThatPresents(`thumbprint="${thumbprint}"`),
    );
    const next = makePfx('held.contoso.com');
    await wire.importVersion('contoso-kv', 'held', next);
    const started = await manage.post('/certificates/contoso-kv/held/sync');
    const operation = await manage.settled(started);
    expect(operation).toMatchObject({
      state: 'blocked',
      problem: { code: 'REFERENCES_WOULD_BREAK' },
      targets: [{ outcome: 'blocked', reason: 'WouldBreak' }],
    });
    expect(operation.problem?.message).toContain('apis/held/policies/policy');
    expect(await thumbprintAt('held')).toBe(thumbprint);
    const dry = await manage.post('/certificates/contoso-kv/held/sync?dryRun=true');
    expect(dry.body).toMatchObject({
      targets: [{ step: 'blocked', reason: 'WouldBreak' }],
    });

    const id = started.body.id ?? '';
    expect(await upload.post(`/operations/${id}/approve`)).toMatchObject({
      status: 403,
      body: { code: 'ROLE_MISSING' },
    });
    const approved = await manage.post(`/operations/${id}/approve`);
    expect(approved.text).toContain('"until":');
    // No sweep has seen the reference yet: what breaks is said all the same.
    const gone = await manage.settled(approved);
    expect(gone).toMatchObject({
      state: 'succeeded',
      targets: [{ outcome: 'rotated', warnings: [{ code: 'REFERENCES_WOULD_BREAK' }] }],
    });
    expect(await thumbprintAt('held')).toBe(next.thumbprint);
    expect(await manage.post(`/operations/${id}/approve`)).toMatchObject({
      status: 409,
      body: { code: 'NOTHING_HELD' },
    });
  });

  it('does not wait when nothing would break', async () => {
    await inPlace('free');
    const next = makePfx('free.contoso.com');
    await wire.importVersion('contoso-kv', 'free', next);
    expect(await manage.sync('contoso-kv', 'free')).toMatchObject({ state: 'succeeded' });
    expect(await thumbprintAt('free')).toBe(next.thumbprint);
  });
});

describe('Detaching a certificate', () => {
  const detach = (name: string, more = '', who = manage) =>
    who.remove(`/certificates/contoso-kv/${name}?targets=contoso-gw${more}`);
  const byExpression = policyThatPresents(
    'certificate-id="@(context.Request.Headers.GetValueOrDefault("which"))"',
  );

  it('is refused at once for what the index knows to be in use, force or not', async () => {
    await inPlace('used');
    await documents.api('used');
    await documents.policy(
      'apis/used/policies/policy',
      policyThatPresents('certificate-id="used"'),
    );
    await manage.sweep();
    for (const more of ['', '&force=true', '&dryRun=true']) {
      const refused = await detach('used', more);
      expect(refused).toMatchObject({ status: 409, body: { code: 'TARGET_IN_USE' } });
      expect(refused.body.detail).toContain('apis/used/policies/policy');
    }
    await documents.remove('apis/used/policies/policy');
  });

  it('looks once more before it removes anything, and leaves what came into use since', async () => {
    const thumbprint = await inPlace('since');
    await documents.put('backends/since', {
      url: 'https://since.contoso.com',
      protocol: 'http',
      credentials: { certificate: [thumbprint] },
    });
    const operation = await manage.settled(await detach('since'));
    expect(operation).toMatchObject({
      state: 'blocked',
      targets: [{ outcome: 'blocked', problem: { code: 'TARGET_IN_USE' } }],
    });
    expect(operation.problem?.message).toContain('backends/since');
    expect(await thumbprintAt('since')).toBe(thumbprint);

    await documents.remove('backends/since');
    // With the refusal the detaching was over: no later sync removes what nobody expects to go.
    expect(await manage.sync('contoso-kv', 'since')).toMatchObject({
      targets: [{ outcome: 'current' }],
    });
    expect(await manage.settled(await detach('since'))).toMatchObject({
      targets: [{ outcome: 'removed' }],
    });
    expect(await thumbprintAt('since')).toBeUndefined();
  });

  it('takes force, and the role for it, where something only may use it', async () => {
    await inPlace('perhaps');
    await documents.api('perhaps');
    await documents.policy('apis/perhaps/policies/policy', byExpression);
    const operation = await manage.settled(await detach('perhaps'));
    expect(operation).toMatchObject({
      state: 'blocked',
      targets: [{ problem: { code: 'TARGET_MAY_BE_IN_USE' } }],
    });
    await manage.sweep();
    expect(await detach('perhaps')).toMatchObject({
      status: 409,
      body: { code: 'TARGET_MAY_BE_IN_USE' },
    });
    expect(await detach('perhaps', '&force=true', upload)).toMatchObject({
      status: 403,
      body: { code: 'ROLE_MISSING' },
    });
    expect(await manage.settled(await detach('perhaps', '&force=true'))).toMatchObject({
      state: 'succeeded',
      targets: [{ outcome: 'removed' }],
    });
    expect(
      await eventually(
        () => thumbprintAt('perhaps'),
        (now) => now === undefined,
      ),
    ).toBe(undefined);
    await documents.remove('apis/perhaps/policies/policy');
  });
});
