/** A vault of the run's own, which the service may read, and certificates in it. */
import { briefly, isSuccess, type Answer } from '../answer.ts';
import { ForeignResourceError } from '../ownership.ts';
import { NotAsked } from '../question.ts';
import {
  armUrl,
  askArm,
  askService,
  askUntil,
  need,
  putAnyway,
  removeFromService,
} from '../world.ts';
import type { VerifyWorld } from '../world.ts';
import { makeFile, type CertificateFile, type CertificateWish } from './files.ts';

export interface ThrowAwayVault {
  readonly id: string;
  readonly name: string;
}

const DATA_VERSION = 'api-version=7.5';
/** New names, and access that was just given, take their time to be known everywhere. */
const KNOWN_WITHIN_SECONDS = 300;
const NOT_KNOWN_YET: readonly number[] = [401, 403, 404];

/**
 * Made with access policies, for who asks and for the service's identity: nobody has to be allowed
 * to give roles.
 */
export function vaultOf(world: VerifyWorld): Promise<ThrowAwayVault> {
  return world.shared('vault', async (shared) => {
    const { groupId, location, tenantId, callerId, principalId } = shared;
    if (principalId === undefined) {
      throw new NotAsked(
        `the service has no system-assigned identity to read a vault with. Give it one: az apim update --name ${shared.service} --resource-group ${shared.resourceGroup} --enable-managed-identity true`,
      );
    }
    const name = shared.name('kv');
    const id = `${groupId}/providers/Microsoft.KeyVault/vaults/${name}`;
    shared.later(`the vault ${name}`, (calm) => removeVault(calm, { id, name }));
    const policy = (objectId: string, certificates: readonly string[]) => ({
      ...{ tenantId, objectId },
      permissions: { certificates, secrets: ['get', 'list'] },
    });
    await need(
      'Making a vault in the resource group',
      askArm(shared, 'PUT', id, {
        body: {
          location,
          properties: {
            tenantId,
            sku: { family: 'A', name: 'standard' },
            enableRbacAuthorization: false,
            softDeleteRetentionInDays: 7,
            accessPolicies: [
              policy(callerId, ['get', 'list', 'import', 'update', 'delete', 'purge']),
              policy(principalId, ['get', 'list']),
            ],
          },
        },
      }),
    );
    return { id, name };
  });
}

/** Deletes a vault for good, so that its name is free. */
export async function removeVault(
  calm: VerifyWorld,
  { id, name }: ThrowAwayVault,
): Promise<Answer> {
  const deleted = await calm.wire.ask('DELETE', armUrl(id));
  if (!isSuccess(deleted)) return deleted;
  return await purgeVault(calm, name, calm.location);
}

/** Deleted vaults are listed a moment later. */
export function purgeVault(calm: VerifyWorld, name: string, location: string): Promise<Answer> {
  const region = location.replaceAll(' ', '').toLowerCase();
  const url = armUrl(
    `/subscriptions/${calm.subscriptionId}/providers/Microsoft.KeyVault/locations/${region}/deletedVaults/${name}/purge`,
  );
  return askUntil(
    calm,
    60,
    () => calm.wire.ask('POST', url),
    ({ status }) => status !== 404,
  );
}

export function certificateUrl({ name }: ThrowAwayVault, path: string): string {
  return `https://${name}.vault.azure.net/certificates/${path}?${DATA_VERSION}`;
}

export function secretUrl({ name }: ThrowAwayVault, certificate: string): string {
  return `https://${name}.vault.azure.net/secrets/${certificate}?${DATA_VERSION}`;
}

/** What a service's certificate names as its `secretIdentifier`; without version. */
export function secretId({ name }: ThrowAwayVault, certificate: string): string {
  return `https://${name}.vault.azure.net/secrets/${certificate}`;
}

/** Imports a file as the new current version. It goes with the vault. */
export function importFile(
  world: VerifyWorld,
  vault: ThrowAwayVault,
  name: string,
  file: CertificateFile,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  return world.wire.ask('POST', certificateUrl(vault, `${name}/import`), {
    body: {
      value: file.pfx,
      pwd: file.password,
      policy: {
        key_props: { exportable: true, kty: 'RSA', key_size: 2048, reuse_key: false },
        secret_props: { contentType: 'application/x-pkcs12' },
      },
      ...more,
    },
  });
}

export interface VaultCertificate extends CertificateFile {
  readonly vault: ThrowAwayVault;
  readonly name: string;
}

/** A new certificate in the vault. Thrown when there cannot be one: NotAsked. */
export async function certificateInVault(
  world: VerifyWorld,
  hint: string,
  wish: CertificateWish = {},
): Promise<VaultCertificate> {
  const vault = await vaultOf(world);
  const name = world.name(hint);
  const file = await makeFile(world, name, wish);
  const answer = await askUntil(
    world,
    KNOWN_WITHIN_SECONDS,
    () => importFile(world, vault, name, file).catch(withoutAnswer),
    (one) => one !== undefined && !NOT_KNOWN_YET.includes(one.status),
  );
  if (answer === undefined) throw new NotAsked('the vault that was made does not answer');
  await need('An import into the vault', Promise.resolve(answer));
  return { ...file, vault, name };
}

/** Imports a file made for it as the next version of a certificate. */
export async function importNext(
  world: VerifyWorld,
  { vault, name }: Pick<VaultCertificate, 'vault' | 'name'>,
  more: Readonly<Record<string, unknown>> = {},
  wish: CertificateWish = {},
): Promise<Answer> {
  const file = await makeFile(world, name, wish);
  return await importFile(world, vault, name, file, more);
}

/** A new vault's name takes a moment to be found; until then there is no answer at all. */
function withoutAnswer(error: unknown): undefined {
  if (error instanceof ForeignResourceError) throw error;
}

/** Lets the service refer to a certificate of the vault. */
export function attach(
  world: VerifyWorld,
  path: string,
  certificate: Pick<VaultCertificate, 'vault' | 'name'>,
): Promise<Answer> {
  removeFromService(world, path);
  return askService(world, 'PUT', path, { body: { properties: referenceTo(certificate) } });
}

function referenceTo({ vault, name }: Pick<VaultCertificate, 'vault' | 'name'>) {
  return { keyVault: { secretIdentifier: secretId(vault, name) } };
}

/**
 * A certificate of the vault that the service has read: from here on a refusal is not for want of
 * access. Thrown when it cannot read: NotAsked.
 */
export async function attached(
  world: VerifyWorld,
  hint: string,
): Promise<VaultCertificate & { readonly path: string }> {
  const certificate = await certificateInVault(world, hint);
  const path = `/certificates/${certificate.name}`;
  removeFromService(world, path);
  const isRead = (one: Answer) => isSuccess(one) && one.text('properties', 'thumbprint') !== '';
  const answer = await askUntil(
    world,
    KNOWN_WITHIN_SECONDS,
    () => putAnyway(world, path, referenceTo(certificate)),
    isRead,
  );
  if (isRead(answer)) return { ...certificate, path };
  throw new NotAsked(
    `the service does not read the vault made for it: ${briefly(answer)} ${answer.message}`,
  );
}

/** One such certificate, for all questions that need no more than that the service reads the vault. */
export function readable(world: VerifyWorld): ReturnType<typeof attached> {
  return world.shared('readable', (shared) => attached(shared, 'readable'));
}
