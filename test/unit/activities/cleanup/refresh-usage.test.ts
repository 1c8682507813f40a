import { makeRefreshUsage } from '../../../../functions/activities/cleanup/refresh-usage.ts';
import { makeBinding, NOW } from '../../../support/domain-samples.ts';
import { makeMemoryLedger } from '../../../support/memory-ledger.ts';

const READ = { documents: 40, read: 2, problems: [], after: 'policies' };

function setUp({ asOf, bound = true }: { readonly asOf?: string; readonly bound?: boolean }) {
  const refresh = jest.fn(async () => READ);
  const run = makeRefreshUsage({
    ledger: makeMemoryLedger(bound ? [makeBinding()] : []),
    index: { asOf: async () => asOf, refresh },
    maxAgeSeconds: 3_600,
  });
  return { run, refresh };
}
const ROUND = { service: 'contoso-gw', at: NOW };

describe('The index of what uses certificates', () => {
  test.each<[sentence: string, asOf: string | undefined]>([
    ['never was complete', undefined],
    ['is as old as it may become', '2026-07-25T00:08:33.000Z'],
  ])('is brought up to date when it %s', async (_, asOf) => {
    const { run, refresh } = setUp(asOf === undefined ? {} : { asOf });
    await expect(run(ROUND)).resolves.toEqual(READ);
    expect(refresh).toHaveBeenCalledWith('contoso-gw', { at: NOW });
  });

  test.each<[sentence: string, facts: Parameters<typeof setUp>[0]]>([
    ['it is young enough', { asOf: '2026-07-25T00:30:00.000Z' }],
    ['nothing is bound at the service', { bound: false }],
  ])('is left when %s', async (_, facts) => {
    const { run, refresh } = setUp(facts);
    await expect(run(ROUND)).resolves.toEqual({ documents: 0, read: 0, problems: [] });
    expect(refresh).not.toHaveBeenCalled();
  });

  test('is gone on with once it was begun, whatever its age', async () => {
    const { run, refresh } = setUp({ asOf: NOW });
    await run({ ...ROUND, after: 'policies' });
    expect(refresh).toHaveBeenCalledWith('contoso-gw', { at: NOW, after: 'policies' });
  });
});
