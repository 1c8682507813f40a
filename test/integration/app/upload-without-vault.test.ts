/** Uploads that go to their targets and into no vault (`store=none`), on a running system. */
import { makeWire, type Wire } from '../../support/system/azure-wire.ts';
import { documentsOf } from '../../support/system/documents.ts';
import { makePfx } from '../../support/system/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  type RunningSystem,
} from '../../support/system/running-system.ts';
import {
  findTraces,
  tracesOfFile,
  tracesOfKey,
  tracesOfPassword,
} from '../../support/system/traces.ts';
import { ask, uploadForm, type Answered, type Fields } from '../../support/system/upload.ts';

jest.setTimeout(180_000);

let system: RunningSystem;
let wire: Wire;
beforeAll(async () => {
  system = await startTestSystem({
    settings: {
      CERTKEEPER_ALLOW: 'none/* => contoso-gw, contoso-gw/workspaces/*; contoso-kv/* => contoso-gw',
    },
  });
  wire = makeWire(system);
});
afterAll(cleanUpSystems);

const upload = (pfx: ReturnType<typeof makePfx>, fields: Fields): Promise<Answered> =>
  uploadForm(system, '/certificates', Buffer.from(pfx.value, 'base64'), {
    password: pfx.password,
    store: 'none',
    ...fields,
  });
const thumbprintAt = async (id: string) =>
  (await wire.apimCertificate('contoso-gw', id))?.properties.thumbprint;
const both = 'contoso-gw, contoso-gw/workspaces/team-a';

describe('a certificate that is uploaded without a vault', () => {
  it('is at its targets at once, and every report says that it will not rotate', async () => {
    const pfx = makePfx('direct.contoso.com');
    const answered = await upload(pfx, { name: 'direct', targets: both });
    expect(answered).toMatchObject({
      status: 200,
      body: {
        source: { vault: 'none', name: 'direct' },
        understood: { thumbprint: pfx.thumbprint },
        targets: [{ outcome: 'attached' }, { outcome: 'attached' }],
        warnings: [{ code: 'NOT_ROTATING' }],
      },
    });
    expect(await thumbprintAt('direct')).toBe(pfx.thumbprint);
    const shown = await wire.api('/certificates/none/direct');
    expect(shown.body).toMatchObject({
      status: 'blocked',
      problems: [{ code: 'NOT_ROTATING' }],
      versions: [],
      bindings: [{ current: true }, { current: true }],
      history: [{ what: 'upload' }],
    });
    const listed = await wire.api('/certificates?vault=none');
    expect(listed.body).toMatchObject({
      certificates: [{ name: 'direct', problems: [{ code: 'NOT_ROTATING' }] }],
    });
    const traces = [
      ...tracesOfPassword(pfx.password),
      ...tracesOfFile(Buffer.from(pfx.value, 'base64')),
      ...tracesOfKey(pfx.privateKey),
    ];
    expect(findTraces(system.stateDir, traces)).toEqual([]);
  });

  it('is not removed while something uses it: that is looked at within the call', async () => {
    const pfx = makePfx('needed.contoso.com');
    await upload(pfx, { name: 'needed', targets: 'contoso-gw' });
    const documents = documentsOf(wire);
    await documents.put('backends/needed', {
      url: 'https://needed.contoso.com',
      protocol: 'http',
      credentials: { certificate: [pfx.thumbprint] },
    });
    const detach = () =>
      ask(system, '/certificates/none/needed?targets=contoso-gw', { method: 'DELETE' });
    const refused = await detach();
    expect(refused).toMatchObject({ status: 409, body: { code: 'TARGET_IN_USE' } });
    expect(refused.body.detail).toContain('backends/needed');
    expect(await thumbprintAt('needed')).toBe(pfx.thumbprint);
    await documents.remove('backends/needed');
    expect(await detach()).toMatchObject({ status: 200 });
    expect(await thumbprintAt('needed')).toBeUndefined();
  });

  it('is replaced by the next one under its name, and the same one is left as it is', async () => {
    const first = makePfx('replaced.contoso.com');
    await upload(first, { name: 'replaced', targets: both });
    expect(await upload(first, { name: 'replaced', targets: both })).toMatchObject({
      body: { targets: [{ outcome: 'current' }, { outcome: 'current' }] },
    });
    const second = makePfx('replaced.contoso.com');
    expect(await upload(second, { name: 'replaced', targets: both })).toMatchObject({
      body: { targets: [{ outcome: 'rotated' }, { outcome: 'rotated' }] },
    });
    expect(await thumbprintAt('replaced')).toBe(second.thumbprint);
  });

  it('stays what it is in the eyes of a sweep, and is detached by a call', async () => {
    const pfx = makePfx('detached.contoso.com');
    await upload(pfx, { name: 'detached', targets: both });
    const swept = await wire.api('/sweeps', 'POST');
    expect(swept.status).toBe(202);
    await eventually(
      async () => (await wire.api('/operations/sweep')).body as { state: string },
      ({ state }) => state !== 'running' && state !== 'pending',
    );
    const shown = await wire.api('/certificates/none/detached');
    expect(shown.body).toMatchObject({
      bindings: [{ status: 'verified' }, { status: 'verified' }],
    });
    const targets = encodeURIComponent(both);
    const removed = await ask(system, `/certificates/none/detached?targets=${targets}`, {
      method: 'DELETE',
    });
    expect(removed).toMatchObject({
      status: 200,
      body: { dryRun: false, targets: [{ step: 'remove' }, { step: 'remove' }] },
    });
    expect(await thumbprintAt('detached')).toBeUndefined();
    expect((await wire.api('/certificates/none/detached')).body).toMatchObject({ bindings: [] });
    const listed = await wire.api('/certificates?q=detached');
    expect(listed.body).toMatchObject({ certificates: [] });
  });

  it.each<[sentence: string, fields: Fields, status: number, code: string]>([
    [
      'in a vault at the same time',
      { name: 'a', vault: 'contoso-kv', targets: both },
      400,
      'INVALID_REQUEST',
    ],
    ['at no target', { name: 'a' }, 400, 'INVALID_REQUEST'],
    ['with tags', { name: 'a', targets: both, tags: 'a=b' }, 400, 'INVALID_REQUEST'],
    ['without a name', { targets: both }, 400, 'INVALID_REQUEST'],
    [
      'where no rule allows it',
      { name: 'a', targets: 'contoso-eu-gw' },
      403,
      'BINDING_NOT_ALLOWED',
    ],
    [
      "where somebody else's is",
      { name: 'a', targets: 'contoso-gw/certificates/legacy-api' },
      409,
      'TARGET_TAKEN',
    ],
    [
      'where nobody may take over',
      { name: 'a', targets: both, takeOver: 'true' },
      403,
      'NEEDS_IDENTITIES',
    ],
  ])('is refused %s', async (_, fields, status, code) => {
    const pfx = makePfx('refused.contoso.com');
    expect(await upload(pfx, fields)).toMatchObject({ status, body: { code } });
    expect(await thumbprintAt('a')).toBeUndefined();
  });

  it('has no versions, no roll-back and no sync', async () => {
    const answers = await Promise.all(
      ['sync', 'rollback'].map((what) =>
        ask(system, `/certificates/none/direct/${what}`, { method: 'POST' }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });
});
