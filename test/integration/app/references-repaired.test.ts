/** References by thumbprint, on a running system that repairs them. */
import { makeWire, type Wire } from '../../support/system/azure-wire.ts';
import { documentsOf, policyThatPresents, type Documents } from '../../support/system/documents.ts';
import { makePfx } from '../../support/system/openssl.ts';
import {
  cleanUpSystems,
  eventually,
  startTestSystem,
  type RunningSystem,
} from '../../support/system/running-system.ts';
import { ask, type Answered } from '../../support/system/upload.ts';
import { signedIn, type SignedIn } from '../../support/system/signed-in.ts';

jest.setTimeout(240_000);

const SERVICE = 'contoso-gw';
const ORDERS = 'apis/orders/policies/policy';

let system: RunningSystem;
let wire: Wire;
let documents: Documents;
let manage: SignedIn;
beforeAll(async () => {
  system = await startTestSystem({
    signIn: { roles: ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'] },
    settings: { CERTKEEPER_REPAIR_REFERENCES: 'repair', CERTKEEPER_USAGE_MAX_AGE: '0s' },
  });
  wire = makeWire(system);
  documents = documentsOf(wire);
  manage = await signedIn(system, 'Manage');
  await documents.api('orders');
});
afterAll(cleanUpSystems);

/** A certificate that is bound and in place. */
async function inPlace(name: string, targets = [SERVICE]) {
  const pfx = makePfx(`${name}.contoso.com`);
  await wire.importVersion('contoso-kv', name, pfx);
  const bound = await manage.post(`/certificates/contoso-kv/${name}/bindings`, { targets });
  expect(await manage.settled(bound)).toMatchObject({ state: 'succeeded' });
  return pfx.thumbprint;
}

const settings = async (values: object): Promise<void> => {
  const url = `${system.azureUrl}/_local/settings`;
  const { status } = await fetch(url, { method: 'PUT', body: JSON.stringify(values) });
  expect(status).toBe(200);
};

interface Repairs {
  readonly repairs: readonly { readonly id: string; readonly document: string }[];
}
const repairsOf = async (name: string) =>
  (await manage.get(`/repairs?certificate=contoso-kv/${name}`)).body as unknown as Repairs;

describe('A rotation that would break references', () => {
  it('repairs them before: a policy byte for byte, a fragment, a backend; a named value after', async () => {
    const thumbprint = await inPlace('presented');
    const old = policyThatPresents(`thumbprint='${thumbprint.toLowerCase()}'`);
    await documents.policy(ORDERS, old);
    await documents.put('policyFragments/present', {
      format: 'rawxml',
      description: 'Presents it',
      value: `<fragment><authentication-certificate thumbprint="${thumbprint}"/></fragment>`,
    });
    await documents.put('backends/billing', {
      url: 'https://billing.contoso.com',
      protocol: 'http',
      credentials: {
        certificate: [thumbprint],
        header: { 'x-key': ['secret'] },
        authorization: { scheme: 'Basic', parameter: 'c2VjcmV0' },
      },
    });
    await documents.put('namedValues/client-thumbprint', {
      displayName: 'client-thumbprint',
      value: thumbprint,
    });
    await documents.api('partners');
    const through = policyThatPresents('thumbprint="{{client-thumbprint}}"');
    await documents.policy('apis/partners/policies/policy', through);
    await manage.sweep();

    const next = makePfx('presented.contoso.com');
    await wire.importVersion('contoso-kv', 'presented', next);
    const operation = await manage.sync('contoso-kv', 'presented');
    expect(operation).toMatchObject({ state: 'succeeded', targets: [{ outcome: 'rotated' }] });
    expect(operation.targets?.[0]).not.toHaveProperty('warnings');

    expect(await documents.text(ORDERS)).toBe(policyThatPresents(`certificate-id='presented'`));
    expect(await documents.properties('policyFragments/present')).toMatchObject({
      description: 'Presents it',
      value: '<fragment><authentication-certificate certificate-id="presented"/></fragment>',
    });
    expect((await documents.properties('backends/billing'))['credentials']).toEqual({
      certificate: [],
      certificateIds: [documents.idOf('certificates/presented')],
      header: { 'x-key': ['secret'] },
      authorization: { scheme: 'Basic', parameter: 'c2VjcmV0' },
    });
    expect((await documents.properties('namedValues/client-thumbprint'))['value']).toBe(
      next.thumbprint,
    );
    expect(await documents.text('apis/partners/policies/policy')).toBe(through);
    await eventually(
      () => wire.published(),
      (events) => events.some(({ type }) => type === 'Certkeeper.ReferencesRepaired'),
    );
    const shown = await manage.get('/certificates/contoso-kv/presented');
    expect(shown.text).toContain('"what":"repair"');

    // The next one finds nothing to repair.
    await wire.importVersion('contoso-kv', 'presented', makePfx('presented.contoso.com'));
    await wire.forgetRequests();
    expect(await manage.sync('contoso-kv', 'presented')).toMatchObject({
      targets: [{ outcome: 'rotated' }],
    });
    expect((await repairsOf('presented')).repairs.map(({ document }) => document).sort()).toEqual([
      ORDERS,
      'backends/billing',
      'namedValues/client-thumbprint',
      'policyFragments/present',
    ]);
  });

  it('repairs what belongs to a workspace, for the certificate of that workspace', async () => {
    const thumbprint = await inPlace('in-workspace', [`${SERVICE}/workspaces/team-a`]);
    const path = 'workspaces/team-a/apis/team/policies/policy';
    await documents.api('team', 'workspaces/team-a/');
    await documents.policy(path, policyThatPresents(`thumbprint="${thumbprint}"`));
    await manage.sweep();
    await wire.importVersion('contoso-kv', 'in-workspace', makePfx('in-workspace.contoso.com'));
    expect(await manage.sync('contoso-kv', 'in-workspace')).toMatchObject({
      targets: [{ outcome: 'rotated', repaired: { documents: [path] } }],
    });
    expect(await documents.text(path)).toBe(policyThatPresents('certificate-id="in-workspace"'));
  });

  it('is told where the service does not take something back, and not in its words', async () => {
    const thumbprint = await inPlace('refused');
    await documents.api('refused');
    const path = 'apis/refused/policies/policy';
    await documents.policy(path, policyThatPresents(`thumbprint="${thumbprint}"`));
    await manage.sweep();
    // What a service says of a certificate that is not there is not documented: it is tried both ways.
    await settings({ 'assumptions.policyWithUnknownCertificate': 'refuse' });
    await wire.importVersion('contoso-kv', 'refused', makePfx('refused.contoso.com'));
    expect(await manage.sync('contoso-kv', 'refused')).toMatchObject({
      targets: [{ outcome: 'rotated', repaired: { documents: [path] } }],
    });
    const [repair] = (await repairsOf('refused')).repairs;
    const refused = await manage.post(`/repairs/${repair?.id ?? ''}/undo`);
    expect(refused).toMatchObject({ status: 502, body: { code: 'AZURE_REFUSED' } });
    expect(refused.body.detail).toContain("element 'authentication-certificate', line");
    expect(refused.body.detail).not.toContain('not found');
    expect(await documents.text(path)).toBe(policyThatPresents('certificate-id="refused"'));
    await settings({ 'assumptions.policyWithUnknownCertificate': 'accept' });
    expect(await manage.post(`/repairs/${repair?.id ?? ''}/undo`)).toMatchObject({ status: 200 });
  });

  // Neither is documented: whether the service makes such a change at once, and what a PATCH does to
  // what is inside of a property.
  it.each([
    ['now', 'replace'],
    ['later', 'merge'],
    ['later', 'replace'],
    ['now', 'merge'],
  ])(
    'is repaired and undone with assumptions.entityUpdate=%s and assumptions.patchOfNestedProperties=%s',
    async (entityUpdate, patchOfNestedProperties) => {
      const name = `assumed-${entityUpdate}-${patchOfNestedProperties}`;
      const thumbprint = await inPlace(name);
      const fragment = `<fragment><authentication-certificate thumbprint="${thumbprint}"/></fragment>`;
      const credentials = {
        certificate: [thumbprint],
        header: { 'x-key': ['secret'] },
        authorization: { scheme: 'Basic', parameter: 'c2VjcmV0' },
      };
      await documents.put(`policyFragments/${name}`, { format: 'rawxml', value: fragment });
      await documents.put(`backends/${name}`, {
        ...{ url: 'https://billing.contoso.com', protocol: 'http', credentials },
      });
      await documents.put(`namedValues/${name}`, { displayName: name, value: thumbprint });
      await manage.sweep();
      await settings({
        'assumptions.entityUpdate': entityUpdate,
        'assumptions.patchOfNestedProperties': patchOfNestedProperties,
      });
      const next = makePfx(`${name}.contoso.com`);
      await wire.importVersion('contoso-kv', name, next);
      const operation = await manage.sync('contoso-kv', name);
      expect(operation).toMatchObject({ state: 'succeeded', targets: [{ outcome: 'rotated' }] });
      expect(operation.targets?.[0]).not.toHaveProperty('warnings');

      const found = async () => ({
        fragment: (await documents.properties(`policyFragments/${name}`))['value'],
        credentials: (await documents.properties(`backends/${name}`))['credentials'],
        value: (await documents.properties(`namedValues/${name}`))['value'],
      });
      expect(await found()).toEqual({
        fragment: `<fragment><authentication-certificate certificate-id="${name}"/></fragment>`,
        credentials: {
          ...credentials,
          certificate: [],
          certificateIds: [documents.idOf(`certificates/${name}`)],
        },
        value: next.thumbprint,
      });

      for (const { id } of (await repairsOf(name)).repairs) {
        const undone = await manage.post(`/repairs/${id}/undo`);
        expect(undone).toMatchObject({ status: 200, body: { status: 'undone' } });
      }
      expect(await found()).toEqual({
        fragment,
        credentials: { ...credentials, certificateIds: [] },
        value: thumbprint,
      });
      await settings({
        'assumptions.entityUpdate': 'now',
        'assumptions.patchOfNestedProperties': 'replace',
      });
    },
  );

  it.each(['accept', 'refuse'])(
    'is repaired and undone with assumptions.thumbprintOfKeyVaultCertificate=%s',
    async (assumed) => {
      const name = `thumbprint-${assumed}`;
      const thumbprint = await inPlace(name);
      await documents.api(name);
      const path = `apis/${name}/policies/policy`;
      const old = policyThatPresents(`thumbprint="${thumbprint}"`);
      await documents.policy(path, old);
      await manage.sweep();
      await settings({ 'assumptions.thumbprintOfKeyVaultCertificate': assumed });
      await wire.importVersion('contoso-kv', name, makePfx(`${name}.contoso.com`));
      expect(await manage.sync('contoso-kv', name)).toMatchObject({
        targets: [{ outcome: 'rotated', repaired: { documents: [path] } }],
      });
      expect(await documents.text(path)).toBe(policyThatPresents(`certificate-id="${name}"`));
      // The old thumbprint is that of no certificate any more: it may stand there again.
      const [repair] = (await repairsOf(name)).repairs;
      expect(await manage.post(`/repairs/${repair?.id ?? ''}/undo`)).toMatchObject({
        status: 200,
      });
      expect(await documents.text(path)).toBe(old);
      await settings({ 'assumptions.thumbprintOfKeyVaultCertificate': 'accept' });
    },
  );

  it('can be undone, once, while nobody has changed the document since', async () => {
    const thumbprint = await inPlace('undone');
    const old = policyThatPresents(`thumbprint="${thumbprint}"`);
    await documents.api('undone');
    await documents.policy('apis/undone/policies/policy', old);
    await documents.api('edited');
    await documents.policy('apis/edited/policies/policy', old);
    await manage.sweep();
    await wire.importVersion('contoso-kv', 'undone', makePfx('undone.contoso.com'));
    await manage.sync('contoso-kv', 'undone');
    const { repairs } = await repairsOf('undone');
    const idOf = (document: string): string =>
      repairs.find((one) => one.document === document)?.id ?? '';
    const undone = idOf('apis/undone/policies/policy');

    const upload = await signedIn(system, 'Upload');
    expect(await upload.post(`/repairs/${undone}/undo`)).toMatchObject({
      status: 403,
      body: { code: 'ROLE_MISSING' },
    });
    const answer = await manage.post(`/repairs/${undone}/undo`);
    expect(answer).toMatchObject({ status: 200, body: { status: 'undone' } });
    expect(answer.text).toContain('does not resolve');
    expect(await documents.text('apis/undone/policies/policy')).toBe(old);
    expect(await manage.post(`/repairs/${undone}/undo`)).toMatchObject({
      status: 409,
      body: { code: 'REPAIR_ENDED' },
    });

    await documents.policy('apis/edited/policies/policy', policyThatPresents('body="YQ=="'));
    const edited = await manage.post(`/repairs/${idOf('apis/edited/policies/policy')}/undo`);
    expect(edited).toMatchObject({ status: 409, body: { code: 'TARGET_CHANGED' } });
    expect(await manage.post('/repairs/8000000000000-0000000000000000/undo')).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
    const page = await manage.get('/repairs?limit=1&status=repaired');
    expect(page.body).toMatchObject({ repairs: [{ status: 'repaired' }] });
    const { next } = page.body as { next?: string };
    const second: Answered = await ask(system, (next ?? '').replace(/^\/api/, ''), {
      headers: manage.headers,
    });
    expect(second.status).toBe(200);
  });
});
