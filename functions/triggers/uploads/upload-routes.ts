import type { InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { describeUnforeseen, type ProblemCode } from '../../../shared/domain/errors.ts';
import type { RequestedBy } from '../../../shared/domain/requested-by.ts';
import { NO_VAULT, type Source } from '../../../shared/domain/source.ts';
import {
  idempotencyHeaders,
  IDEMPOTENCY_PROBLEMS,
  REPLAYED_HEADERS,
  type Once,
} from '../../../shared/http/idempotency.ts';
import { RequestError } from '../../../shared/http/request-error.ts';
import { defineRoute, type Route } from '../../../shared/http/route.ts';
import { STARTED_HEADERS } from '../../../shared/http/started.ts';
import {
  acceptedSchema,
  answerAccepted,
  answerDirect,
  directSchema,
  uploadBodies,
  versionBodies,
} from '../../../shared/http/upload-view.ts';
import { readSource, sourceParams } from '../source-of-request.ts';
import { toAsker } from './asker.ts';
import { uploadCertificate, type UploadPorts, type WhatFollows } from './upload-certificate.ts';
import { uploadDirectly, type DirectPorts } from './upload-directly.ts';
import { readUploadForm, type UploadForm } from './upload-form.ts';

export interface UploadRoutePorts extends UploadPorts, Pick<DirectPorts, 'pushed'> {
  /** Names of the vaults under care. */
  readonly vaultNames: ReadonlySet<string>;
  readonly requestSync: (
    client: DurableClient,
    source: Source,
    by: RequestedBy,
  ) => Promise<{ id: string }>;
  readonly once: Once;
}

/** What a file, its targets and the vault can be refused for. */
const REFUSALS: readonly ProblemCode[] = [
  ...IDEMPOTENCY_PROBLEMS,
  'APPLICATION_NOT_CONFIGURED',
  'APPLICATION_NOT_FOUND',
  'AZURE_REFUSED',
  'BINDING_NOT_ALLOWED',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_MISSING',
  'CERTIFICATE_NOT_YET_VALID',
  'CERTIFICATE_PENDING',
  'CERTKEEPER_FIREWALLED',
  'CERTKEEPER_PERMISSION_MISSING',
  'FILE_TOO_COSTLY',
  'FILE_TOO_LARGE',
  'FILE_UNREADABLE',
  'FORM_TRUNCATED',
  'FORM_UNREADABLE',
  'IMPORT_REFUSED',
  'KEY_TOO_WEAK',
  'KEY_TYPE_UNSUPPORTED',
  'NEEDS_IDENTITIES',
  'PASSWORD_WRONG',
  'PRIVATE_KEYS_SEVERAL',
  'PRIVATE_KEY_MISMATCH',
  'PRIVATE_KEY_MISSING',
  'ROLE_MISSING',
  'SERVICE_NOT_CONFIGURED',
  'SERVICE_NOT_FOUND',
  'SERVICE_TAKEN',
  'SIGNATURE_TOO_WEAK',
  'SOURCE_NOT_ALLOWED',
  'TAG_FORBIDS',
  'TARGET_CHANGED',
  'TARGET_RETIRED',
  'TARGET_TAKEN',
  'TARGET_UNSUPPORTED',
  'UPLOAD_UNFINISHED',
  'VAULT_NOT_CONFIGURED',
  'WORKSPACE_NOT_FOUND',
];

const ACCEPTED = {
  202: {
    description: 'It is in the vault; the operation installs it at its targets',
    schema: acceptedSchema,
    headers: { ...STARTED_HEADERS, ...REPLAYED_HEADERS },
  },
} as const;

/** `POST /api/certificates`: a file becomes a new certificate in the vault, and is installed. */
export function makeUploadRoute(ports: UploadRoutePorts): Route {
  return defineRoute({
    name: 'UploadCertificate',
    method: 'POST',
    path: 'certificates',
    role: 'Certkeeper.Upload',
    summary: 'Upload a certificate',
    description:
      'Imports the file into Key Vault, binds it to the targets and installs it there. File and ' +
      'password are kept no longer than the call takes. The same file again is not imported a ' +
      'second time.',
    headers: idempotencyHeaders,
    bodies: uploadBodies,
    answers: {
      ...ACCEPTED,
      200: {
        description: 'With store=none: it is at its targets, where it will not rotate',
        schema: directSchema,
      },
    },
    problems: [...REFUSALS, 'CERTIFICATE_EXISTS', 'NAME_SOFT_DELETED', 'NOT_VERIFIED'],
    handle: async ({ request, caller, client, context }) => {
      const { vault, name, targets, store, ...form } = await readUploadForm(request);
      const asker = toAsker(caller);
      if (store === 'none') {
        const source = readDirect({ vault, name, targets, ...form });
        const direct = { source, paths: targets, asker, ...form };
        const what = { ...withoutPassword(form, source, targets), store };
        return ports.once({ request, caller }, what, async () =>
          answerDirect(source, await uploadDirectly(ports, direct)),
        );
      }
      const source = readSource(readPlace(vault, name), ports.vaultNames);
      return ports.once({ request, caller }, withoutPassword(form, source, targets), async () => {
        const uploaded = await uploadCertificate(
          ports,
          { ...form, source, paths: targets, as: 'new', asker },
          follow(ports, { client, context, source, by: asker.by }),
        );
        return answerAccepted({ ...uploaded, source });
      });
    },
  });
}

/** `PUT /api/certificates/{vault}/{name}`: a file becomes the next version of a certificate. */
export function makeNewVersionRoute(ports: UploadRoutePorts): Route {
  return defineRoute({
    name: 'UploadVersion',
    method: 'PUT',
    path: 'certificates/{vault}/{name}',
    role: 'Certkeeper.Upload',
    summary: 'Upload a new version',
    description:
      'Imports the file as the next version of the certificate, under the tags of the one before ' +
      'it and those that are given, and rotates every target. Targets that are named are bound too.',
    params: sourceParams,
    headers: idempotencyHeaders,
    bodies: versionBodies,
    answers: ACCEPTED,
    problems: [...REFUSALS, 'NAME_SOFT_DELETED', 'SOURCE_NOT_FOUND'],
    handle: async ({ request, params, caller, client, context }) => {
      const source = readSource(params, ports.vaultNames);
      const { vault, name, targets, store, ...form } = await readUploadForm(request);
      refusePlace({ vault, name, ...(store === 'none' ? { store } : {}) });
      const asker = toAsker(caller);
      return ports.once({ request, caller }, withoutPassword(form, source, targets), async () => {
        const uploaded = await uploadCertificate(
          ports,
          { ...form, source, paths: targets, as: 'version', asker },
          follow(ports, { client, context, source, by: asker.by }),
        );
        return answerAccepted({ ...uploaded, source });
      });
    },
  });
}

/** What an invocation does after the vault: it asks for the sync, and it has a log. */
export function follow(
  { requestSync }: Pick<UploadRoutePorts, 'requestSync'>,
  call: {
    readonly client: DurableClient;
    readonly context: InvocationContext;
    readonly source: Source;
    readonly by: RequestedBy;
  },
): WhatFollows {
  const { client, context, source, by } = call;
  return {
    start: () => requestSync(client, source, by),
    noteUnforeseen: (error) => {
      context.error('The upload could not be finished', describeUnforeseen(error));
    },
  };
}

/** What makes two uploads the same one. The file counts by its hash. */
function withoutPassword(
  { password: _, ...form }: Omit<UploadForm, 'vault' | 'name' | 'targets' | 'store'>,
  source: Source,
  targets: readonly string[],
): object {
  return { ...form, source, targets };
}

function readPlace(
  vault: string | undefined,
  name: string | undefined,
): { vault: string; name: string } {
  const read = sourceParams.safeParse({ vault, name });
  if (read.success) return read.data;
  throw new RequestError(
    read.error.issues.map(({ path: [field], message }) => ({
      field: String(field),
      message: (field === 'vault' ? vault : name) === undefined ? 'must be given' : message,
    })),
  );
}

/** There is no vault that its tags could be in, and nothing of it to recover. */
function readDirect(
  form: Pick<UploadForm, 'vault' | 'name' | 'targets' | 'tags' | 'recover'>,
): Source {
  const { vault, name = '', targets, tags, recover } = form;
  const wrong = [
    ...(vault === undefined ? [] : [{ field: 'vault', message: 'must not be given' }]),
    ...(recover ? [{ field: 'recover', message: 'must not be given' }] : []),
    ...(Object.keys(tags).length === 0 ? [] : [{ field: 'tags', message: 'must not be given' }]),
    ...(targets.length > 0 ? [] : [{ field: 'targets', message: 'must be given' }]),
  ].map(({ field, message }) => ({ field, message: `${message} with store=none` }));
  if (wrong.length > 0) throw new RequestError(wrong);
  return { vault: NO_VAULT, name: readPlace(NO_VAULT, name).name.toLowerCase() };
}

function refusePlace(place: Readonly<Record<string, string | undefined>>): void {
  const given = Object.keys(place).filter((field) => place[field] !== undefined);
  if (given.length === 0) return;
  throw new RequestError(
    given.map((field) => ({ field, message: 'must not be given: the path says it' })),
  );
}
