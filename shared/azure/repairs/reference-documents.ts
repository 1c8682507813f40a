import { armEntities, toObject, type ArmEntities } from './arm-entity.ts';
import { readBackend, toBackendPatch, lostFields } from './backend-wire.ts';
import type { AzureClients } from '../azure-clients.ts';
import { requireService, type CaredFor } from '../cared-for.ts';
import { TransientError } from '../../domain/errors.ts';
import type { ReferenceDocuments } from '../../domain/repair-ports.ts';

/** Looks after a change that the service goes on with by itself, in milliseconds. */
const LOOKS_AFTER_MS = [500, 1_000, 2_000, 4_000, 8_000] as const;

/** Policies, fragments, backends and named values of the services under care (2024-05-01). */
export function makeReferenceDocuments(
  clients: AzureClients,
  services: readonly CaredFor[],
  sleep: (ms: number) => Promise<unknown> = (ms) => new Promise((wake) => setTimeout(wake, ms)),
): ReferenceDocuments {
  const at = (service: string): ArmEntities =>
    armEntities(clients, requireService(services, service));

  /** PUT of a fragment and PATCH of a named value may go on after their answer (202). */
  const settle = async <Seen extends { readonly etag?: string }>(
    path: string,
    answer: { readonly etag?: string; readonly done: boolean },
    read: () => Promise<Seen | undefined>,
    isThere: (seen: Seen) => boolean,
  ): Promise<{ readonly etag?: string }> => {
    if (answer.done) return answer.etag === undefined ? {} : { etag: answer.etag };
    for (const ms of LOOKS_AFTER_MS) {
      await sleep(ms);
      const seen = await read();
      if (seen !== undefined && isThere(seen)) {
        return seen.etag === undefined ? {} : { etag: seen.etag };
      }
    }
    throw new TransientError({
      code: 'AZURE_UNAVAILABLE',
      message: `API Management has taken the change of ${path} and not made it yet.`,
      resource: path,
      cure: 'Nothing to do at once: it is looked at again.',
    });
  };

  const documents: ReferenceDocuments = {
    async readPolicy(service, path) {
      const entity = await at(service).get(path, { format: 'rawxml' });
      if (entity === undefined) return undefined;
      const { value, description } = entity.properties;
      return {
        text: typeof value === 'string' ? value : '',
        ...etagOf(entity),
        ...(typeof description === 'string' ? { description } : {}),
      };
    },

    async writePolicy(service, path, { etag, description }, text) {
      const answer = await at(service).write(
        'PUT',
        path,
        { format: 'rawxml', value: text, ...(description === undefined ? {} : { description }) },
        etag,
      );
      return await settle(
        path,
        answer,
        () => documents.readPolicy(service, path),
        (seen) => seen.text.trim() === text.trim(),
      );
    },

    async readBackend(service, path) {
      const entity = await at(service).get(path);
      return entity === undefined ? undefined : readBackend(entity);
    },

    async writeBackend(service, path, seen, certificates) {
      const patch = toBackendPatch(seen, certificates);
      await at(service).write('PATCH', path, patch, seen.etag);
      // Whether a PATCH puts `credentials` in the place of the old ones or merges them is not
      // documented: what was sent is all of them, and what came of it is looked at.
      const after = await documents.readBackend(service, path);
      if (after === undefined) return { lost: ['all of it'] };
      return { ...etagOf(after), lost: lostFields(seen, after, certificates) };
    },

    async *listNamedValues(service, workspace) {
      const prefix = workspace === undefined ? '' : `workspaces/${workspace}/`;
      for await (const { name, properties } of at(service).list(`${prefix}namedValues`)) {
        const value = plainValue(properties);
        if (value !== undefined) yield { path: `${prefix}namedValues/${name}`, value };
      }
    },

    async readNamedValue(service, path) {
      const entity = await at(service).get(path);
      const value = entity === undefined ? undefined : plainValue(entity.properties);
      return entity === undefined || value === undefined
        ? undefined
        : { path, value, ...etagOf(entity) };
    },

    async writeNamedValue(service, path, { etag }, value) {
      const answer = await at(service).write('PATCH', path, { value }, etag);
      return await settle(
        path,
        answer,
        () => documents.readNamedValue(service, path),
        (seen) => seen.value === value,
      );
    },

    certificateId(target) {
      const { id } = requireService(services, target.service);
      const place =
        target.kind === 'workspace-certificate' ? `/workspaces/${target.workspace}` : '';
      return `${id}${place}/certificates/${target.id}`;
    },
  };
  return documents;
}

function etagOf({ etag }: { readonly etag?: string }): { readonly etag?: string } {
  return etag === undefined ? {} : { etag };
}

/** A secret is not shown, and one from Key Vault is the vault's to change. */
function plainValue(properties: Readonly<Record<string, unknown>>): string | undefined {
  const { secret, value, keyVault } = properties;
  const hidden = secret === true || Object.keys(toObject(keyVault)).length > 0;
  return hidden || typeof value !== 'string' ? undefined : value;
}
