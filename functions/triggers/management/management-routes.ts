import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { toAsker } from '../uploads/asker.ts';
import { readPaths } from '../uploads/decide-targets.ts';
import {
  LARGEST_BODY,
  readFile,
  readTargets,
  refuseUnknown,
  splitPaths,
} from '../uploads/upload-form.ts';
import { addCertificate } from './add-certificate.ts';
import { requireKeyTarget } from './decide-places.ts';
import { listKeys } from './list-keys.ts';
import type { ManagementPorts } from './ports.ts';
import { removeCertificate } from './remove-certificate.ts';
import type { ProblemCode } from '../../../shared/domain/errors.ts';
import { CERTIFICATE_NAME, NO_VAULT, type Source } from '../../../shared/domain/source.ts';
import {
  addedSchema,
  keysSchema,
  managementBodies,
  removedSchema,
} from '../../../shared/http/management-view.ts';
import { oneText, readForm } from '../../../shared/http/read-form.ts';
import { RequestError } from '../../../shared/http/request-error.ts';
import { defineRoute, type Route } from '../../../shared/http/route.ts';

/** What a place of keys can be refused for. */
export const PLACE_PROBLEMS: readonly ProblemCode[] = [
  'APPLICATION_NOT_CONFIGURED',
  'APPLICATION_NOT_FOUND',
  'BINDING_NOT_ALLOWED',
  'CERTKEEPER_PERMISSION_MISSING',
  'KEYS_LOST',
  'KEYS_REFUSED',
  'TARGET_RETIRED',
  'TARGET_UNSUPPORTED',
];

const nameSchema = z
  .string()
  .regex(CERTIFICATE_NAME, { error: 'must be 1 to 127 letters, digits and hyphens' })
  .meta({ description: 'The name under which it was registered', example: 'deploy-bot' });

/** `POST /api/management-certificates`: registers a certificate's public key for automation. */
export function makeAddManagementRoute(ports: ManagementPorts): Route {
  return defineRoute({
    name: 'AddManagementCertificate',
    method: 'POST',
    path: 'management-certificates',
    role: 'Certkeeper.Upload',
    summary: 'Register a management certificate',
    description:
      'Registers the public key of a certificate at Entra applications (or at subscriptions by the ' +
      'classic service, which Azure retired on 31 August 2024), so that automation that holds its ' +
      'private key can sign in. Keys that are there stay. A file with a private key is refused.',
    bodies: managementBodies,
    answers: { 200: { description: 'It is registered, and was seen there', schema: addedSchema } },
    problems: [
      ...PLACE_PROBLEMS,
      'CERTIFICATES_SEVERAL',
      'CERTIFICATE_EXPIRED',
      'FILE_TOO_COSTLY',
      'FILE_TOO_LARGE',
      'FILE_UNREADABLE',
      'FORM_TRUNCATED',
      'FORM_UNREADABLE',
      'KEY_TOO_WEAK',
      'KEY_TYPE_UNSUPPORTED',
      'PRIVATE_KEY_PRESENT',
      'SIGNATURE_TOO_WEAK',
      'UPLOAD_UNFINISHED',
    ],
    handle: async ({ request, caller }) => {
      const { source, ...form } = await readManagementForm(request);
      const { looks, ...added } = await addCertificate(ports, {
        ...{ source, ...form },
        asker: toAsker(caller),
      });
      return { status: 200, jsonBody: { source, understood: looks, ...added } };
    },
  });
}

/** `GET /api/management-certificates`: every key at the places under care. */
export function makeListManagementRoute(ports: ManagementPorts): Route {
  return defineRoute({
    name: 'ListManagementCertificates',
    method: 'GET',
    path: 'management-certificates',
    role: 'Certkeeper.Read',
    summary: 'Keys by which automation is known',
    description:
      'Reads the keys of every application under care (and of subscriptions, where the classic ' +
      "service is used), Certkeeper's own and others'.",
    query: z.object({
      target: z.string().exactOptional().describe('Only those of this place'),
    }),
    answers: { 200: { description: 'The keys, as they are now', schema: keysSchema } },
    problems: ['TARGET_UNSUPPORTED'],
    handle: async ({ query }) => {
      const [only] =
        query.target === undefined
          ? []
          : readPaths({ vault: NO_VAULT, name: 'any' }, [query.target]).map(requireKeyTarget);
      return { status: 200, jsonBody: await listKeys(ports, only) };
    },
  });
}

/** `DELETE /api/management-certificates/{name}`: takes away what was registered under a name. */
export function makeRemoveManagementRoute(ports: ManagementPorts): Route {
  return defineRoute({
    name: 'RemoveManagementCertificate',
    method: 'DELETE',
    path: 'management-certificates/{name}',
    role: 'Certkeeper.Upload',
    summary: 'Remove a management certificate',
    description:
      'Takes away what was registered under this name, an older one within its overlap too. Keys ' +
      'that somebody else registered stay. A certificate of a vault is detached instead.',
    params: z.object({ name: nameSchema }),
    query: z.object({
      targets: z
        .string()
        .exactOptional()
        .describe('Paths of the targets, separated by commas; left out, wherever it is'),
    }),
    answers: { 200: { description: 'What was taken away', schema: removedSchema } },
    problems: [...PLACE_PROBLEMS, 'BINDING_NOT_FOUND'],
    handle: async ({ params, query, caller }) => {
      const source: Source = { vault: NO_VAULT, name: params.name.toLowerCase() };
      const paths = query.targets === undefined ? [] : splitPaths([query.targets]);
      const targets = await removeCertificate(ports, { source, paths, asker: toAsker(caller) });
      return { status: 200, jsonBody: { source, targets } };
    },
  });
}

const FIELDS = ['file', 'name', 'targets'] as const;

/** Thrown: RequestError, which names the fields; or what `readForm` throws. */
async function readManagementForm(request: HttpRequest) {
  const form = await readForm(request, LARGEST_BODY);
  refuseUnknown(form, FIELDS);
  const name = nameSchema.safeParse(oneText(form, 'name'));
  const paths = readTargets(form);
  const wrong = [
    ...(name.success
      ? []
      : [{ field: 'name', message: name.error.issues[0]?.message ?? 'must be given' }]),
    ...(paths.length > 0 ? [] : [{ field: 'targets', message: 'must name a target' }]),
  ];
  if (!name.success || wrong.length > 0) throw new RequestError(wrong);
  const source: Source = { vault: NO_VAULT, name: name.data.toLowerCase() };
  return { source, paths, file: readFile(form, 'the .cer file, without a private key') };
}
