import { makeKeyVaultEvents } from '../../../functions/triggers/key-vault-events.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { formatSource } from '../../../shared/domain/source.ts';
import { makeInvocation } from '../../support/invocation.ts';
import { newVersionEvent } from '../../support/system/app-under-test.ts';

const PROBLEM = { code: 'AZURE_UNAVAILABLE', message: 'no answer' } as const;

function makeTrigger(tell: () => Promise<boolean> = async () => true) {
  const asked: string[] = [];
  const { context, lines } = makeInvocation();
  const onEvent = makeKeyVaultEvents({
    vaults: new Set(['contoso-kv']),
    vaultSuffix: 'vault.azure.net',
    requestSync: async (source) => {
      asked.push(`sync ${formatSource(source)}`);
      return { id: 'sync-1', started: true };
    },
    requestCheck: async (vault) => {
      asked.push(`check ${vault}`);
      return { id: 'access-1', started: true };
    },
    tellExpiry: async (source) => {
      asked.push(`expiry ${formatSource(source)}`);
      return await tell();
    },
  });
  const raise = (eventType: string) =>
    onEvent({ ...newVersionEvent('contoso-kv', 'gateway-client'), eventType }, context);
  return { raise, asked, lines };
}

describe("Key Vault's events", () => {
  test.each([
    ['CertificateNewVersionCreated', ['sync contoso-kv/gateway-client']],
    [
      'CertificateNearExpiry',
      ['sync contoso-kv/gateway-client', 'expiry contoso-kv/gateway-client'],
    ],
    ['CertificateExpired', ['sync contoso-kv/gateway-client', 'expiry contoso-kv/gateway-client']],
    ['SecretNearExpiry', []],
  ])('%s', async (type, expected) => {
    const { raise, asked } = makeTrigger();
    await raise(`Microsoft.KeyVault.${type}`);
    expect(asked).toEqual(expected);
  });

  it('come again when nobody could be told now', async () => {
    const { raise, asked } = makeTrigger(() => Promise.reject(new TransientError(PROBLEM)));
    await expect(raise('Microsoft.KeyVault.CertificateExpired')).rejects.toThrow(TransientError);
    expect(asked).toContain('sync contoso-kv/gateway-client');
  });

  it('do not come again for what cannot be told for good', async () => {
    const { raise, lines } = makeTrigger(() => Promise.reject(new TerminalError(PROBLEM)));
    await raise('Microsoft.KeyVault.CertificateExpired');
    expect(lines).toContainEqual(
      'warning expiry.untold of contoso-kv/gateway-client: AZURE_UNAVAILABLE',
    );
  });
});
