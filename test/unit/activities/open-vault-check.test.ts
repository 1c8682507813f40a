import { makeOpenVaultCheck } from '../../../functions/activities/open-vault-check.ts';
import { makeVaultArrivals } from '../../../shared/azure/arrivals.ts';
import { makeBinding, NOW, OTHER_SOURCE, TARGET } from '../../support/domain-samples.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';

const at = (service: string) => ({ ...TARGET, service });

test('The check of a vault looks where its certificates are bound, and nowhere else', async () => {
  const arrivals = makeVaultArrivals(makeMemoryTable(), () => new Date(NOW));
  await arrivals.arrive('contoso-kv', true);
  const open = makeOpenVaultCheck({
    arrivals,
    ledger: makeMemoryLedger([
      makeBinding({ target: at('contoso-gw') }),
      makeBinding({ source: OTHER_SOURCE, target: at('contoso-eu-gw') }),
      makeBinding({ source: OTHER_SOURCE, target: { ...TARGET, id: 'another' } }),
      makeBinding({ target: at('only-asked-for'), claimed: false }),
      makeBinding({ target: at('not-under-care') }),
      makeBinding({
        source: { vault: 'contoso-legacy-kv', name: 'legacy-api' },
        target: at('contoso-lab-gw'),
      }),
    ]),
    services: new Set(['contoso-gw', 'contoso-eu-gw', 'contoso-lab-gw', 'only-asked-for']),
  });
  await expect(open({ vault: 'contoso-kv' })).resolves.toEqual({
    arrival: 1,
    services: ['contoso-eu-gw', 'contoso-gw'],
  });
});
