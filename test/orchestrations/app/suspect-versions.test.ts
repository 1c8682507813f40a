import type { CertificateLooks } from '../../../shared/domain/certificate-looks.ts';
import type { SourceObservation } from '../../../shared/domain/source.ts';
import type { Yardstick } from '../../../shared/domain/suspect.ts';
import { makeLooks } from '../../support/domain-samples.ts';
import { makeStoppingSync } from './stopping-sync.ts';
import { azureCalls, bound, installed, observed, thumb } from './sync-world.ts';

/** A version with looks: what the vault shows of it. */
function looking(version: number, looks: Partial<CertificateLooks> = {}): SourceObservation {
  const one = observed(version);
  if (one.kind !== 'present') return one;
  return { ...one, current: { ...one.current, looks: makeLooks(looks) } };
}

const verified = { version: 'v1', looks: makeLooks() };
const hold: Yardstick = { onSuspect: 'hold', verified };
const warn: Yardstick = { onSuspect: 'warn', verified };
const strange = looking(2, { subject: 'CN=b' });

describe('the sync of a version that looks wrong', () => {
  const sync = makeStoppingSync();

  it('changes nothing and says how to approve it, where it is to be held', async () => {
    const { result, calls } = await sync({ observation: strange, yardstick: hold });
    expect(azureCalls(calls)).toEqual(['ObserveSource']);
    expect(result).toMatchObject({
      verdict: 'blocked',
      targets: [
        {
          outcome: 'blocked',
          reason: 'VersionHeld',
          problem: {
            code: 'VERSION_HELD',
            cure: expect.stringContaining('/api/operations/sync-test/approve') as string,
          },
        },
      ],
    });
  });

  it('installs it once it is approved, and names what differs', async () => {
    const { result } = await sync({
      observation: strange,
      yardstick: { ...hold, approved: 'v2' },
    });
    expect(result).toMatchObject({
      verdict: 'succeeded',
      targets: [{ outcome: 'rotated', thumbprint: thumb(2) }],
      warnings: [{ code: 'VERSION_SUSPECT' }],
    });
  });

  it('installs it, records and publishes what differs, where that is only warned of', async () => {
    const { result, calls } = await sync({ observation: strange, yardstick: warn });
    expect(result).toMatchObject({
      verdict: 'succeeded',
      warnings: [
        { code: 'VERSION_SUSPECT', message: expect.stringContaining('subject:') as string },
      ],
    });
    const inputOf = (name: string) => calls.find((one) => one.name === name)?.input;
    expect(inputOf('RecordSync')).toMatchObject({ warning: { code: 'VERSION_SUSPECT' } });
    expect(inputOf('PublishOutcomes')).toMatchObject({ warnings: [{ code: 'VERSION_SUSPECT' }] });
  });

  it('publishes the warning once', async () => {
    const first = await sync({ observation: strange, yardstick: warn });
    const told = (first.result.warnings ?? []).map(({ message }) => message);
    const { calls } = await sync({ observation: strange, yardstick: warn, told });
    const published = calls.find(({ name }) => name === 'PublishOutcomes')?.input;
    expect(published).not.toHaveProperty('warnings');
  });

  it('says nothing of an ordinary renewal', async () => {
    const { result } = await sync({
      observation: looking(2, { serialNumber: '02', notAfter: '2028-07-01T00:00:00.000Z' }),
      yardstick: hold,
    });
    expect(result.verdict).toBe('succeeded');
    expect(result).not.toHaveProperty('warnings');
  });

  it('holds a wrong one too that comes while an ordinary one is being installed', async () => {
    // The service reads the vault a moment later than the sync did, and is ahead of it.
    const { result, calls } = await sync(
      { observation: looking(2), yardstick: hold, work: [bound('a', 1), bound('b', 2)] },
      {
        RefreshTarget: () => installed(3),
        RereadSource: () => looking(3, { subject: 'CN=b' }),
      },
    );
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'RefreshTarget', 'RereadSource']);
    expect(result.targets).toMatchObject([{ reason: 'VersionHeld' }, { reason: 'VersionHeld' }]);
  });
});
