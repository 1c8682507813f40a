/**
 * Every kind of row that Certkeeper writes, and whether a backup has it. In are those that cannot be
 * read back from Azure, and that decide something. A test reads the headers of the adapters and fails
 * when a kind is in neither list.
 */
import { createHash, X509Certificate } from 'node:crypto';
import * as z from 'zod';
import { rowSchema as acknowledgementSchema } from '../audit/acknowledgements.ts';
import { copySchema } from '../ca-copies.ts';
import { caPartition, recordSchema as caRecordSchema } from '../ca-ledger.ts';
import { cleanupSchema, openSchema, recentSchema } from '../cleanups.ts';
import { grantSchema, placeOf as grantPlace } from '../grants.ts';
import { ownKeyOf, ownSchema, partitionOf as keysPartition } from '../keys/own-keys.ts';
import { OWN_PLACE, ownInstallationSchema } from '../installations/installation-ledger.ts';
import * as ledger from '../ledger.ts';
import { notifyPartition, toldKey, toldSchema } from '../notify-ledger.ts';
import { repairSchema } from '../repairs/repairs.ts';
import { encodeKey } from '../tables.ts';
import {
  keep,
  readTarget,
  servicesAt,
  sourceIn,
  type KeptKind,
  type RowKind,
} from './kept-kind.ts';
import {
  settleCaRecord,
  settleCleanup,
  settleInstallation,
  settleOwnKey,
  settleRepair,
} from './settle.ts';
import { keyOf } from '../../domain/grant.ts';
import type { Source } from '../../domain/source.ts';
import { isKeyTarget } from '../../domain/target.ts';

const SOURCE = 'source|{vault}|{name}';

const OF_IDENTITY = '{vault}|{object id}';
const GRANTS = [
  'enable-identity',
  `assign-role|${OF_IDENTITY}`,
  `add-access-policy|${OF_IDENTITY}`,
];

/** Of the table of the ledger. */
export const KEPT_ROWS: readonly KeptKind[] = [
  keep({
    ...{ partition: SOURCE, row: 'record' },
    because: 'which versions a source had is needed for a rollback, and for telling a suspect one',
    schema: ledger.recordSchema,
    placeOf: (_, parts) => [ledger.sourcePartition(sourceIn(parts)), 'record'],
    about: (_, parts) => ({ vaults: [sourceIn(parts).vault] }),
    // A sweep writes it of whatever it finds.
    asked: () => false,
  }),
  keep({
    ...{ partition: SOURCE, row: 'binding|{target}' },
    because: 'Azure does not say which bindings were asked for by HTTP, or who owns what',
    schema: ledger.bindingSchema,
    placeOf: ({ target: path }, parts) => {
      const source = sourceIn(parts);
      const target = readTarget(path, source);
      return target && [ledger.sourcePartition(source), ledger.bindingKey(target)];
    },
    about: ({ target }, parts) => aboutTarget(sourceIn(parts), target),
    // The others are read from tags and services.
    asked: ({ origin }) => origin === 'http',
  }),
  ...(['approval', 'approval|breaking'] as const).map((row) =>
    keep({
      ...{ partition: SOURCE, row },
      because: 'somebody approved a version, and is named with it',
      schema: ledger.approvalSchema,
      placeOf: (_, parts) => [ledger.sourcePartition(sourceIn(parts)), row],
      about: (_, parts) => ({ vaults: [sourceIn(parts).vault] }),
    }),
  ),
  keep({
    ...{ partition: SOURCE, row: 'rollback' },
    because: 'somebody asked for an earlier certificate, and is named with it',
    schema: ledger.rollbackSchema,
    placeOf: (_, parts) => [ledger.sourcePartition(sourceIn(parts)), 'rollback'],
    about: (_, parts) => ({ vaults: [sourceIn(parts).vault] }),
  }),
  ...['{target}', '{target}|{source}'].map((row) =>
    keep({
      ...{ partition: 'place|{service}', row },
      because: 'Azure does not say to which source a target belongs',
      schema: ledger.claimSchema,
      placeOf: ({ source, target: path }) => {
        const target = readTarget(path, source);
        return target && ledger.claimOf(source, target);
      },
      about: ({ source, target }) => aboutTarget(source, target),
      asked: () => false,
    }),
  ),
  keep({
    ...{ partition: 'ca|{service}', row: 'record' },
    because: 'Azure does not say for whose sake a CA certificate is there',
    schema: caRecordSchema.transform(withoutAddress),
    placeOf: (_, { partition: [service = ''] }) => [caPartition(service), 'record'],
    about: (_, { partition }) => ({ services: partition }),
    settle: settleCaRecord,
    asked: ({ held }) => held.some(({ holders }) => holders.some(({ kind }) => kind === 'hand')),
  }),
  keep({
    ...{ partition: 'ca|{service}', row: 'copy|{thumbprint}' },
    because: 'Azure does not give the CA certificates back that every update must send again',
    schema: copySchema,
    placeOf: ({ thumbprint }, { partition: [service = ''] }) => [
      caPartition(service),
      `copy|${encodeKey(thumbprint)}`,
    ],
    about: (_, { partition }) => ({ services: partition }),
    asked: () => false,
  }),
  ...GRANTS.map((row) =>
    keep({
      ...{ partition: 'grant|{service}', row },
      because: 'what was given has to be known to be taken back',
      schema: grantSchema.transform(withoutOperation),
      placeOf: (grant) => grantPlace(keyOf(grant)),
      about: ({ service }) => ({ services: [service.toLowerCase()] }),
    }),
  ),
  keep({
    ...{ partition: 'keys|{target}', row: 'own|{source}|{thumbprint}' },
    because: 'a directory does not say which of its keys Certkeeper registered',
    schema: ownSchema,
    placeOf: (key, { partition: [path = ''] }) => {
      const target = readTarget(path, key.source);
      if (target === undefined || !isKeyTarget(target)) return undefined;
      return [keysPartition(target), ownKeyOf(key)];
    },
    about: ({ source }) => ({ vaults: [source.vault] }),
    settle: settleOwnKey,
  }),
  keep({
    ...{ partition: 'cleanup', row: '{id}' },
    because: 'a removal can be undone, by hand or when its source is back',
    schema: cleanupSchema,
    placeOf: (_, { row: [id = ''] }) => ['cleanup', encodeKey(id)],
    about: ({ source, target }) => aboutTarget(source, target),
    settle: settleCleanup,
  }),
  keep({
    ...{ partition: 'cleanup-open|{vault}', row: '{id}' },
    because: 'by it a removal is found when its source is back',
    schema: openSchema,
    placeOf: (_, { partition: [vault = ''], row: [id = ''] }) => [
      `cleanup-open|${encodeKey(vault)}`,
      encodeKey(id),
    ],
    about: (_, { partition }) => ({ vaults: partition }),
  }),
  keep({
    ...{ partition: 'cleanup-recent|{service}', row: '{time}|{id}' },
    because: 'many removals in a short time make the next one doubtful',
    schema: recentSchema,
    placeOf: ({ id }, { partition: [service = ''], row: [time = ''] }) => [
      `cleanup-recent|${encodeKey(service)}`,
      `${encodeKey(time)}|${encodeKey(id)}`,
    ],
    about: (_, { partition }) => ({ services: partition }),
  }),
  keep({
    ...{ partition: 'repairs', row: '{id}' },
    because: 'a repair can be undone as long as its copy is there',
    schema: repairSchema,
    placeOf: ({ id }) => ['repairs', encodeKey(id)],
    about: ({ source, target }) => aboutTarget(source, target),
    settle: settleRepair,
  }),
  keep({
    ...{ partition: 'acknowledged', row: '{finding}' },
    because: 'somebody lives with a finding until a day, and said why',
    schema: acknowledgementSchema,
    placeOf: ({ finding }) => ['acknowledged', encodeKey(finding)],
  }),
  keep({
    ...{ partition: 'notify|{place}', row: 'told|{finding}' },
    because: 'without it every finding would be told to every place once more',
    schema: toldSchema,
    placeOf: ({ finding }, { partition: [place = ''] }) => [
      notifyPartition(place),
      toldKey(finding.id),
    ],
    asked: () => false,
  }),
  keep({
    ...{ partition: 'installation', row: 'own' },
    because: 'services are marked with it, and only the one that it is may change them',
    schema: ownInstallationSchema,
    placeOf: () => [OWN_PLACE.partition, OWN_PLACE.key],
    settle: settleInstallation,
    asked: () => false,
  }),
];

/** Of the same table. */
export const LEFT_OUT_ROWS: readonly RowKind[] = [
  leftOut(SOURCE, 'access|{target}', 'the next sweep looks at it anew'),
  leftOut(SOURCE, 'orphan|{target}', 'the next sweep finds it anew, and its grace begins then'),
  leftOut(SOURCE, 'arrivals', 'what asked for a sync then asks for nothing now'),
  leftOut('vault|{vault}', 'arrivals', 'the same'),
  leftOut('ca|{service}', 'arrivals', 'the same'),
  leftOut('notify|{place}', 'arrivals', 'the same'),
  leftOut('keys|{target}', 'turn', 'who changed it then does not now'),
  leftOut('keys|{target}', 'change', 'a change under way then would put keys back that have gone'),
  leftOut('keys|{target}', 'before|{number}', 'the same'),
  leftOut('keys|{target}', 'untold|{number}', 'it belongs to such a change'),
  leftOut('keys|{target}', 'seen', 'what a directory held then says nothing of now'),
  leftOut('orphans-confirmed', '{service}', 'it was said of what somebody saw then'),
  leftOut('vault-doubted', '{vault}', 'a sweep doubts anew where there is reason to'),
  leftOut('refusals', '{digest}', 'what was refused may be tried once more'),
  leftOut('history|{vault}|{name}', '{time}|{digest}', 'it decides nothing, and is large'),
  leftOut('notify|{place}', 'letter|wait|{event}', 'news of then are none'),
  leftOut('notify|{place}', 'letter|sent|{event}', 'events of then do not come again'),
  leftOut('notify|{place}', 'report', 'the next audit hands its report over'),
  leftOut('notify|{place}', 'failure', 'the next notification tells'),
  leftOut('marks', '{service}', 'the next sweep reads the marks of services anew'),
  leftOut('requests', '{id}', 'they are over after a day'),
  leftOut('figures', 'last', 'the next audit writes them anew'),
  leftOut('restore', 'last', 'how far bringing a backup back has come is no part of one'),
];

/** Tables of their own, by the headers of their adapters. */
export const LEFT_OUT_TABLES: readonly (RowKind & { readonly table: string })[] = [
  {
    table: 'certkeeperaudits',
    ...leftOut('audit', '{time}|{audit}', 'reports are kept as they are'),
  },
  {
    table: 'certkeeperaudits',
    ...leftOut('details|{vault}', '{name}', 'read anew from the vault'),
  },
  { table: 'certkeeperaudits', ...leftOut('details|{vault}', '{name}|chain', 'the same') },
  {
    table: 'certkeeperusage',
    ...leftOut('documents|{service}', '{number}|{part}', 'read anew by sweeps'),
  },
  { table: 'certkeeperusage', ...leftOut('parts|{service}', '{part}', 'the same') },
  { table: 'certkeeperusage', ...leftOut('listed|{service}', '{document}', 'the same') },
  {
    table: 'certkeeperusage',
    ...leftOut('used|{service}', '{certificate}|{document}', 'the same'),
  },
  { table: 'certkeeperusage', ...leftOut('meta|{service}', 'meta', 'the same') },
];

/** The name of a CA certificate's blob, and what is in it. Certificates are public. */
const NAME = /^([a-z][a-z0-9-]{0,49})\/([0-9A-F]{40})\.cer$/;
const copyBlobSchema = z.base64().max(64 * 1024);

/** A blob of the container of CA certificates: its name and its bytes in base64. */
export function readCopyBlob(
  name: string,
  value: unknown,
): { readonly der: Uint8Array; readonly service: string } | undefined {
  const [, service, thumbprint] = NAME.exec(name) ?? [];
  const { data } = copyBlobSchema.safeParse(value);
  if (service === undefined || data === undefined) return undefined;
  const der = Buffer.from(data, 'base64');
  const isWhole = createHash('sha1').update(der).digest('hex').toUpperCase() === thumbprint;
  return isWhole && isCertificate(der) ? { der, service } : undefined;
}

function isCertificate(der: Uint8Array): boolean {
  try {
    // Nothing comes after it that could be anything else.
    return new X509Certificate(der).raw.byteLength === der.byteLength;
  } catch {
    return false;
  }
}

function leftOut(partition: string, row: string, because: string): RowKind {
  return { partition, row, because };
}

function aboutTarget(source: Source, target: string) {
  return { vaults: [source.vault], services: servicesAt(target, source) };
}

/** Azure's address of an operation may carry what is good for asking for it. */
function withoutAddress(record: z.infer<typeof caRecordSchema>): z.infer<typeof caRecordSchema> {
  if (record.update === undefined) return record;
  const { operation: _, ...update } = record.update;
  return { ...record, update };
}

/** The same of a grant. */
function withoutOperation(grant: z.infer<typeof grantSchema>): z.infer<typeof grantSchema> {
  if (grant.gift.kind !== 'enable-identity') return grant;
  const { operation: _, ...gift } = grant.gift;
  return { ...grant, gift };
}
