/** One request to one vault, with what answering it takes. */
import { z } from 'zod';
import type { AccessDecider, AzureRequest, EventSink, VaultResource, World } from '../service.ts';
import { requirePermission, type Permission } from './access.ts';
import type { CertificateDocument, CertificateDocuments } from './documents.ts';
import { badParameter, certificateNotFound } from './faults.ts';
import type { KeyVaultSettings } from './key-vault-settings.ts';
import type { NewVersions } from './new-version.ts';

export interface KeyVaultParts {
  readonly world: World;
  readonly settings: KeyVaultSettings;
  readonly access: AccessDecider;
  readonly events: EventSink;
  readonly documents: CertificateDocuments;
  readonly newVersions: NewVersions;
}

export interface VaultCall extends KeyVaultParts {
  readonly vault: VaultResource;
  readonly request: AzureRequest;
}

const NAME = /^[0-9a-zA-Z-]{1,127}$/;
const MOST_TAGS = 15;
const LONGEST_TAG = 256;

/** Thrown when the caller is an identity without the permission: AzureFault 403. */
export function authorize(call: VaultCall, permission: Permission, object = ''): void {
  const { principal } = call.request;
  if (principal?.kind !== 'identity') return;
  const { access, vault, world } = call;
  requirePermission(access, principal, vault, permission, object, world.tenantId);
}

/**
 * Thrown when the name is not one: AzureFault 400 (pattern and length of the API specification).
 */
export function validName(name: string | undefined): string {
  if (name === undefined || !NAME.test(name)) {
    throw badParameter(`The request URI contains an invalid name: ${name ?? ''}`);
  }
  return name;
}

/** The vault's certificate, deleted ones left out. Thrown when there is none: AzureFault 404. */
export function findCertificate(call: VaultCall, name: string): CertificateDocument {
  const found = call.documents.get(call.vault.name.toLowerCase(), name);
  if (found === undefined || found.deleted !== undefined) throw certificateNotFound(name);
  return found;
}

/** Seconds since 1970 by the simulated clock. */
export function nowInSeconds(world: World): number {
  return Math.floor(world.clock.now().getTime() / 1000);
}

/** Thrown when the body does not fit: AzureFault 400 naming the first property that is wrong. */
export function readBody<Schema extends z.ZodType>(
  request: AzureRequest,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(request.body.length === 0 ? {} : request.json());
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.join('.') ?? '';
  throw badParameter(`Property ${path} has invalid value`);
}

/** Attributes as create, import, merge and update take them. */
export const attributesInput = z
  .looseObject({
    enabled: z.boolean().nullish(),
    nbf: z.int().min(0).nullish(),
    exp: z.int().min(0).nullish(),
  })
  .nullish();

/** "Each object can have up to 15 tags; names and values up to 256 characters" (About keys…). */
export const tagsInput = z
  .record(z.string().min(1).max(LONGEST_TAG), z.string().max(LONGEST_TAG))
  .refine((tags) => Object.keys(tags).length <= MOST_TAGS)
  .nullish();
