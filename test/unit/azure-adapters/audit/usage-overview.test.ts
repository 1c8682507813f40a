import { makeUsageOverview } from '../../../../shared/azure/usage/usage-overview.ts';
import { judgeUse } from '../../../../shared/domain/certificate-use.ts';
import { formatTarget, type CertificateTarget } from '../../../../shared/domain/target.ts';
import { CLIENT, IN_TEAM, makeUsageKit } from '../../../support/usage-kit.ts';
import { fill, policyBy, THUMBPRINT } from '../../../support/usage-sample.ts';

const UNUSED: CertificateTarget = { kind: 'client-certificate', service: 'gw', id: 'nobodys' };
const ASKED = [
  { target: CLIENT, thumbprint: THUMBPRINT },
  { target: IN_TEAM, thumbprint: THUMBPRINT },
  { target: UNUSED, thumbprint: 'F'.repeat(40) },
];

describe('What uses all certificates of a service', () => {
  test('is not known before it was looked through once', async () => {
    const { table } = makeUsageKit();
    expect(await makeUsageOverview(table).of('gw', ASKED)).toBeUndefined();
  });

  test('is what the index says of each, in two queries', async () => {
    const kit = makeUsageKit();
    fill(kit.service);
    await kit.round('2026-11-27T00:00:00.000Z');
    kit.table.counts.queries = 0;
    const overview = await makeUsageOverview(kit.table).of('gw', ASKED);
    expect(kit.table.counts.queries).toBe(2);
    expect(overview?.asOf).toBe('2026-11-27T00:00:00.000Z');
    for (const { target, thumbprint } of ASKED) {
      const references = (await kit.index.of(target, [thumbprint]))?.references ?? [];
      const byThumbprint = references.filter(
        ({ by, certainty }) => by === 'thumbprint' && certainty === 'certain',
      );
      expect(overview?.of[formatTarget(target)]).toEqual({
        verdict: judgeUse(references),
        references: references.length,
        where: [...new Set(references.map(({ document }) => document))].slice(0, 10),
        byThumbprint: byThumbprint.slice(0, 5).map(({ document, at }) => `${document}: ${at}`),
        byThumbprintCount: byThumbprint.length,
      });
    }
  });

  test('counts what it does not show', async () => {
    const kit = makeUsageKit();
    kit.service.policy('policies/policy', policyBy(`thumbprint="${THUMBPRINT}"`));
    await kit.round();
    const overview = await makeUsageOverview(kit.table).of('gw', ASKED);
    const client = overview?.of[formatTarget(CLIENT)];
    expect(client).toMatchObject({ verdict: 'in-use', byThumbprintCount: 1 });
    expect(client?.byThumbprint[0]).toMatch(/^policies\/policy: .*thumbprint/);
    expect(overview?.of[formatTarget(UNUSED)]).toMatchObject({ verdict: 'unused', references: 0 });
  });
});
