import * as z from 'zod';
import { TerminalError } from '../../shared/domain/errors.ts';
import { CERTIFICATE_NAME, NO_VAULT, VAULT_NAME, type Source } from '../../shared/domain/source.ts';

/** `{vault}/{name}` in the path of a route. */
export const sourceParams = z.object({
  vault: z
    .string()
    .regex(VAULT_NAME, {
      error: 'must be the name of a vault: 3 to 24 letters, digits and hyphens',
    })
    .meta({ description: 'The name of a vault under care', example: 'contoso-kv' }),
  name: z
    .string()
    .regex(CERTIFICATE_NAME, {
      error: 'must be the name of a certificate: 1 to 127 letters, digits and hyphens',
    })
    .meta({ description: 'The name of the certificate in the vault', example: 'gateway-client' }),
});

/**
 * The source that a route's `{vault}` and `{name}` say; Key Vault does not care for their case.
 * Thrown when the vault is not under care: TerminalError `VAULT_NOT_CONFIGURED`.
 */
export function readSource(
  { vault, name }: z.output<typeof sourceParams>,
  vaults: ReadonlySet<string>,
): Source {
  const source = { vault: vault.toLowerCase(), name: name.toLowerCase() };
  if (vaults.has(source.vault)) return source;
  throw new TerminalError({
    code: 'VAULT_NOT_CONFIGURED',
    message: `The vault ${source.vault} is not under Certkeeper's care.`,
    resource: source.vault,
    cure: "Add the vault's resource id to CERTKEEPER_VAULTS.",
  });
}

/** For what can also be asked of certificates that are in no vault. */
export function withoutVaultToo(vaults: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...vaults, NO_VAULT]);
}
