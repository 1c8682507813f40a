import { hash } from 'node:crypto';
import * as z from 'zod';
import type { RestCalls } from './rest-calls.ts';
import { requireVault, type CaredFor } from '../cared-for.ts';
import { allowOwnAtVault } from '../own-rights.ts';
import { toDomainError } from '../to-domain-error.ts';
import { formatSource, type Source } from '../../domain/source.ts';

/** Signs a text as PS256 with the key of a version, which does not leave its vault. */
export type SignInVault = (source: Source, version: string, text: Buffer) => Promise<Buffer>;

/**
 * Signatures by Key Vault's `sign` ("sign", REST reference, 2025-07-01), by a plain call: it is the
 * only one for which the client for keys would be needed.
 *
 * Thrown: TerminalError `CERTKEEPER_PERMISSION_MISSING`, also where the key may not sign.
 */
export function makeSignInVault(
  calls: RestCalls,
  vaults: readonly CaredFor[],
  vaultSuffix: string,
): SignInVault {
  return async (source, version, text) => {
    const vault = requireVault(vaults, source.vault);
    const key = `keys/${encodeURIComponent(source.name)}/${encodeURIComponent(version)}`;
    const value = hash('sha256', text, 'buffer').toString('base64url');
    try {
      const { bodyAsText } = await calls({
        method: 'POST',
        url: `https://${vault.name}.${vaultSuffix}/${key}/sign?api-version=2025-07-01`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ alg: 'PS256', value }),
      });
      const signed = signedSchema.parse(JSON.parse(bodyAsText ?? ''));
      return Buffer.from(signed.value, 'base64url');
    } catch (error) {
      throw toDomainError(error, {
        resource: vault.id,
        doing: `sign with the key of ${formatSource(source)}`,
        grant: allowOwnAtVault('Key Vault Crypto User', vault, { keys: 'sign' }),
      });
    }
  };
}

const signedSchema = z.object({ value: z.string() });
