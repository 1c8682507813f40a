import { TerminalError } from '../../shared/domain/errors.ts';
import { toSource, type Source } from '../../shared/domain/source.ts';
import { RequestError } from '../../shared/http/http-handler.ts';

/**
 * The source that a route's `{vault}` and `{name}` say.
 *
 * Thrown when a name breaks Key Vault's rules: RequestError; when the vault is not under care:
 * TerminalError `VAULT_NOT_CONFIGURED`.
 */
export function readSource(
  params: Readonly<Record<string, string>>,
  vaults: ReadonlySet<string>,
): Source {
  const { vault = '', name = '' } = params;
  const source = toSource(vault, name);
  if (source === undefined) {
    throw new RequestError([
      {
        field: 'vault, name',
        message:
          'must be names that Key Vault allows: letters, digits and hyphens (vault 3 to 24, certificate 1 to 127)',
      },
    ]);
  }
  if (vaults.has(source.vault)) return source;
  throw new TerminalError({
    code: 'VAULT_NOT_CONFIGURED',
    message: `The vault ${source.vault} is not under Certkeeper's care.`,
    resource: source.vault,
    cure: "Add the vault's resource id to CERTKEEPER_VAULTS.",
  });
}
