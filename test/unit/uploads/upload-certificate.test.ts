import {
  uploadCertificate,
  type Upload,
} from '../../../functions/triggers/uploads/upload-certificate.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import { targetKey, type Target } from '../../../shared/domain/target.ts';
import {
  makeBinding,
  makeLooks,
  makeState,
  OTHER_SOURCE,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';
import { makeUpload, makeUploadWorld, type WorldFacts } from '../../support/upload-world.ts';

const A = 'A'.repeat(40);
const B = 'B'.repeat(40);
const MANAGER = { by: { kind: 'entra', id: 'an-id' }, mayManage: true } as const;
const UPLOADER = { by: { kind: 'entra', id: 'an-id' }, mayManage: false } as const;
const BUSY = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'Azure is busy.' });
const WORKSPACE: Target = {
  kind: 'workspace-certificate',
  service: 'contoso-gw',
  workspace: 'team-a',
  id: 'gateway-client',
};

async function upload(facts: WorldFacts = {}, other: Partial<Upload> = {}) {
  const world = makeUploadWorld(facts);
  const result = await uploadCertificate(world.ports, makeUpload(other), world.next);
  return { ...world, result };
}

/** What refuses it, when nothing may have been changed by then. */
async function refusal(facts: WorldFacts, other: Partial<Upload> = {}): Promise<unknown> {
  const world = makeUploadWorld(facts);
  const before = world.ledger.writes();
  const error: unknown = await uploadCertificate(world.ports, makeUpload(other), world.next).then(
    () => 'it was accepted',
    (one: unknown) => one,
  );
  expect(world.did).toEqual([]);
  expect(world.ledger.writes()).toBe(before);
  await expect(world.ports.vaults.versions(SOURCE)).resolves.toHaveLength(
    facts.absence === 'deleted' ? 0 : (facts.versions ?? []).length,
  );
  return error;
}

describe('An upload', () => {
  test('is imported, bound, written into the history, and synced', async () => {
    const { did, result, ledger, ports, history } = await upload({}, { tags: { team: 'api' } });
    expect(did).toEqual([`import ${A}`, 'sync']);
    expect(result).toMatchObject({
      id: 'sync-1',
      imported: true,
      version: 'v1',
      leaf: { thumbprint: A },
      targets: ['contoso-gw/certificates/gateway-client'],
      warnings: [],
    });
    await expect(ledger.binding(SOURCE, TARGET)).resolves.toMatchObject({
      origin: 'http',
      claimed: false,
      status: 'pending',
    });
    await expect(ports.vaults.readCurrent(SOURCE)).resolves.toMatchObject({
      current: { tags: { team: 'api' } },
    });
    await expect(history.list(SOURCE)).resolves.toMatchObject([
      {
        what: 'upload',
        by: { kind: 'function-key' },
        version: 'v1',
        targets: [{ target: 'contoso-gw/certificates/gateway-client' }],
      },
    ]);
  });

  test('may be bound to a workspace', async () => {
    const { ledger } = await upload({}, { paths: ['contoso-gw/workspaces/team-a'] });
    await expect(ledger.binding(SOURCE, WORKSPACE)).resolves.toMatchObject({ origin: 'http' });
  });

  test('may go to the vault alone', async () => {
    const { did, ledger } = await upload({}, { paths: [] });
    expect(did).toEqual([`import ${A}`, 'sync']);
    await expect(ledger.ofSource(SOURCE)).resolves.toMatchObject({ bindings: [] });
  });

  test('of what the vault has already is not imported again, and the sync goes on', async () => {
    const world = makeUploadWorld();
    await uploadCertificate(world.ports, makeUpload(), world.next);
    const again = await uploadCertificate(world.ports, makeUpload(), world.next);
    expect(again).toMatchObject({ imported: false, version: 'v1' });
    expect(world.did).toEqual([`import ${A}`, 'sync', 'sync']);
    await expect(world.ledger.ofSource(SOURCE)).resolves.toMatchObject({
      bindings: [{ target: TARGET }],
    });
  });

  test('keeps what the ledger knows of a target that is bound already', async () => {
    const known = makeBinding({ targetThumbprint: B });
    const { ledger, asked } = await upload(
      {
        versions: [{ thumbprint: B }],
        bindings: [known],
        states: { [targetKey(TARGET)]: makeState({ thumbprint: B }) },
      },
      { as: 'version' },
    );
    await expect(ledger.binding(SOURCE, TARGET)).resolves.toEqual({ ...known, origin: 'http' });
    expect(asked).toEqual([targetKey(TARGET)]);
  });

  test('of a new version keeps the tags of the one before it, beside those that are given', async () => {
    const tags = { team: 'api', owner: 'ann' };
    const { versions } = await upload(
      { versions: [{ thumbprint: B, tags }] },
      { as: 'version', tags: { owner: 'bob' } },
    );
    expect(versions.at(-1)?.tags).toEqual({ team: 'api', owner: 'bob' });
  });

  test('of a new version keeps the tags of a disabled one too', async () => {
    const { versions } = await upload(
      { versions: [{ thumbprint: B, enabled: false, tags: { team: 'api' } }] },
      { as: 'version' },
    );
    expect(versions.at(-1)).toEqual({ thumbprint: A, tags: { team: 'api' } });
  });

  test('under the name of a deleted one becomes its new version, when that is asked for', async () => {
    const { did, versions } = await upload(
      { versions: [{ thumbprint: B, tags: { team: 'api' } }], absence: 'deleted' },
      { recover: true },
    );
    expect(did).toEqual(['recover', `import ${A}`, 'sync']);
    expect(versions).toHaveLength(2);
    expect(versions.at(-1)?.tags).toEqual({ team: 'api' });
  });

  test('says at once what looks wrong about it', async () => {
    const verified = { version: 'v0', looks: makeLooks({ subject: 'CN=other' }) };
    const records = [{ source: SOURCE, verified, problems: [] }];
    const { result } = await upload({ records, versions: [{ thumbprint: B }] }, { as: 'version' });
    expect(result.warnings).toMatchObject([{ code: 'VERSION_SUSPECT' }]);
  });
});

describe('An upload is refused, and nothing is changed,', () => {
  test.each<[sentence: string, facts: WorldFacts, other: Partial<Upload>, code: string]>([
    ['when its file cannot be read', {}, { file: Buffer.from('x') }, 'FILE_UNREADABLE'],
    [
      'when CERTKEEPER_ALLOW does not allow the target',
      { allow: 'contoso-kv/* => contoso-gw/certificates/other' },
      {},
      'BINDING_NOT_ALLOWED',
    ],
    [
      'when it goes to no target and no rule is about the source',
      { allow: 'contoso-kv/other => contoso-gw' },
      { paths: [] },
      'SOURCE_NOT_ALLOWED',
    ],
    [
      'when what is bound already would get it, and is not allowed',
      { allow: 'contoso-kv/* => contoso-gw/certificates/other', bindings: [makeBinding()] },
      { paths: [], as: 'version' },
      'BINDING_NOT_ALLOWED',
    ],
    [
      'when the service is not under care',
      { allow: 'contoso-kv/* => *' },
      { paths: ['other-gw'] },
      'SERVICE_NOT_CONFIGURED',
    ],
    [
      'when targets of its kind are not kept',
      { allow: 'contoso-kv/gateway-client => contoso-gw/hostnames/api.contoso.com' },
      { paths: ['contoso-gw/hostnames/api.contoso.com'] },
      'TARGET_UNSUPPORTED',
    ],
    [
      'when the target holds something else',
      { states: { [targetKey(TARGET)]: makeState({ reference: { kind: 'uploaded' } }) } },
      {},
      'TARGET_TAKEN',
    ],
    [
      'when the target belongs to another source',
      { bindings: [makeBinding({ source: OTHER_SOURCE })] },
      {},
      'TARGET_TAKEN',
    ],
    [
      'when a workspace holds what is no version of it',
      {
        states: {
          [targetKey(WORKSPACE)]: makeState({
            thumbprint: B,
            reference: { kind: 'uploaded', ofSource: false },
          }),
        },
      },
      { paths: ['contoso-gw/workspaces/team-a'] },
      'TARGET_TAKEN',
    ],
    [
      'when another certificate has the name',
      { versions: [{ thumbprint: B }] },
      {},
      'CERTIFICATE_EXISTS',
    ],
    [
      'when another one has the name, and is disabled',
      { versions: [{ thumbprint: A, enabled: false }] },
      {},
      'CERTIFICATE_EXISTS',
    ],
    ['when there is nothing to make a version of', {}, { as: 'version' }, 'SOURCE_NOT_FOUND'],
    [
      'when a deleted one holds the name',
      { versions: [{ thumbprint: B }], absence: 'deleted' },
      {},
      'NAME_SOFT_DELETED',
    ],
    ['when the name is being issued', { absence: 'pending' }, {}, 'CERTIFICATE_PENDING'],
    [
      'when a tag says to keep hands off and targets are asked for',
      { versions: [{ thumbprint: B, tags: { certkeeper: 'ignore' } }] },
      { as: 'version' },
      'TAG_FORBIDS',
    ],
    ['when nobody may take over', {}, { takeOver: true }, 'NEEDS_IDENTITIES'],
    ['when the caller may not take over', {}, { takeOver: true, asker: UPLOADER }, 'ROLE_MISSING'],
  ])('%s', async (_, facts, other, code) => {
    await expect(refusal(facts, other)).resolves.toMatchObject({ problem: { code } });
  });

  test('when a path cannot be read', async () => {
    await expect(refusal({}, { paths: ['contoso-gw/nonsense'] })).resolves.toMatchObject({
      errors: [{ field: 'targets' }],
    });
  });

  test('when the vault does not take it', async () => {
    const world = makeUploadWorld({
      ports: {
        writer: {
          ...makeUploadWorld().ports.writer,
          import: () => Promise.reject(BUSY),
        },
      },
    });
    await expect(uploadCertificate(world.ports, makeUpload(), world.next)).rejects.toBe(BUSY);
    expect(world.ledger.writes()).toBe(0);
    expect(world.did).toEqual([]);
  });
});

describe('Somebody with the role to do so', () => {
  test('binds beyond CERTKEEPER_ALLOW, which the binding remembers', async () => {
    const { ledger } = await upload({ allow: '' }, { asker: MANAGER });
    await expect(ledger.binding(SOURCE, TARGET)).resolves.toMatchObject({ allowedBy: 'manage' });
  });

  test('takes over what somebody else put there', async () => {
    const { ledger } = await upload(
      { states: { [targetKey(TARGET)]: makeState({ reference: { kind: 'uploaded' } }) } },
      { asker: MANAGER, takeOver: true },
    );
    await expect(ledger.binding(SOURCE, TARGET)).resolves.toMatchObject({
      claimed: true,
      takeOver: true,
    });
    expect(ledger.claims.get(targetKey(TARGET))).toEqual(SOURCE);
  });

  test('takes a target over from another source, which gives it up', async () => {
    const { ledger } = await upload(
      { bindings: [makeBinding({ source: OTHER_SOURCE })] },
      { asker: MANAGER, takeOver: true },
    );
    expect(ledger.claims.get(targetKey(TARGET))).toEqual(SOURCE);
    await expect(ledger.binding(OTHER_SOURCE, TARGET)).resolves.toBeUndefined();
  });

  test('makes a version of what no rule is about', async () => {
    const { did } = await upload(
      { allow: '', versions: [{ thumbprint: B }], bindings: [makeBinding()] },
      { asker: MANAGER, as: 'version', paths: [] },
    );
    expect(did).toEqual([`import ${A}`, 'sync']);
  });
});

describe('When something fails after the import', () => {
  test.each<[sentence: string, error: Error, says: string, noted: number]>([
    ['Azure', BUSY, 'Azure is busy.', 0],
    ['what nobody foresaw', new Error('with a secret in it'), 'the log of this invocation', 1],
  ])('%s, the answer says where things stand', async (_, error, says, noted) => {
    const world = makeUploadWorld({ start: () => Promise.reject(error) });
    const failure: unknown = await uploadCertificate(world.ports, makeUpload(), world.next).catch(
      (one: unknown) => one,
    );
    expect(failure).toBeInstanceOf(TransientError);
    expect(failure).toMatchObject({
      problem: {
        code: 'UPLOAD_UNFINISHED',
        message: expect.stringMatching(new RegExp(`imported as version v1.*${says}`)) as string,
        cure: expect.stringContaining('Ask again') as string,
      },
    });
    expect(JSON.stringify((failure as TransientError).problem)).not.toContain('secret in it');
    expect(world.unforeseen).toHaveLength(noted);
  });

  test('asking again does the rest, and imports nothing twice', async () => {
    let broken = true;
    const world = makeUploadWorld({
      start: async () => {
        if (broken) throw BUSY;
        return { id: 'sync-1' };
      },
    });
    await expect(uploadCertificate(world.ports, makeUpload(), world.next)).rejects.toBeDefined();
    broken = false;
    await expect(uploadCertificate(world.ports, makeUpload(), world.next)).resolves.toMatchObject({
      imported: false,
      id: 'sync-1',
    });
    expect(world.versions).toHaveLength(1);
  });

  test('an import that the vault took without saying so counts as one', async () => {
    const world = makeUploadWorld();
    const taken = world.ports.writer.import;
    const ports = {
      ...world.ports,
      writer: {
        ...world.ports.writer,
        import: async (...args: Parameters<typeof taken>) => {
          await taken(...args);
          throw BUSY;
        },
      },
    };
    await expect(uploadCertificate(ports, makeUpload(), world.next)).resolves.toMatchObject({
      imported: true,
      version: 'v1',
    });
    expect(world.versions).toHaveLength(1);
  });
});
