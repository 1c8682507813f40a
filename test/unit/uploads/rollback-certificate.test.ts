import { rollbackCertificate } from '../../../functions/triggers/uploads/rollback-certificate.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { makeBinding, SOURCE } from '../../support/domain-samples.ts';
import { makeUploadWorld, type WorldFacts } from '../../support/upload-world.ts';

const [A, B, C] = ['A', 'B', 'C'].map((digit) => digit.repeat(40)) as [string, string, string];
const KEY_HOLDER = { by: { kind: 'function-key' }, mayManage: false } as const;
const LAST_YEAR = '2025-07-25T00:00:00.000Z';

async function rollBack(facts: WorldFacts, version?: string) {
  const world = makeUploadWorld(facts);
  const asked = { source: SOURCE, version, asker: KEY_HOLDER };
  const result = await rollbackCertificate(world.ports, asked, world.next);
  return { ...world, result };
}

describe('Rolling back', () => {
  test('makes the version before the newest again, under the present tags, and syncs', async () => {
    const { did, result, versions } = await rollBack({
      versions: [
        { thumbprint: A, tags: { old: '1' } },
        { thumbprint: B, tags: { team: 'api' } },
      ],
    });
    expect(did).toEqual([`import ${A}`, 'sync']);
    expect(versions.at(-1)).toEqual({ thumbprint: A, tags: { team: 'api' } });
    expect(result).toMatchObject({
      id: 'sync-1',
      imported: true,
      version: 'v3',
      rolledBackTo: 'v1',
      read: { leaf: { thumbprint: A } },
    });
  });

  test('is written down before the version is there, so that nobody takes it for a mistake', async () => {
    const world = makeUploadWorld({ versions: [{ thumbprint: A }, { thumbprint: B }] });
    const { ledger, writer } = world.ports;
    let noted: unknown;
    const imported: typeof writer.import = async (...all) => {
      noted = (await ledger.ofSource(SOURCE)).rollback;
      return await writer.import(...all);
    };
    await rollbackCertificate(
      { ...world.ports, writer: { ...writer, import: imported } },
      { source: SOURCE, version: undefined, asker: KEY_HOLDER },
      world.next,
    );
    expect(noted).toMatchObject({ thumbprint: A, by: KEY_HOLDER.by });
  });

  test('leaves out what cannot be used, and what is the same certificate', async () => {
    const { result } = await rollBack({
      versions: [
        { thumbprint: A },
        { thumbprint: B, enabled: false },
        { thumbprint: B, expiresAt: LAST_YEAR },
        { thumbprint: C },
        { thumbprint: C },
      ],
    });
    expect(result.rolledBackTo).toBe('v1');
  });

  test('of versions that were made in one second leaves the one that the vault says is current', async () => {
    const world = makeUploadWorld({ versions: [{ thumbprint: A }, { thumbprint: B }] });
    const { vaults } = world.ports;
    const versions: typeof vaults.versions = async (source) =>
      (await vaults.versions(source)).toReversed();
    const { rolledBackTo } = await rollbackCertificate(
      { ...world.ports, vaults: { ...vaults, versions } },
      { source: SOURCE, version: undefined, asker: KEY_HOLDER },
      world.next,
    );
    expect(rolledBackTo).toBe('v1');
  });

  test('goes to the version that is named', async () => {
    const { result } = await rollBack(
      { versions: [{ thumbprint: A }, { thumbprint: B }, { thumbprint: C }] },
      'v1',
    );
    expect(result).toMatchObject({ rolledBackTo: 'v1', version: 'v4' });
  });

  test('from a disabled version is possible', async () => {
    const { result, versions } = await rollBack({
      versions: [{ thumbprint: A }, { thumbprint: B, enabled: false, tags: { team: 'api' } }],
    });
    expect(result.rolledBackTo).toBe('v1');
    expect(versions.at(-1)?.tags).toEqual({ team: 'api' });
  });

  test('to what is the current certificate already imports nothing', async () => {
    const { result, did } = await rollBack(
      { versions: [{ thumbprint: A }, { thumbprint: B }, { thumbprint: A }] },
      'v1',
    );
    expect(result).toMatchObject({ imported: false, version: 'v3' });
    expect(did).toEqual(['sync']);
  });

  test('does not judge what was good enough once', async () => {
    const { result } = await rollBack({
      versions: [{ thumbprint: A }, { thumbprint: B }],
      ports: {
        read: () =>
          Promise.reject(new TerminalError({ code: 'SIGNATURE_TOO_WEAK', message: 'SHA-1' })),
      },
    });
    expect(result).toMatchObject({ imported: true, rolledBackTo: 'v1' });
    expect(result.read).toBeUndefined();
  });

  test.each<[sentence: string, facts: WorldFacts, version: string | undefined, code: string]>([
    ['there is no such certificate', {}, undefined, 'SOURCE_NOT_FOUND'],
    [
      'there is no version before',
      { versions: [{ thumbprint: A }] },
      undefined,
      'VERSION_NOT_FOUND',
    ],
    ['there is no such version', { versions: [{ thumbprint: A }] }, 'v9', 'VERSION_NOT_FOUND'],
    [
      'the version is disabled',
      { versions: [{ thumbprint: A, enabled: false }, { thumbprint: B }] },
      'v1',
      'VERSION_DISABLED',
    ],
    [
      'the version has expired',
      { versions: [{ thumbprint: A, expiresAt: LAST_YEAR }, { thumbprint: B }] },
      'v1',
      'CERTIFICATE_EXPIRED',
    ],
    [
      'its key cannot be exported',
      {
        versions: [{ thumbprint: A }, { thumbprint: B }],
        ports: {
          read: () =>
            Promise.reject(new TerminalError({ code: 'PRIVATE_KEY_MISSING', message: 'none' })),
        },
      },
      undefined,
      'CERTIFICATE_NOT_EXPORTABLE',
    ],
    [
      'what is bound is beyond CERTKEEPER_ALLOW',
      { versions: [{ thumbprint: A }, { thumbprint: B }], bindings: [makeBinding()], allow: '' },
      undefined,
      'BINDING_NOT_ALLOWED',
    ],
  ])('is refused, and nothing is changed, when %s', async (_, facts, version, code) => {
    const world = makeUploadWorld(facts);
    const asked = { source: SOURCE, version, asker: KEY_HOLDER };
    await expect(rollbackCertificate(world.ports, asked, world.next)).rejects.toMatchObject({
      problem: { code },
    });
    expect(world.did).toEqual([]);
    expect(world.versions).toHaveLength((facts.versions ?? []).length);
  });
});
