/**
 * The ledger of grants in table storage, in a partition for each service.
 *
 * | partition          | key                                  | document |
 * | ------------------ | ------------------------------------ | -------- |
 * | `grant\|{service}`  | `enable-identity`                    | Grant    |
 * |                    | `assign-role\|{vault}\|{object id}`    | Grant    |
 * |                    | `add-access-policy\|{vault}\|{object id}` | Grant |
 */
import { odata } from '@azure/data-tables';
import * as z from 'zod';
import { requestedBySchema } from './history.ts';
import { sourceSchema } from './row-schemas.ts';
import { encodeKey, type DocumentTable, type StoredRow } from './tables.ts';
import { GIVEN_PERMISSIONS } from '../domain/grant-plan.ts';
import { keyOf, type Grant, type GrantKey } from '../domain/grant.ts';
import type { Grants, StoredGrant } from '../domain/access-ports.ts';
import { formatTarget, isUnreadable, parseTarget } from '../domain/target.ts';

export function makeGrants(
  table: Pick<DocumentTable, 'get' | 'list' | 'add' | 'replace' | 'remove'>,
): Grants {
  return {
    async find(key) {
      const row = await table.get(...placeOf(key));
      return row === undefined ? undefined : toStored(row);
    },
    async add(grant) {
      return await table.add(toRow(grant));
    },
    async replace({ etag }, grant) {
      return await table.replace({ ...toRow(grant), etag });
    },
    async remove({ grant, etag }) {
      await table.remove(...placeOf(keyOf(grant)), etag);
    },
    async ofService(service) {
      const found: StoredGrant[] = [];
      const partition = partitionOf(service);
      for await (const row of table.list(odata`PartitionKey eq ${partition}`)) {
        const stored = toStored(row);
        if (stored !== undefined) found.push(stored);
      }
      return found;
    },
  };
}

const texts = z.array(z.string()).readonly();
const giftSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('enable-identity'),
    resource: z.string(),
    before: z.object({
      caCertificates: texts,
      hostnames: texts,
      userAssigned: texts,
      tags: texts,
    }),
    operation: z.string().exactOptional(),
    lost: texts.exactOptional(),
  }),
  z.object({
    kind: z.literal('assign-role'),
    resource: z.string(),
    vault: z.string(),
    principalId: z.string(),
    assignmentId: z.string(),
  }),
  z.object({
    kind: z.literal('add-access-policy'),
    resource: z.string(),
    vault: z.string(),
    principalId: z.string(),
    tenantId: z.string(),
    permissions: z.array(z.enum(GIVEN_PERMISSIONS)).readonly(),
    before: texts.exactOptional(),
  }),
]);
export const grantSchema = z.object({
  service: z.string(),
  gift: giftSchema,
  status: z.enum(['intended', 'given', 'taken-back']),
  source: sourceSchema,
  target: z.string(),
  by: requestedBySchema,
  intendedAt: z.string(),
  givenAt: z.string().exactOptional(),
  takenBackAt: z.string().exactOptional(),
  takenBackBy: requestedBySchema.exactOptional(),
  holder: z.string(),
  heldUntil: z.string(),
});

function toStored({ document, etag }: StoredRow): StoredGrant | undefined {
  const { target: path, ...rest } = grantSchema.parse(document);
  const target = parseTarget(path, rest.source);
  return isUnreadable(target) ? undefined : { grant: { ...rest, target }, etag };
}

function toRow(grant: Grant): { partition: string; key: string; document: unknown } {
  const [partition, key] = placeOf(keyOf(grant));
  return { partition, key, document: { ...grant, target: formatTarget(grant.target) } };
}

export function placeOf({ service, kind, vault, principalId }: GrantKey): [string, string] {
  const parts = [kind, vault, principalId].flatMap((part) => (part === undefined ? [] : [part]));
  return [partitionOf(service), parts.map((part) => encodeKey(part.toLowerCase())).join('|')];
}

function partitionOf(service: string): string {
  return `grant|${encodeKey(service.toLowerCase())}`;
}
