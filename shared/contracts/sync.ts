/** The activities of the `SyncCertificate` orchestration. */
import * as z from 'zod';
import { AZURE_RETRY, STORAGE_RETRY, contract } from './contract.ts';
import {
  caTargetSchema,
  certificateTargetSchema,
  clientCertificateSchema,
  installedSchema,
  observationSchema,
  outcomeSchema,
  problemSchema,
  requestedBySchema,
  sourceSchema,
  syncViewSchema,
  targetSchema,
  targetStateSchema,
  workspaceCertificateSchema,
} from './schemas.ts';

/** Durable name of the orchestration. */
export const SYNC_CERTIFICATE = 'SyncCertificate';

export const syncInputSchema = z.object({
  source: sourceSchema,
  /** Results of earlier rounds of the same operation, when something arrived meanwhile. */
  carried: z.array(outcomeSchema).readonly().exactOptional(),
  /** The arrivals that earlier rounds have answered. */
  answered: z.int().min(0).exactOptional(),
});
export type SyncInput = z.infer<typeof syncInputSchema>;

export const syncResultSchema = z.object({
  verdict: z.enum(['succeeded', 'blocked', 'failed']),
  source: sourceSchema,
  version: z.string().exactOptional(),
  thumbprint: z.string().exactOptional(),
  targets: z.array(outcomeSchema).readonly(),
  problems: z.array(problemSchema).readonly(),
  /** What is worth a look, and stood in nobody's way. */
  warnings: z.array(problemSchema).readonly().exactOptional(),
});
export type SyncResult = z.infer<typeof syncResultSchema>;

/** Reads the arrivals, the source (one call to the vault) and its bindings (one query). */
export const observeSource = contract({
  name: 'ObserveSource',
  input: z.object({ source: sourceSchema, answered: z.int().min(0).exactOptional() }),
  output: syncViewSchema,
  retry: AZURE_RETRY,
});

/** Reads the source once more; one call to the vault. */
export const rereadSource = contract({
  name: 'RereadSource',
  input: z.object({ source: sourceSchema }),
  output: observationSchema,
  retry: AZURE_RETRY,
});

const atTarget = { source: sourceSchema, target: clientCertificateSchema };

/** Reads one target; one call to API Management. */
export const observeTarget = contract({
  name: 'ObserveTarget',
  input: z.object({
    target: z.discriminatedUnion('kind', [
      clientCertificateSchema,
      workspaceCertificateSchema,
      caTargetSchema,
    ]),
    /** For a store of CA certificates, which lists many: whose is looked for, and which. */
    source: sourceSchema.exactOptional(),
    wanted: z.object({ version: z.string(), thumbprint: z.string() }).exactOptional(),
  }),
  output: targetStateSchema,
  retry: AZURE_RETRY,
});

const chosenIdentity = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('system-assigned') }),
  z.object({ kind: z.literal('user-assigned'), clientId: z.string() }),
]);

/**
 * Looks, before something is put at a target, whether the service can read the source. Changes
 * nothing.
 */
export const checkTarget = contract({
  name: 'CheckTarget',
  input: z.object({ ...atTarget, observation: observationSchema }),
  output: z.object({
    kind: z.literal('checked'),
    /** Whether the step cannot succeed; what only may be in the way does not count. */
    blocked: z.boolean(),
    /** Whether something may be in the way after all: if the step is refused, that is why. */
    doubtful: z.boolean(),
    /** Everything found, the surest first. */
    findings: z.array(problemSchema).readonly(),
    /** The identity that will read the vault; absent = none was found, or Certkeeper saw none. */
    identity: chosenIdentity.exactOptional(),
  }),
  retry: AZURE_RETRY,
});
export type CheckedTarget = z.infer<typeof checkTarget.output>;

/** Takes the target for the source in the ledger, then creates it with a versionless reference. */
export const attachTarget = contract({
  name: 'AttachTarget',
  input: z.object({
    ...atTarget,
    secretIdentifier: z.string(),
    /** As the check found it; absent = it is looked up. */
    identity: chosenIdentity.exactOptional(),
  }),
  output: targetStateSchema,
  retry: AZURE_RETRY,
});

/** Replaces a pinned or wrong reference by the versionless one. */
export const repointTarget = contract({
  name: 'RepointTarget',
  input: z.object({
    ...atTarget,
    secretIdentifier: z.string(),
    identityClientId: z.string().exactOptional(),
    etag: z.string(),
    /** What is there belongs to somebody else: the identity is chosen as for a new one. */
    takeOver: z.literal(true).exactOptional(),
    /** With `takeOver`: as the check found it; absent = it is looked up. */
    identity: chosenIdentity.exactOptional(),
  }),
  output: targetStateSchema,
  retry: AZURE_RETRY,
});

/** Makes API Management read the vault now; one call, and its answer is the proof. */
export const refreshTarget = contract({
  name: 'RefreshTarget',
  input: z.object({ target: clientCertificateSchema }),
  output: targetStateSchema,
  retry: AZURE_RETRY,
});

/**
 * Puts the vault's current version at a target that cannot read the vault, and looks at the vault
 * again afterwards. The private key exists inside this activity only.
 */
export const pushTarget = contract({
  name: 'PushTarget',
  input: z.object({
    source: sourceSchema,
    target: workspaceCertificateSchema,
    wanted: z.object({ version: z.string(), thumbprint: z.string() }),
    /** No other version than the wanted one: a newer one is to be judged first. */
    exactly: z.literal(true).exactOptional(),
    /** Absent = nothing was there. */
    etag: z.string().exactOptional(),
  }),
  output: targetStateSchema,
  retry: AZURE_RETRY,
});

/** Says whether what was found at a pushed target is a version of the source; one list of versions. */
export const identifyTarget = contract({
  name: 'IdentifyTarget',
  input: z.object({ source: sourceSchema, installed: installedSchema }),
  output: targetStateSchema,
  retry: AZURE_RETRY,
});

/** Removes what is at a target that is to be detached, unless something uses it. */
export const removeTarget = contract({
  name: 'RemoveTarget',
  input: z.object({
    target: certificateTargetSchema,
    etag: z.string(),
    source: sourceSchema.exactOptional(),
    /** What it holds and is known to have held: something may refer to it by them. */
    thumbprints: z.array(z.string()).readonly().exactOptional(),
    /** Also when something may use it; never what is in use. */
    forced: z.literal(true).exactOptional(),
  }),
  output: targetStateSchema,
  retry: AZURE_RETRY,
});

/** Finds out why an attach, a refresh or a push was refused. */
export const diagnoseTarget = contract({
  name: 'DiagnoseTarget',
  input: z.object({
    source: sourceSchema,
    target: certificateTargetSchema,
    observation: observationSchema,
    /** What is at the target; absent = it is read. */
    state: targetStateSchema.exactOptional(),
    refusal: problemSchema,
  }),
  output: z.array(problemSchema).readonly(),
  retry: AZURE_RETRY,
});

/** Writes the results into the ledger. */
export const recordSync = contract({
  name: 'RecordSync',
  input: z.object({
    source: sourceSchema,
    observation: observationSchema.exactOptional(),
    problems: z.array(problemSchema).readonly(),
    targets: z
      .array(
        z.object({
          target: targetSchema,
          origin: z.enum(['tag', 'http', 'discovered']),
          /** Whether it was bound when the sync began; a verified target becomes bound. */
          claimed: z.boolean(),
          outcome: outcomeSchema,
          /** Whether the target holds a versionless reference, as far as it was seen. */
          versionless: z.boolean(),
          /** The state that the target was left in, as far as it was seen. */
          etag: z.string().exactOptional(),
          /** Whether it was to be detached. */
          leaving: z.literal(true).exactOptional(),
          /** Thumbprints that were looked up, and those of them by which something refers to it. */
          referred: z
            .object({
              lookedUp: z.array(z.string()).readonly(),
              by: z.array(z.string()).readonly(),
            })
            .exactOptional(),
        }),
      )
      .readonly(),
    /** `certkeeper-targets: none`: give every binding up. */
    unbind: z.boolean(),
    /** `certkeeper: ignore`: nothing was looked at. */
    ignored: z.boolean(),
    /** What looks wrong about the version, when it went to the targets all the same. */
    warning: problemSchema.exactOptional(),
    /** Who asked for the sync; absent = nobody did. */
    by: requestedBySchema.exactOptional(),
    /** ISO 8601, from the orchestration's own clock, so that a repeated write is the same. */
    at: z.string(),
  }),
  output: z.null(),
  retry: STORAGE_RETRY,
});

/** Publishes what happened to the custom topic. Its failure never fails a sync. */
export const publishOutcomes = contract({
  name: 'PublishOutcomes',
  input: z.object({
    instanceId: z.string(),
    source: sourceSchema,
    version: z.string().exactOptional(),
    at: z.string(),
    targets: z.array(outcomeSchema).readonly(),
    problems: z.array(problemSchema).readonly(),
    warnings: z.array(problemSchema).readonly().exactOptional(),
  }),
  output: z.null(),
  retry: { ...AZURE_RETRY, maxAttempts: 4 },
});

/** The last act: closes the sync, unless something arrived meanwhile. */
export const closeSync = contract({
  name: 'CloseSync',
  input: z.object({
    source: sourceSchema,
    /** The arrival that was answered; `last` = whatever came, when the source cannot be read. */
    arrival: z.union([z.int().min(0), z.literal('last')]),
  }),
  output: z.object({ again: z.boolean() }),
  retry: STORAGE_RETRY,
});
