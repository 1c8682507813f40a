import { TerminalError } from '../domain/errors.ts';

/** A vault or service named in configuration. No address is ever built from anything else. */
export interface CaredFor {
  readonly id: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** Thrown when the vault is not configured: TerminalError `VAULT_NOT_CONFIGURED`. */
export function requireVault(vaults: readonly CaredFor[], name: string): CaredFor {
  const vault = vaults.find((one) => one.name === name.toLowerCase());
  if (vault !== undefined) return vault;
  throw new TerminalError({
    code: 'VAULT_NOT_CONFIGURED',
    message: `The vault ${name} is not under Certkeeper's care.`,
    resource: name,
    cure: "Add the vault's resource id to CERTKEEPER_VAULTS.",
  });
}

/** Thrown when the service is not configured: TerminalError `SERVICE_NOT_CONFIGURED`. */
export function requireService(services: readonly CaredFor[], name: string): CaredFor {
  const service = services.find((one) => one.name === name.toLowerCase());
  if (service !== undefined) return service;
  throw new TerminalError({
    code: 'SERVICE_NOT_CONFIGURED',
    message: `The service ${name} is not under Certkeeper's care.`,
    resource: name,
    cure: "Add the service's resource id to CERTKEEPER_SERVICES.",
  });
}
