/** What only the role Certkeeper.Manage may do about uploads, and versions that are held. */
import { makeWire, type Wire } from '../../support/system/azure-wire.ts';
import type { Operation } from '../../support/system/app-under-test.ts';
import { makePfx } from '../../support/system/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  type RunningSystem,
} from '../../support/system/running-system.ts';
import { ask, uploadForm, type Answered, type Fields } from '../../support/system/upload.ts';

jest.setTimeout(180_000);

type Role = 'Upload' | 'Manage';

let system: RunningSystem;
let wire: Wire;
const tokens = new Map<Role, string>();
beforeAll(async () => {
  system = await startTestSystem({
    signIn: { roles: ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'] },
    settings: {
      CERTKEEPER_ON_SUSPECT: 'hold',
      CERTKEEPER_ALLOW: 'contoso-kv/* => contoso-gw, contoso-gw/workspaces/*',
    },
  });
  wire = makeWire(system);
  for (const role of ['Upload', 'Manage'] as const) {
    const query = new URLSearchParams({ roles: `Certkeeper.${role}`, name: role });
    const answer = await fetch(`${system.hostUrl}/.auth/token?${query.toString()}`);
    tokens.set(role, (await answer.text()).trim());
  }
});
afterAll(cleanUpSystems);

const headersOf = (role: Role) => ({ authorization: `Bearer ${tokens.get(role) ?? ''}` });
const upload = (
  role: Role,
  pfx: ReturnType<typeof makePfx>,
  fields: Fields,
  path = '/certificates',
): Promise<Answered> =>
  uploadForm(
    system,
    path,
    Buffer.from(pfx.value, 'base64'),
    { password: pfx.password, ...fields },
    { method: path === '/certificates' ? 'POST' : 'PUT', headers: headersOf(role) },
  );
const call = (role: Role, path: string, body: object = {}): Promise<Answered> =>
  ask(system, path, {
    method: 'POST',
    headers: { ...headersOf(role), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function settled(answered: Answered): Promise<Operation> {
  expect(answered).toMatchObject({ status: 202 });
  const path = (answered.headers.get('location') ?? '').replace(/^\/api/, '');
  return await eventually(
    async () =>
      (await ask(system, path, { headers: headersOf('Manage') })).body as unknown as Operation,
    ({ state }) => state !== 'running' && state !== 'pending',
  );
}
const thumbprintAt = async (service: string, id: string) =>
  (await wire.apimCertificate(service, id))?.properties.thumbprint;

/** An uploaded certificate that is in place. */
async function inPlace(name: string) {
  const pfx = makePfx(`${name}.contoso.com`);
  const fields = { vault: 'contoso-kv', name, targets: 'contoso-gw' };
  expect(await settled(await upload('Upload', pfx, fields))).toMatchObject({ state: 'succeeded' });
  return pfx;
}

describe('a version that looks wrong', () => {
  it('stays away from its targets until it is approved', async () => {
    const first = await inPlace('held');
    const wrong = makePfx('another-subject.contoso.com');
    const answered = await upload('Upload', wrong, {}, '/certificates/contoso-kv/held');
    expect(answered.body.warnings).toMatchObject([{ code: 'VERSION_HELD' }]);
    const operation = await settled(answered);
    expect(operation).toMatchObject({
      state: 'blocked',
      problem: { code: 'VERSION_HELD' },
      targets: [{ outcome: 'blocked', reason: 'VersionHeld' }],
    });
    expect(operation.problem?.message).toContain(
      'subject: CN=held.contoso.com → CN=another-subject.contoso.com',
    );
    expect(await thumbprintAt('contoso-gw', 'held')).toBe(first.thumbprint);

    const id = answered.body.id ?? '';
    expect(await call('Upload', `/operations/${id}/approve`)).toMatchObject({
      status: 403,
      body: { code: 'ROLE_MISSING' },
    });
    expect(await call('Manage', `/operations/${id}/approve`, { version: 'x' })).toMatchObject({
      status: 409,
      body: { code: 'NOTHING_HELD' },
    });
    const approved = await call('Manage', `/operations/${id}/approve`);
    expect(await settled(approved)).toMatchObject({
      state: 'succeeded',
      targets: [{ outcome: 'rotated' }],
      warnings: [{ code: 'VERSION_SUSPECT' }],
    });
    expect(await thumbprintAt('contoso-gw', 'held')).toBe(wrong.thumbprint);

    // What was in place before needs nobody's leave to come back.
    const back = await call('Upload', '/certificates/contoso-kv/held/rollback');
    const undone = await settled(back);
    expect(undone).toMatchObject({ state: 'succeeded' });
    // Nor does it look wrong to whoever asked for it.
    expect(undone).not.toHaveProperty('warnings');
    expect(await thumbprintAt('contoso-gw', 'held')).toBe(first.thumbprint);
  });

  it('is held too when it comes by an event, and another one needs its own approval', async () => {
    const first = await inPlace('by-event');
    await wire.importVersion('contoso-kv', 'by-event', makePfx('one-stranger.contoso.com'));
    const held = (): Promise<Answered> =>
      ask(system, '/certificates/contoso-kv/by-event', { headers: headersOf('Manage') });
    const shown = await eventually(held, ({ text }) => text.includes('VERSION_HELD'));
    const operation = (shown.body as { operation?: string }).operation ?? '';
    const another = makePfx('other-stranger.contoso.com');
    const approved = await call('Manage', `${operation.replace(/^\/api/, '')}/approve`);
    expect(approved.status).toBe(202);
    await settled(approved);
    await wire.importVersion('contoso-kv', 'by-event', another);
    await eventually(held, ({ text }) => text.includes('CN=other-stranger.contoso.com'));
    expect(await thumbprintAt('contoso-gw', 'by-event')).not.toBe(another.thumbprint);
    expect(await thumbprintAt('contoso-gw', 'by-event')).not.toBe(first.thumbprint);
  });
});

describe('beyond what CERTKEEPER_ALLOW allows', () => {
  it('only the role Manage binds, and the binding remembers', async () => {
    const pfx = makePfx('beyond.contoso.com');
    const fields = { vault: 'contoso-kv', name: 'beyond', targets: 'contoso-eu-gw' };
    expect(await upload('Upload', pfx, fields)).toMatchObject({
      status: 403,
      body: { code: 'BINDING_NOT_ALLOWED' },
    });
    expect(await settled(await upload('Manage', pfx, fields))).toMatchObject({
      state: 'succeeded',
      targets: [{ outcome: 'attached' }],
    });
    const shown = await ask(system, '/certificates/contoso-kv/beyond', {
      headers: headersOf('Manage'),
    });
    expect(shown.body).toMatchObject({
      bindings: [{ allowedBy: 'manage' }],
      history: expect.arrayContaining([
        expect.objectContaining({
          what: 'upload',
          by: expect.objectContaining({ kind: 'entra', name: 'Manage' }) as unknown,
        }),
      ]) as unknown,
    });
    // The next version would go there as well.
    const next = makePfx('beyond.contoso.com');
    expect(await upload('Upload', next, {}, '/certificates/contoso-kv/beyond')).toMatchObject({
      status: 403,
      body: { code: 'BINDING_NOT_ALLOWED' },
    });
  });

  it("only the role Manage takes over somebody else's certificate", async () => {
    const pfx = makePfx('taking.contoso.com');
    const fields = {
      vault: 'contoso-kv',
      name: 'taking',
      targets: 'contoso-gw/certificates/legacy-api',
    };
    expect(await upload('Upload', pfx, { ...fields, takeOver: 'true' })).toMatchObject({
      status: 403,
      body: { code: 'ROLE_MISSING' },
    });
    expect(await upload('Manage', pfx, fields)).toMatchObject({ status: 409 });
    const answered = await upload('Manage', pfx, { ...fields, takeOver: 'true' });
    expect(await settled(answered)).toMatchObject({
      state: 'succeeded',
      targets: [{ outcome: 'repointed', reason: 'TakenOver' }],
    });
    expect(await thumbprintAt('contoso-gw', 'legacy-api')).toBe(pfx.thumbprint);
    const before = await ask(system, '/certificates/contoso-legacy-kv/legacy-api', {
      headers: headersOf('Manage'),
    });
    expect(before.body).toMatchObject({ bindings: [] });
  });
});
