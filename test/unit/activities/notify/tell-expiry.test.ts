import { makeTellExpiry } from '../../../../functions/activities/notify/tell-expiry.ts';
import type { OutcomeEvent } from '../../../../shared/domain/event-ports.ts';
import type { SourceObservation } from '../../../../shared/domain/source.ts';

const SOURCE = { vault: 'contoso-kv', name: 'gateway-client' };

async function tell(observation: SourceObservation) {
  const published: OutcomeEvent[] = [];
  const tellExpiry = makeTellExpiry({
    vaults: { readCurrent: async () => observation },
    publisher: { publish: async (events) => void published.push(...events) },
    now: () => new Date('2026-11-28T02:00:00.000Z'),
  });
  return { told: await tellExpiry(SOURCE), published };
}

const expiring = (expiresAt?: string): SourceObservation => ({
  kind: 'present',
  current: {
    ...{ version: 'v1', thumbprint: 'A'.repeat(40), enabled: true },
    ...{ createdAt: '2026-01-01T00:00:00.000Z', tags: {} },
    ...(expiresAt === undefined ? {} : { expiresAt }),
  },
});

describe("Key Vault's word that a certificate nears its expiry", () => {
  it('is told with what the vault says', async () => {
    const { told, published } = await tell(expiring('2026-12-27T02:00:00.000Z'));
    expect(told).toBe(true);
    expect(published).toMatchObject([
      {
        type: 'Certkeeper.CertificateNearExpiry',
        subject: 'contoso-kv/gateway-client',
        data: {
          version: 'v1',
          message:
            'contoso-kv/gateway-client expires on 2026-12-27, and the vault has no newer version yet.',
        },
      },
    ]);
  });

  it('says that it is over when it is', async () => {
    const { published } = await tell(expiring('2026-11-28T01:00:00.000Z'));
    expect(published).toMatchObject([{ type: 'Certkeeper.CertificateExpired' }]);
  });

  it('is the same event when it comes twice, and another for another version', async () => {
    const first = await tell(expiring('2026-12-27T02:00:00.000Z'));
    const second = await tell(expiring('2026-12-27T02:00:00.000Z'));
    const other = await tell(expiring('2026-12-28T02:00:00.000Z'));
    expect(second.published[0]?.id).toBe(first.published[0]?.id);
    expect(other.published[0]?.id).not.toBe(first.published[0]?.id);
  });

  test.each<[string, SourceObservation]>([
    ['has been renewed since', expiring('2027-11-28T02:00:00.000Z')],
    ['has no end', expiring()],
    ['is gone', { kind: 'missing' }],
    ['is disabled', { kind: 'disabled' }],
  ])('is passed over when the certificate %s', async (_name, observation) => {
    expect(await tell(observation)).toEqual({ told: false, published: [] });
  });
});
