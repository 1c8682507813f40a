/** Certificates that people upload, from the form to API Management, on a running system. */
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { cleanUpSystems, eventually } from '../../support/system/running-system.ts';
import {
  ask,
  settle,
  uploadForm,
  type Answered,
  type Fields,
} from '../../support/system/upload.ts';

jest.setTimeout(180_000);

let app: AppUnderTest;
beforeAll(async () => {
  app = await startAppUnderTest();
});
afterAll(cleanUpSystems);

const bytesOf = (pfx: { readonly value: string }): Buffer => Buffer.from(pfx.value, 'base64');

const upload = (pfx: ReturnType<typeof makePfx>, fields: Fields): Promise<Answered> =>
  uploadForm(app.system, '/certificates', bytesOf(pfx), {
    password: pfx.password,
    vault: 'contoso-kv',
    ...fields,
  });

/** What the vault itself shows. */
async function inVault(name: string, vault = 'contoso-kv') {
  const answer = await app.wire.send(app.wire.vault(vault, `/certificates/${name}`));
  if (answer.status !== 200) return undefined;
  const { x5t, tags } = answer.body as { x5t: string; tags?: Record<string, string> };
  return { thumbprint: Buffer.from(x5t, 'base64url').toString('hex').toUpperCase(), tags };
}

async function versionsOf(name: string): Promise<number> {
  const answer = await app.wire.send(
    app.wire.vault('contoso-kv', `/certificates/${name}/versions`),
  );
  return (answer.body as { value: unknown[] }).value.length;
}

describe('an uploaded certificate', () => {
  it('is in the vault, in API Management and verified, and says what was understood', async () => {
    const pfx = makePfx('orders.contoso.com');
    const answered = await upload(pfx, {
      name: 'orders',
      targets: 'contoso-gw',
      tags: 'team=orders',
    });
    expect(answered.body).toMatchObject({
      source: { vault: 'contoso-kv', name: 'orders' },
      imported: true,
      understood: {
        subject: 'CN=orders.contoso.com',
        thumbprint: pfx.thumbprint,
        keyType: 'RSA',
        chain: [],
      },
      targets: ['contoso-gw/certificates/orders'],
      warnings: [],
    });
    const operation = await settle(app, answered);
    expect(operation).toMatchObject({
      state: 'succeeded',
      targets: [
        {
          target: 'contoso-gw/certificates/orders',
          outcome: 'attached',
          thumbprint: pfx.thumbprint,
        },
      ],
    });
    expect(await app.targetThumbprint('contoso-gw', 'orders')).toBe(pfx.thumbprint);
    expect(await inVault('orders')).toEqual({
      thumbprint: pfx.thumbprint,
      tags: { team: 'orders' },
    });
  });

  it('rotates by a new version, which keeps its tags, and goes back by a roll-back', async () => {
    const first = makePfx('rotated.contoso.com');
    await settle(app, await upload(first, { name: 'rotated', targets: 'contoso-gw', tags: 'a=1' }));
    const second = makePfx('rotated.contoso.com');
    const answered = await uploadForm(
      app.system,
      '/certificates/contoso-kv/rotated',
      bytesOf(second),
      { password: second.password },
      { method: 'PUT' },
    );
    expect(await settle(app, answered)).toMatchObject({
      state: 'succeeded',
      targets: [{ outcome: 'rotated', thumbprint: second.thumbprint }],
    });
    expect(await inVault('rotated')).toEqual({ thumbprint: second.thumbprint, tags: { a: '1' } });

    const back = await ask(app.system, '/certificates/contoso-kv/rotated/rollback', {
      method: 'POST',
    });
    expect(back.body).toMatchObject({ understood: { thumbprint: first.thumbprint } });
    expect(await settle(app, back)).toMatchObject({
      state: 'succeeded',
      targets: [{ outcome: 'rotated', thumbprint: first.thumbprint }],
    });
    expect(await app.targetThumbprint('contoso-gw', 'rotated')).toBe(first.thumbprint);
    expect(await inVault('rotated')).toEqual({ thumbprint: first.thumbprint, tags: { a: '1' } });
    expect(await versionsOf('rotated')).toBe(3);
  });

  it('is kept in a workspace too, and rotates there', async () => {
    const at = 'contoso-gw/workspaces/team-a/certificates/shared';
    const first = makePfx('shared.contoso.com');
    const answered = await upload(first, {
      name: 'shared',
      targets: 'contoso-gw, contoso-gw/workspaces/team-a',
    });
    expect(await settle(app, answered)).toMatchObject({ state: 'succeeded' });
    const second = makePfx('shared.contoso.com');
    const rotated = await uploadForm(
      app.system,
      '/certificates/contoso-kv/shared',
      bytesOf(second),
      { password: second.password },
      { method: 'PUT' },
    );
    const operation = await settle(app, rotated);
    expect(operation.state).toBe('succeeded');
    expect(operation.targets?.find(({ target }) => target === at)).toMatchObject({
      outcome: 'rotated',
      thumbprint: second.thumbprint,
    });
  });

  it('may come as JSON', async () => {
    const pfx = makePfx('json.contoso.com');
    const answered = await ask(app.system, '/certificates', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        file: pfx.value,
        password: pfx.password,
        vault: 'contoso-kv',
        name: 'by-json',
        targets: ['contoso-gw'],
        tags: { team: 'json' },
      }),
    });
    expect(await settle(app, answered)).toMatchObject({ state: 'succeeded' });
    expect(await inVault('by-json')).toEqual({
      thumbprint: pfx.thumbprint,
      tags: { team: 'json' },
    });
  });

  it('that comes twice is imported once', async () => {
    const pfx = makePfx('twice.contoso.com');
    const fields = { name: 'twice', targets: 'contoso-gw' };
    await settle(app, await upload(pfx, fields));
    const again = await upload(pfx, fields);
    expect(again.body).toMatchObject({ imported: false });
    expect(await settle(app, again)).toMatchObject({ targets: [{ outcome: 'current' }] });
    expect(await versionsOf('twice')).toBe(1);
  });

  it('takes the name of a deleted one only when that is asked for', async () => {
    const old = makePfx('deleted.contoso.com');
    await app.wire.importVersion('contoso-kv', 'was-deleted', old, { tags: { team: 'old' } });
    await app.wire.send(app.wire.vault('contoso-kv', '/certificates/was-deleted'), 'DELETE');
    const pfx = makePfx('deleted.contoso.com');
    const refused = await upload(pfx, { name: 'was-deleted' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'NAME_SOFT_DELETED' } });
    expect(refused.body.cure).toMatch(/recover=true.*az keyvault certificate purge/);
    expect(await inVault('was-deleted')).toBeUndefined();

    await settle(app, await upload(pfx, { name: 'was-deleted', recover: 'true' }));
    expect(await inVault('was-deleted')).toEqual({
      thumbprint: pfx.thumbprint,
      tags: { team: 'old' },
    });
    expect(await versionsOf('was-deleted')).toBe(2);
  });

  it('says in its operation what stands between it and a service', async () => {
    const pfx = makePfx('lab.contoso.com');
    const operation = await settle(
      app,
      await upload(pfx, { name: 'lab', targets: 'contoso-lab-gw' }),
    );
    expect(operation).toMatchObject({
      state: 'blocked',
      targets: [{ outcome: 'blocked', problem: { code: 'IDENTITY_MISSING' } }],
    });
    expect(await inVault('lab')).toMatchObject({ thumbprint: pfx.thumbprint });
  });

  it('stands in the history of its certificate', async () => {
    const pfx = makePfx('history.contoso.com');
    await settle(app, await upload(pfx, { name: 'in-history', targets: 'contoso-gw' }));
    const shown = await eventually(
      () => app.wire.api('/certificates/contoso-kv/in-history'),
      ({ body }) => (body as { history: unknown[] }).history.length >= 2,
    );
    expect(shown.body).toMatchObject({
      bindings: [{ target: 'contoso-gw/certificates/in-history', origin: 'http' }],
    });
    const { history } = shown.body as { history: { what: string }[] };
    expect(history.map(({ what }) => what).sort()).toEqual(['sync', 'upload']);
  });
});

describe('where Certkeeper may not import', () => {
  it('says which role it lacks, and nothing is left behind', async () => {
    const pfx = makePfx('legacy.contoso.com');
    const answered = await upload(pfx, {
      vault: 'contoso-legacy-kv',
      name: 'not-here',
      targets: 'contoso-gw',
    });
    expect(answered).toMatchObject({
      status: 502,
      body: { code: 'CERTKEEPER_PERMISSION_MISSING' },
    });
    expect(answered.body.cure).toContain('Key Vault Certificates Officer');
    expect(await inVault('not-here', 'contoso-legacy-kv')).toBeUndefined();
    expect(await app.wire.api('/certificates/contoso-legacy-kv/not-here')).toMatchObject({
      status: 404,
    });
  });
});
