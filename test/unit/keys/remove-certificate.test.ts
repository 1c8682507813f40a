import { removeCertificate } from '../../../functions/triggers/management/remove-certificate.ts';
import type { ManagementPorts } from '../../../functions/triggers/management/ports.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import type { KeyTarget } from '../../../shared/domain/target.ts';
import { makeBinding } from '../../support/domain-samples.ts';
import { APPLICATION, makeKey } from '../../support/key-world.ts';
import { makeMemoryHistory } from '../../support/memory-history.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';

const BOT = { vault: 'none', name: 'bot' };
const OTHER: KeyTarget = { ...APPLICATION, appId: '0a5e0000-0000-4000-8000-000000000009' };

test('What was removed before something failed is written down, and the rest goes the next time', async () => {
  const history = makeMemoryHistory();
  const ledger = makeMemoryLedger(
    [APPLICATION, OTHER].map((target) => makeBinding({ source: BOT, target })),
  );
  let fails = true;
  const ports: ManagementPorts = {
    ...{ ledger, history, rules: [] },
    care: { applications: new Set(), classicSubscriptions: undefined },
    readCertificate: () => Promise.reject(new Error('not asked')),
    register: () => Promise.reject(new Error('not asked')),
    look: () => Promise.reject(new Error('not asked')),
    withdraw: async (source, target) => {
      if (fails && target === OTHER) {
        throw new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'busy' });
      }
      return [{ ...makeKey('first'), source, registeredAt: '' }];
    },
    now: () => new Date(0),
  };
  const asked = {
    ...{ source: BOT, paths: [] },
    asker: { by: { kind: 'function-key' }, mayManage: true },
  } as const;
  await expect(removeCertificate(ports, asked)).rejects.toThrow('busy');
  expect(await history.list(BOT)).toMatchObject([
    { what: 'detach', targets: [{ outcome: 'removed' }] },
  ]);
  fails = false;
  await expect(removeCertificate(ports, asked)).resolves.toMatchObject([
    { target: `entra/applications/${OTHER.appId}` },
  ]);
  expect((await ledger.ofSource(BOT)).bindings).toEqual([]);
});
