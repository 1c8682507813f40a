import { findAccess } from '../../../functions/activities/diagnose-target.ts';
import type { AccessCheck, CheckName } from '../../../shared/domain/access-check.ts';
import { TerminalError, TransientError, type ProblemCode } from '../../../shared/domain/errors.ts';
import type { SourceObservation } from '../../../shared/domain/source.ts';
import type { TargetState } from '../../../shared/domain/target-state.ts';
import { makeAccessWorld } from '../../support/access-world.ts';
import {
  makePresent,
  makeUploaded,
  NOW,
  OLD_THUMBPRINT,
  PROBLEM,
  SOURCE,
  WORKSPACE_TARGET,
} from '../../support/domain-samples.ts';

const refuse = (code: ProblemCode) => () =>
  Promise.reject(new TerminalError({ code, message: `${code}.`, cure: 'a cure' }));

interface World {
  readonly observation?: SourceObservation;
  readonly there?: TargetState;
  readonly bend?: Partial<ReturnType<typeof makeAccessWorld>>;
}

function find({ observation = makePresent(), there = { kind: 'absent' }, bend }: World) {
  const world = makeAccessWorld({ observation });
  return findAccess(
    {
      ...world,
      pushed: { observe: () => Promise.resolve(there) },
      vaults: {
        ...world.vaults,
        versions: () =>
          Promise.resolve([
            { version: 'v1', thumbprint: OLD_THUMBPRINT, enabled: true, createdAt: NOW },
          ]),
      },
      ...bend,
    },
    { source: SOURCE, target: WORKSPACE_TARGET },
  );
}

/** Everything that is not passed. */
const wrong = (checks: readonly AccessCheck[]) =>
  checks.flatMap((check) =>
    check.severity === 'passed' ? [] : [[check.check, check.severity, check.code]],
  );

describe('The access of a workspace', () => {
  test('is clear when Certkeeper can read the key and the place is free', async () => {
    const checks = await find({});
    expect(wrong(checks)).toEqual([]);
    expect(checks.map(({ check }) => check)).toEqual<CheckName[]>([
      'service',
      'reference',
      'certificate',
      'validity',
      'exportable',
      'permission',
    ]);
  });

  test('is clear over an earlier version, and for what is kept as PEM', async () => {
    const there = makeUploaded({ thumbprint: OLD_THUMBPRINT });
    const observation = makePresent({ contentType: 'application/x-pem-file' });
    expect(wrong(await find({ there, observation }))).toEqual([]);
  });

  test.each<[sentence: string, world: World, expected: readonly unknown[]]>([
    [
      'something else is there',
      { there: makeUploaded({ thumbprint: 'F'.repeat(40) }) },
      [['reference', 'blocks', 'REFERENCE_ELSEWHERE']],
    ],
    [
      'a reference to a vault is there',
      { there: makeUploaded({ reference: { kind: 'foreign', identifier: 'x' } }) },
      [['reference', 'blocks', 'REFERENCE_ELSEWHERE']],
    ],
    [
      'Certkeeper itself may not read the key',
      { bend: { writer: { readCurrentPfx: refuse('CERTKEEPER_PERMISSION_MISSING') } } },
      [['permission', 'blocks', 'CERTKEEPER_PERMISSION_MISSING']],
    ],
    [
      'the workspace is gone',
      { bend: { pushed: { observe: refuse('WORKSPACE_NOT_FOUND') } } },
      [['reference', 'blocks', 'WORKSPACE_NOT_FOUND']],
    ],
    [
      'Certkeeper may not look at the workspace',
      { bend: { pushed: { observe: refuse('CERTKEEPER_PERMISSION_MISSING') } } },
      [['reference', 'unknown', 'CERTKEEPER_PERMISSION_MISSING']],
    ],
    [
      'the service is gone',
      { bend: { access: { ...makeAccessWorld().access, service: refuse('SERVICE_NOT_FOUND') } } },
      [['service', 'blocks', 'SERVICE_NOT_FOUND']],
    ],
    [
      'the key cannot leave the vault',
      { observation: makePresent({ exportable: false }) },
      [['exportable', 'blocks', 'CERTIFICATE_NOT_EXPORTABLE']],
    ],
    [
      'the certificate is missing',
      { observation: { kind: 'missing' } },
      [['certificate', 'blocks', 'SOURCE_NOT_FOUND']],
    ],
    [
      'the current version is disabled',
      { observation: { kind: 'disabled' } },
      [['certificate', 'blocks', 'CURRENT_VERSION_DISABLED']],
    ],
  ])('says so when %s', async (_, world, expected) => {
    expect(wrong(await find(world))).toEqual(expected);
  });

  test('wipes the key that it read to find out', async () => {
    const pfx = Buffer.from('the private key');
    const world = makeAccessWorld();
    await find({
      bend: {
        writer: {
          readCurrentPfx: (_, seen) => Promise.resolve({ ...seen, pfx }),
        },
        access: world.access,
      },
    });
    expect(pfx.every((byte) => byte === 0)).toBe(true);
  });

  test('is asked for again when Azure does not answer', async () => {
    const later = new TransientError({ ...PROBLEM, code: 'AZURE_UNAVAILABLE' });
    const bend = { pushed: { observe: () => Promise.reject(later) } };
    await expect(find({ bend })).rejects.toBe(later);
  });
});
