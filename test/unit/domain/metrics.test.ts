import {
  makeFigures,
  rotationSeconds,
  type FiguredCertificate,
  type FiguredReport,
} from '../../../shared/domain/metrics.ts';
import type { OutcomeKind } from '../../../shared/domain/outcome.ts';
import type { SourceObservation } from '../../../shared/domain/source.ts';

const AT = '2026-11-28T02:00:00.000Z';

function figuresOf(
  certificates: readonly FiguredCertificate[],
  findings: FiguredReport['findings'] = [],
) {
  const figures = makeFigures();
  for (const one of certificates) figures.add(one);
  return figures.of({ completedAt: AT, findings });
}

describe('the figures of an audit', () => {
  it('count findings by code and severity, the acknowledged ones apart', () => {
    const acknowledged = { reason: 'known', until: '2027-01-01', from: 'http' } as const;
    const expired = { code: 'EXPIRED', severity: 'critical' } as const;
    const weak = { code: 'WEAK_KEY', severity: 'medium' } as const;
    const findings = [expired, expired, { ...expired, acknowledged }, weak];
    expect(figuresOf([], findings).findings).toEqual([
      { ...expired, acknowledged: false, count: 2 },
      { ...expired, acknowledged: true, count: 1 },
      { ...weak, acknowledged: false, count: 1 },
    ]);
  });

  it('name for each vault and service the certificate that expires first', () => {
    const certificates: readonly FiguredCertificate[] = [
      { place: 'vault', vault: 'kv', expiresAt: '2027-03-01T00:00:00.000Z' },
      { place: 'vault', vault: 'kv', expiresAt: '2027-01-01T00:00:00.000Z' },
      { place: 'vault', vault: 'kv' },
      { place: 'client', vault: 'kv', service: 'gw', expiresAt: '2027-02-01T00:00:00.000Z' },
      { place: 'hostname', service: 'gw', expiresAt: '2026-12-01T00:00:00.000Z' },
      { place: 'ca', expiresAt: '2020-01-01T00:00:00.000Z' },
    ];
    expect(figuresOf(certificates).expirations).toEqual([
      { kind: 'service', name: 'gw', expiresAt: '2026-12-01T00:00:00.000Z' },
      { kind: 'vault', name: 'kv', expiresAt: '2027-01-01T00:00:00.000Z' },
    ]);
  });

  it('are as many as a row can hold, however large the fleet is', () => {
    const certificates = Array.from({ length: 10_000 }, (_, index) => ({
      place: 'client' as const,
      service: `service-with-a-name-of-fifty-characters-and-no-more-${String(index % 2_000)}`,
      expiresAt: new Date(Date.parse(AT) + index * 3_600_000).toISOString(),
    }));
    const figures = figuresOf(certificates);
    expect(figures.expirations).toHaveLength(150);
    expect(figures.expirations[0]?.expiresAt).toBe(AT);
    expect(JSON.stringify(figures).length).toBeLessThan(30_000);
  });
});

describe('how long a rotation took', () => {
  const seen = (createdAt: string): SourceObservation => ({
    kind: 'present',
    current: {
      ...{ version: 'v', thumbprint: 'A'.repeat(40), enabled: true, tags: {} },
      createdAt,
    },
  });
  const outcome = (kind: OutcomeKind) => ({ target: 't', outcome: kind, reason: 'r' });

  test.each<[string, SourceObservation | undefined, OutcomeKind[], number[]]>([
    ['from the version to its verification', seen('2026-11-28T01:59:57.500Z'), ['rotated'], [2.5]],
    ['for each target', seen('2026-11-28T01:59:59.000Z'), ['rotated', 'rotated'], [1, 1]],
    ['not for what is attached anew', seen(AT), ['attached', 'repointed', 'current'], []],
    ['not for what was in the way', seen(AT), ['blocked', 'failed'], []],
    [
      'never less than nothing, though clocks differ',
      seen('2026-11-28T02:00:01.000Z'),
      ['rotated'],
      [0],
    ],
    ['not when nothing was seen', { kind: 'disabled' }, ['rotated'], []],
    ['not when nobody looked', undefined, ['rotated'], []],
    ['not from a time that is none', seen('soon'), ['rotated'], []],
  ])('%s', (_name, observation, outcomes, expected) => {
    expect(rotationSeconds(observation, outcomes.map(outcome), AT)).toEqual(expected);
  });
});
