/** How Key Vault behaves where the real one takes its time, or where its past counts. */
import { makeSettingKinds } from '../core/setting-kinds.ts';
import type { Settings } from '../service.ts';

export interface KeyVaultSettings {
  /** Simulated seconds that the issuer `Self` takes. */
  selfIssueSeconds(): number;
  /** Whether the firewall of a vault also stops identities that call from this machine. */
  stopsCallers(vault: string): boolean;
  smallKeys(): 'refuse' | 'accept';
}

export function defineKeyVaultSettings(settings: Settings): KeyVaultSettings {
  const firewallForCallers = settings.define<boolean | readonly string[]>(
    'keyVault.firewallForCallers',
    {
      default: false,
      about:
        'whether the vault firewall also stops identities that call from this machine (false: this machine counts as an allowed network); or the names of the vaults where it does',
      parse: (value) => {
        if (typeof value === 'boolean') return value;
        if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
        throw new Error('true, false, or names of vaults');
      },
    },
  );
  return {
    selfIssueSeconds: settings.define('keyVault.selfIssueSeconds', {
      default: 0,
      about: 'how long the issuer Self takes for a certificate',
      parse: (value) => {
        if (typeof value === 'number' && value >= 0 && value <= 86_400) return value;
        throw new Error('a number of seconds from 0 to 86400');
      },
    }),
    stopsCallers(vault) {
      const stops = firewallForCallers();
      return typeof stops === 'boolean' ? stops : stops.includes(vault.toLowerCase());
    },
    smallKeys: makeSettingKinds(settings).choice(
      'keyVault.smallKeys',
      ['refuse', 'accept'],
      'an import with an RSA key of 1024 bits: a 400, or taken, as before the rule that a vault may be older than',
    ),
  };
}
