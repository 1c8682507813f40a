/** CA certificates as the HTTP API takes and answers them. */
import * as z from 'zod';
import { problemSchema, requestedBySchema } from '../contracts/schemas.ts';
import { CA_LIMIT, CA_STORES, type CaStoreObservation } from '../domain/ca-entry.ts';
import { CA_OUTCOMES, holdersOf, type CaHolder, type CaRecord } from '../domain/ca-record.ts';
import { storeWithoutEffect } from '../domain/ca-tier.ts';
import type { Problem } from '../domain/errors.ts';
import { formatSource } from '../domain/source.ts';

const FILE = 'CA certificates: .cer, .crt, .der, .pem, .p7b, or .pfx with its password';
const more = {
  password: z.string().optional().describe('Of a .pfx; kept no longer than the call takes'),
  store: z
    .enum(CA_STORES)
    .optional()
    .describe('Left out: what signed itself goes into Root, all else into CertificateAuthority'),
  acceptDowntime: z
    .boolean()
    .default(false)
    .describe('On the Developer tier, where the update means downtime: that is all right'),
};

/** The bodies of `POST /api/services/{service}/ca-certificates`. */
export const caUploadBodies = {
  'multipart/form-data': z
    .object({
      file: z.string().describe(FILE).meta({ contentMediaType: 'application/octet-stream' }),
      ...more,
    })
    .meta({ id: 'CaUploadForm' }),
  'application/json': z
    .object({
      file: z.string().describe(`${FILE}; in base64`).meta({ contentEncoding: 'base64' }),
      ...more,
    })
    .meta({ id: 'CaUpload' }),
};

const thumbprint = z.string().meta({ example: '3FC1D8D5A2E5A1F0C7B6E4D3C2B1A09F8E7D6C5B' });
const store = z.enum(CA_STORES);

const uploadEntrySchema = z
  .object({
    ...{ store, thumbprint },
    subject: z.string(),
    issuer: z.string(),
    notBefore: z.string(),
    expiresAt: z.string(),
    outcome: z
      .enum(['queued', 'present', 'adopted', 'refused'])
      .describe(
        '`queued`: it waits for an update. `present`: the service holds it already. `adopted`: so it ' +
          'does, and Certkeeper has a copy of it from now on. `refused`: see `problem`',
      ),
    problem: problemSchema.exactOptional(),
    warnings: z.array(problemSchema).readonly(),
  })
  .meta({ id: 'CaUploadEntry' });
export type CaUploadEntry = Readonly<z.infer<typeof uploadEntrySchema>>;

const uploaded = {
  service: z.string().meta({ example: 'contoso-gw' }),
  entries: z.array(uploadEntrySchema).readonly().describe("In the file's order, each once"),
  repeated: z.int().min(0).describe('How many certificates the file held once more'),
  warnings: z.array(problemSchema).readonly().describe('About the file as a whole'),
};

const started = {
  id: z.string().meta({ example: 'ca-42b17761df0f8fd0e086' }),
  operation: z.string().describe('The address of the operation, as in Location'),
  estimate: z.string().meta({ example: 'usually 15 to 45 minutes' }),
};

/** The body of a 202 to an upload. */
export const caAcceptedSchema = z.object({ ...started, ...uploaded }).meta({ id: 'CaAccepted' });
/** The body of a 200 to an upload: the service holds everything already. */
export const caUnchangedSchema = z.object(uploaded).meta({ id: 'CaUnchanged' });

/** The body of a 202 to a deletion. */
export const caRemovalSchema = z
  .object({
    ...started,
    ...{ service: uploaded.service, store, thumbprint },
    subject: z.string(),
    warnings: z.array(problemSchema).readonly().describe('What may depend on it'),
  })
  .meta({ id: 'CaRemoval' });

const holderSchema = z
  .object({
    kind: z.enum(['hand', 'source', 'others']),
    source: z.string().exactOptional(),
    by: requestedBySchema.exactOptional(),
    until: z.string().exactOptional().describe('When it leaves: another version took its place'),
  })
  .meta({ id: 'CaHolder' });

const changeSchema = z.object({
  change: z.enum(['add', 'remove']),
  ...{ store, thumbprint },
  subject: z.string(),
  at: z.string(),
  by: requestedBySchema,
  source: z.string().exactOptional(),
  waitsFor: problemSchema
    .exactOptional()
    .describe('Why it has not gone with an update yet: what somebody has to change first'),
});

/** The body of `GET /api/services/{service}/ca-certificates`. */
export const caStoreSchema = z
  .object({
    service: uploaded.service,
    tier: z.string().meta({ example: 'Premium' }),
    state: z.string().describe('provisioningState of the service').meta({ example: 'Succeeded' }),
    limit: z.int(),
    entries: z
      .array(
        z.object({
          ...{ store, thumbprint },
          subject: z.string(),
          expiresAt: z.string().exactOptional(),
          known: z
            .boolean()
            .describe('Whether Certkeeper has a copy, without which an update would lose it'),
          heldFor: z
            .array(holderSchema)
            .readonly()
            .describe('For whose sake it is there, as far as is known'),
        }),
      )
      .readonly()
      .describe('As the service lists them now'),
    waiting: z.array(changeSchema).readonly().describe('What goes into the next update'),
    update: z
      .object({ since: z.string(), changes: z.array(changeSchema).readonly() })
      .exactOptional()
      .describe('The update that is on its way'),
    recent: z
      .array(
        changeSchema.extend({
          outcome: z.enum(CA_OUTCOMES),
          endedAt: z.string(),
          problem: problemSchema.exactOptional(),
        }),
      )
      .readonly()
      .describe('What came of the last changes, newest first'),
    problems: z
      .array(problemSchema)
      .readonly()
      .describe('Such as a tier that does not consult the store, or a source that is gone'),
    operation: z.string().describe("The address of the service's update, running or done"),
  })
  .meta({ id: 'CaStore' });
export type CaStoreView = z.infer<typeof caStoreSchema>;

export function toCaStoreView(
  service: string,
  observed: CaStoreObservation,
  known: ReadonlySet<string>,
  record: CaRecord,
  more: { readonly operation: string; readonly problems: readonly Problem[] },
): CaStoreView {
  const { tier, state, entries } = observed;
  const useless = storeWithoutEffect(service, tier);
  const { update } = record;
  return {
    ...{ service, tier, state, limit: CA_LIMIT, operation: more.operation },
    entries: entries.map((entry) => ({
      ...entry,
      known: known.has(entry.thumbprint),
      heldFor: holdersOf(record, entry).map(toHolderView),
    })),
    waiting: record.waiting.map(toChangeView),
    ...(update === undefined
      ? {}
      : { update: { since: update.intendedAt, changes: update.changes.map(toChangeView) } }),
    recent: record.done.map(({ change, outcome, at, problem }) => ({
      ...toChangeView(change),
      ...{ outcome, endedAt: at },
      ...(problem === undefined ? {} : { problem }),
    })),
    problems: [...(useless === undefined ? [] : [useless]), ...more.problems],
  };
}

function toHolderView(holder: CaHolder): z.infer<typeof holderSchema> {
  if (holder.kind === 'hand') return { kind: 'hand', by: holder.by };
  if (holder.kind === 'others') return { kind: 'others' };
  const { source, until } = holder;
  return {
    kind: 'source',
    source: formatSource(source),
    ...(until === undefined ? {} : { until }),
  };
}

function toChangeView(change: CaRecord['waiting'][number]): z.infer<typeof changeSchema> {
  const { kind, store: name, thumbprint: print, subject, at, by, source, waitsFor } = change;
  return {
    ...{ change: kind, store: name, thumbprint: print, subject, at, by },
    ...(source === undefined ? {} : { source: formatSource(source) }),
    ...(waitsFor === undefined ? {} : { waitsFor }),
  };
}
