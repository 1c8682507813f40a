/** What a fleet of findings is made of: small worlds, and what an audit finds in each. */
import type { AccessWorld } from '../../azure/access-world.ts';
import { authenticationCertificate, policyWith } from '../../azure/seed-contents.ts';
import type { Binding } from '../../../../shared/domain/binding.ts';
import type { SourceRecord } from '../../../../shared/domain/binding.ts';
import type { ClientCertificateTarget } from '../../../../shared/domain/target.ts';
import type { Fleet } from './fleet.ts';

/** A vault and a service of its own, with the certificate `c` in the vault. */
export interface FleetRow {
  /** Completes "What is found where …". */
  readonly where: string;
  /** What is there before anybody looks; `c` attached, and used by its id, unless said otherwise. */
  readonly build?: (world: AccessWorld) => Promise<void>;
  /** What happens, and is noted, after the ledger has learnt what is bound. */
  readonly then?: (world: AccessWorld, fleet: Fleet) => Promise<void>;
  /** What happens after the access was checked, right before the audit. */
  readonly last?: (world: AccessWorld, fleet: Fleet) => Promise<void>;
  /** Nobody looks at what uses the certificates of this service. */
  readonly usageUnread?: true;
  /** `CODE about`, in any order. */
  readonly finds: (at: Places) => readonly string[];
}

/** How things are called in a row's world. */
export interface Places {
  readonly vault: string;
  readonly service: string;
  /** A certificate in the vault. */
  readonly source: (name?: string) => string;
  /** A client certificate of the service. */
  readonly client: (id?: string) => string;
}

export function placesOf({ vault, service }: AccessWorld): Places {
  return {
    ...{ vault, service },
    source: (name = 'c') => `${vault}/${name}`,
    client: (id = 'c') => `${service}/certificates/${id}`,
  };
}

const ARM = '?api-version=2024-05-01';

/** Attaches certificates of the vault under their own names, and lets a policy use them by id. */
export async function attachAndUse(world: AccessWorld, names: readonly string[] = ['c']) {
  for (const name of names) await attach(world, name);
  await useBy(world, names);
}

/** Attaches a certificate of the vault under its own name. */
async function attach(world: AccessWorld, name: string): Promise<void> {
  const secretIdentifier = `https://${world.vault}.vault.azure.net/secrets/${name}`;
  await put(world, `certificates/${name}`, { keyVault: { secretIdentifier } });
}

/** Lets the service's policy refer to certificates by their ids. */
async function useBy(world: AccessWorld, ids: readonly string[]): Promise<void> {
  const value = policyWith(ids.map((id) => authenticationCertificate({ id })).join(''));
  await put(world, 'policies/policy', { value, format: 'rawxml' });
}

/** Puts a resource below the service. */
export async function put(world: AccessWorld, below: string, properties: object): Promise<void> {
  const path = `${world.serviceId}/${below}${ARM}`;
  await world.ask('PUT', path, { properties }, { 'if-match': '*' });
}

/** Imports a PKCS#12 of the test's own. @param pfx base64 */
export async function importPfx(world: AccessWorld, name: string, pfx: string): Promise<void> {
  await world.askVault('POST', `/certificates/${name}/import`, { value: pfx });
}

export const targetOf = ({ service }: AccessWorld, id = 'c'): ClientCertificateTarget => ({
  ...{ kind: 'client-certificate', service, id },
});

/** Notes at a binding that is known what a sync would. */
export async function noteBinding(
  world: AccessWorld,
  { ledger }: Fleet,
  noted: Partial<Binding>,
): Promise<void> {
  const source = { vault: world.vault, name: 'c' };
  const known = await ledger.binding(source, targetOf(world));
  if (known === undefined) throw new Error(`${world.service} has no binding`);
  await ledger.saveBinding({ ...known, ...noted });
}

/** Notes at the source what a sync would. */
export async function noteSource(
  world: AccessWorld,
  { ledger }: Fleet,
  noted: Partial<SourceRecord>,
): Promise<void> {
  const source = { vault: world.vault, name: 'c' };
  const { record, bindings } = await ledger.ofSource(source);
  await ledger.save({ ...record, ...noted }, bindings);
}
