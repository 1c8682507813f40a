import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { startAppUnderTest, type AppUnderTest } from '../../support/system/app-under-test.ts';
import { makePfx } from '../../support/system/openssl.ts';
import { cleanUpSystems, eventually, stateFolder } from '../../support/system/running-system.ts';
import { filesBelow } from '../../support/system/files-below.ts';
import { filesWithKey } from '../../support/system/secret-search.ts';

jest.setTimeout(120_000);

const KV = 'contoso-kv';
const NAME = 'workspace-client';
const TARGET = `contoso-gw/workspaces/team-a/certificates/${NAME}`;
const TAGS = { 'certkeeper-targets': 'contoso-gw/workspaces/team-a' };

let app: AppUnderTest;

beforeAll(async () => {
  app = await startAppUnderTest();
});
afterAll(cleanUpSystems);

const thumbprint = async (id = NAME) =>
  (await app.wire.workspaceCertificate('contoso-gw', 'team-a', id))?.properties.thumbprint;
const address = (id = NAME) =>
  app.wire.arm(`${app.wire.workspacePath('contoso-gw', 'team-a')}/certificates/${id}`);
const imported = async (more: Record<string, unknown> = {}) => {
  const pfx = makePfx(`${NAME}.contoso.example`);
  await app.wire.importVersion(KV, NAME, pfx, more);
  return pfx;
};
const arrives = (wanted: string) => eventually(thumbprint, (one) => one === wanted);
/** Somebody else puts a certificate there. */
const upload = async (pfx: ReturnType<typeof makePfx>, id = NAME): Promise<void> => {
  const { value: data, password } = pfx;
  const answer = await app.wire.send(
    address(id),
    'PUT',
    { properties: { data, password } },
    { 'if-match': '*' },
  );
  expect(answer.status).toBeLessThan(300);
};

describe('a certificate that a tag asks to have in a workspace', () => {
  it('is put there and verified, and followed by every new version', async () => {
    const first = await imported({ tags: TAGS });
    await arrives(first.thumbprint);
    await eventually(
      () => app.binding(KV, NAME, TARGET),
      (one) => one?.status === 'verified' && one.thumbprint === first.thumbprint,
    );
    // A new version has no tags: the ledger holds.
    const second = await imported();
    await arrives(second.thumbprint);
    await eventually(
      () => app.binding(KV, NAME, TARGET),
      (one) => one?.status === 'verified' && one.thumbprint === second.thumbprint,
    );
    const published = await eventually(
      async () =>
        (await app.wire.published()).filter(({ data }) => data.thumbprint === second.thumbprint),
      (events) => events.length > 0,
    );
    expect(published).toMatchObject([
      { type: 'Certkeeper.CertificateRotated', data: { target: TARGET, outcome: 'rotated' } },
    ]);
  });

  it('costs one read of the source, one of its secret, one write and one more look', async () => {
    await app.sync(KV, NAME);
    await app.wire.forgetRequests();
    const pfx = await imported();
    await arrives(pfx.thumbprint);
    await eventually(
      () => app.binding(KV, NAME, TARGET),
      (one) => one?.status === 'verified' && one.thumbprint === pfx.thumbprint,
    );
    const asked = (await app.wire.requests())
      // What the test itself asks is not counted: it imports, and reads at API Management.
      .filter(({ path: place }) => place.includes(`/${NAME}`) && !place.endsWith('/import'))
      .filter(({ method, host }) => method !== 'GET' || host !== 'management.azure.com')
      .map(({ method, path: place }) => {
        return `${method} ${/secrets|workspaces|certificates/.exec(place)?.[0] ?? place}`;
      });
    expect(asked).toEqual([
      'GET certificates',
      'GET secrets',
      'PUT workspaces',
      'GET certificates',
    ]);
  });

  it('is nowhere with its key: not in state, task hub, storage or logs', async () => {
    const pfx = await imported();
    await arrives(pfx.thumbprint);
    await app.sync(KV, NAME);
    const { stateDir } = app.system;
    expect(filesWithKey(stateDir, pfx.privateKey)).toEqual([]);
    expect(filesBelow(stateDir).length).toBeGreaterThan(5);

    // It would be found, in whatever form somebody had written it down.
    const folder = stateFolder();
    const key = Buffer.from(pfx.privateKey, 'base64');
    const forms = [0, 1, 2].map((shift) =>
      Buffer.concat([Buffer.alloc(shift), key]).toString('base64'),
    );
    for (const [at, form] of [key, ...forms].entries()) {
      writeFileSync(path.join(folder, `form-${String(at)}`), form);
    }
    expect(filesWithKey(folder, pfx.privateKey)).toHaveLength(4);
  });

  it('ends with the last version when ten are made in quick succession', async () => {
    const versions = Array.from({ length: 10 }, () => makePfx(`${NAME}.contoso.example`));
    for (const pfx of versions) await app.wire.importVersion(KV, NAME, pfx);
    const last = versions.at(-1)?.thumbprint ?? '';
    await arrives(last);
    expect(await app.sync(KV, NAME)).toMatchObject({ state: 'succeeded' });
    expect(await thumbprint()).toBe(last);
  });

  it('may be kept as PEM in the vault', async () => {
    const id = 'workspace-pem';
    const answer = await app.wire.send(app.wire.vault(KV, `/certificates/${id}/create`), 'POST', {
      policy: {
        issuer: { name: 'Self' },
        key_props: { exportable: true, kty: 'RSA', key_size: 2048, reuse_key: false },
        secret_props: { contentType: 'application/x-pem-file' },
        x509_props: { subject: `CN=${id}`, validity_months: 12 },
      },
      tags: TAGS,
    });
    expect(answer.status).toBe(202);
    await eventually(
      () => thumbprint(id),
      (one) => one !== undefined,
    );
    expect(await app.sync(KV, id)).toMatchObject({ state: 'succeeded' });
  });
});

describe('what somebody else does to a workspace', () => {
  it('is made good by the sweep: a certificate that was deleted', async () => {
    const before = await thumbprint();
    await app.wire.send(address(), 'DELETE', undefined, { 'if-match': '*' });
    await app.sweep();
    await arrives(before ?? '');
  });

  it('is made good by the sweep: an older version that was uploaded', async () => {
    const older = await imported();
    await arrives(older.thumbprint);
    const newer = await imported();
    await arrives(newer.thumbprint);
    await app.sync(KV, NAME);
    await upload(older);
    await app.sweep();
    await arrives(newer.thumbprint);
  });

  it('is left as it is: another certificate. A new version does not overwrite it either', async () => {
    await app.sync(KV, NAME);
    const foreign = makePfx('foreign.contoso.example');
    await upload(foreign);
    await imported();
    const operation = await eventually(
      () => app.sync(KV, NAME),
      ({ targets }) => targets?.[0]?.thumbprint === foreign.thumbprint,
    );
    expect(operation).toMatchObject({ state: 'blocked', problem: { code: 'TARGET_CHANGED' } });
    expect(await thumbprint()).toBe(foreign.thumbprint);
    // And stays so, however often it is looked at.
    expect(await app.sync(KV, NAME)).toMatchObject({ problem: { code: 'TARGET_CHANGED' } });

    await app.wire.send(address(), 'DELETE', undefined, { 'if-match': '*' });
    expect(await app.sync(KV, NAME)).toMatchObject({ state: 'succeeded' });
    expect(await thumbprint()).not.toBe(foreign.thumbprint);
  });

  it('keeps what is there already from a certificate that a tag asks for', async () => {
    const foreign = makePfx('taken.contoso.example');
    await upload(foreign, 'taken');
    await app.wire.importVersion(KV, 'taken', makePfx('taken.contoso.example'), { tags: TAGS });
    expect(await app.sync(KV, 'taken')).toMatchObject({
      state: 'blocked',
      problem: { code: 'TARGET_TAKEN' },
    });
    expect(await thumbprint('taken')).toBe(foreign.thumbprint);
  });
});

describe('what stands in the way of a workspace', () => {
  it('is said: the current version is disabled', async () => {
    const before = await thumbprint();
    await imported({ attributes: { enabled: false } });
    expect(await app.sync(KV, NAME)).toMatchObject({
      state: 'blocked',
      problem: { code: 'CURRENT_VERSION_DISABLED' },
    });
    expect(await thumbprint()).toBe(before);
    const pfx = await imported();
    await arrives(pfx.thumbprint);
  });

  it('is said apart: Certkeeper itself may not read the private key', async () => {
    const own = await ownRoles();
    expect(own).not.toEqual([]);
    for (const { id } of own) await app.wire.send(app.wire.arm(id, '2022-04-01'), 'DELETE');
    const before = await thumbprint();
    await imported();
    const operation = await app.sync(KV, NAME);
    expect(operation).toMatchObject({
      state: 'blocked',
      problem: { code: 'CERTKEEPER_PERMISSION_MISSING' },
    });
    expect(operation.problem?.message).toContain('Certkeeper itself');
    expect(operation.problem?.cure).toMatch(
      /az role assignment create .*Key Vault Certificate User/,
    );
    expect(await thumbprint()).toBe(before);
    expect(await access()).toMatchObject({ verdict: 'blocks' });

    for (const { id, properties } of own) {
      const { roleDefinitionId, principalId } = properties;
      await app.wire.send(app.wire.arm(id, '2022-04-01'), 'PUT', {
        properties: { roleDefinitionId, principalId, principalType: 'ServicePrincipal' },
      });
    }
    expect(await app.sync(KV, NAME)).toMatchObject({ state: 'succeeded' });
  });

  it('is answered beforehand, and nothing is in the way', async () => {
    expect(await access()).toMatchObject({ target: TARGET, verdict: 'clear' });
  });

  const access = async () =>
    (await app.wire.api(`/certificates/${KV}/${NAME}/access?target=contoso-gw/workspaces/team-a`))
      .body;

  // The last one: the workspace does not come back.
  it('is said: the workspace is gone', async () => {
    await app.wire.send(
      app.wire.arm(app.wire.workspacePath('contoso-gw', 'team-a')),
      'DELETE',
      undefined,
      { 'if-match': '*' },
    );
    await imported();
    expect(await app.sync(KV, NAME)).toMatchObject({
      state: 'blocked',
      problem: { code: 'WORKSPACE_NOT_FOUND' },
    });
  });

  /** Certkeeper's own roles on the private keys of the vault. */
  async function ownRoles() {
    const identity = await app.wire.send(
      app.wire.arm(
        `${app.wire.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/certkeeper-id`,
        '2023-01-31',
      ),
    );
    const { principalId } = (identity.body as { properties: { principalId: string } }).properties;
    const scope = `${app.wire.group}/providers/Microsoft.KeyVault/vaults/${KV}`;
    const list = await app.wire.send(
      app.wire.arm(
        `${scope}/providers/Microsoft.Authorization/roleAssignments?$filter=principalId eq '${principalId}'`,
        '2022-04-01',
      ),
    );
    const { value } = list.body as {
      value: { id: string; properties: { roleDefinitionId: string; principalId: string } }[];
    };
    const reads = await Promise.all(
      value.map(async ({ properties }) => {
        const { body } = await app.wire.send(
          app.wire.arm(properties.roleDefinitionId, '2022-04-01'),
        );
        return JSON.stringify(body).includes('secrets/getSecret/action');
      }),
    );
    return value.filter((_, at) => reads[at]);
  }
});
