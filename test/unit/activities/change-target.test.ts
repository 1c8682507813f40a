import { makeRepointTarget } from '../../../functions/activities/change-target.ts';
import {
  makePublishOutcomes,
  type PublishInput,
} from '../../../functions/activities/publish-outcomes.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { ServiceIdentity } from '../../../shared/domain/service.ts';
import type { OutcomeEvent } from '../../../shared/domain/event-ports.ts';
import {
  makeInstalled,
  makeState,
  NEW_VERSION,
  NOW,
  PROBLEM,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';

describe('Repointing', () => {
  const INPUT = { target: TARGET, secretIdentifier: 's', etag: '"1"', identityClientId: 'c' };
  const there = makeState({ etag: '"2"' });
  const repointWith = (
    certificates: Parameters<typeof makeRepointTarget>[0]['certificates'],
    identity: ServiceIdentity = { systemAssigned: { objectId: 'o' }, userAssigned: [] },
  ) =>
    makeRepointTarget({
      access: {
        service: () =>
          Promise.resolve({
            id: '/gw',
            name: 'contoso-gw',
            identity,
            provisioningState: 'Succeeded',
            sku: 'Developer',
          }),
      },
      certificates,
    });

  test('answers what was written, on the state that was seen', async () => {
    const repoint = jest.fn(() => Promise.resolve(makeInstalled()));
    const observe = jest.fn(() => Promise.resolve(there));
    await expect(repointWith({ repoint, observe })(INPUT)).resolves.toEqual(makeState());
    expect(repoint).toHaveBeenCalledWith(TARGET, 's', 'c', '"1"');
    expect(observe).not.toHaveBeenCalled();
  });

  test('answers what is there now when somebody changed it, its own first try included', async () => {
    const changed = new TerminalError({ code: 'TARGET_CHANGED', message: 'changed' });
    const run = repointWith({
      repoint: () => Promise.reject(changed),
      observe: () => Promise.resolve(there),
    });
    await expect(run(INPUT)).resolves.toEqual(there);
  });

  test('is refused as it stands otherwise', async () => {
    const run = repointWith({
      repoint: () => Promise.reject(new TerminalError(PROBLEM)),
      observe: () => Promise.resolve(there),
    });
    await expect(run(INPUT)).rejects.toMatchObject({ problem: PROBLEM });
  });

  describe("of somebody else's certificate", () => {
    const { identityClientId: _, ...rest } = INPUT;
    const takeOver = { ...rest, takeOver: true } as const;
    const user = { resourceId: '/id', objectId: 'o2', clientId: 'c2' };

    test.each<[sentence: string, identity: ServiceIdentity, clientId: string | undefined]>([
      ['system-assigned', { systemAssigned: { objectId: 'o' }, userAssigned: [user] }, undefined],
      ['only user-assigned', { userAssigned: [user] }, 'c2'],
    ])("lets the service's %s identity read the vault", async (_sentence, identity, clientId) => {
      const repoint = jest.fn(() => Promise.resolve(makeInstalled()));
      const run = repointWith({ repoint, observe: () => Promise.resolve(there) }, identity);
      await run(takeOver);
      expect(repoint).toHaveBeenCalledWith(TARGET, 's', clientId, '"1"');
    });

    test('is refused when the service has no identity', async () => {
      const repoint = jest.fn(() => Promise.resolve(makeInstalled()));
      const run = repointWith(
        { repoint, observe: () => Promise.resolve(there) },
        { userAssigned: [] },
      );
      await expect(run(takeOver)).rejects.toMatchObject({ problem: { code: 'IDENTITY_MISSING' } });
      expect(repoint).not.toHaveBeenCalled();
    });
  });
});

describe('Publishing', () => {
  const outcome = (kind: 'attached' | 'rotated' | 'repointed' | 'blocked' | 'failed') =>
    ({ target: 'contoso-gw/certificates/a', outcome: kind, reason: 'NewVersion' }) as const;

  async function publish(input: Partial<PublishInput>): Promise<readonly OutcomeEvent[]> {
    const batches: (readonly OutcomeEvent[])[] = [];
    const run = makePublishOutcomes({
      publish: async (events) => {
        batches.push(events);
      },
    });
    await run({
      instanceId: 'sync-1',
      source: SOURCE,
      version: NEW_VERSION,
      at: NOW,
      targets: [],
      problems: [],
      ...input,
    });
    expect(batches.length).toBeLessThanOrEqual(1);
    return batches.flat();
  }

  test.each([
    ['attached', 'Certkeeper.CertificateAttached'],
    ['rotated', 'Certkeeper.CertificateRotated'],
    ['repointed', 'Certkeeper.CertificateRotated'],
    ['blocked', 'Certkeeper.SyncFailed'],
    ['failed', 'Certkeeper.SyncFailed'],
  ] as const)('tells of a target that was %s as %s', async (kind, type) => {
    await expect(publish({ targets: [outcome(kind)] })).resolves.toMatchObject([
      {
        type,
        subject: 'contoso-kv/gateway-client',
        time: NOW,
        data: {
          vault: 'contoso-kv',
          certificate: 'gateway-client',
          version: NEW_VERSION,
          operation: 'sync-1',
          target: 'contoso-gw/certificates/a',
        },
      },
    ]);
  });

  test('tells of a problem of the source itself', async () => {
    await expect(publish({ problems: [PROBLEM] })).resolves.toMatchObject([
      { type: 'Certkeeper.SyncFailed', data: { problem: PROBLEM } },
    ]);
  });

  test('tells of a version that looks wrong', async () => {
    const warning = { code: 'VERSION_SUSPECT', message: 'It looks wrong.' } as const;
    await expect(publish({ warnings: [warning] })).resolves.toMatchObject([
      { type: 'Certkeeper.VersionSuspect', data: { problem: warning, version: NEW_VERSION } },
    ]);
  });

  test('is silent when there is nothing to tell', async () => {
    await expect(publish({})).resolves.toEqual([]);
  });

  test('gives an event the same id when it is published twice, and every event its own', async () => {
    const input = { targets: [outcome('rotated'), outcome('blocked')], problems: [PROBLEM] };
    const ids = (await publish(input)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect((await publish(input)).map(({ id }) => id)).toEqual(ids);
    const later = await publish({ ...input, at: '2026-07-25T01:08:34.000Z' });
    expect(ids).not.toContain(later[0]?.id);
  });
});
