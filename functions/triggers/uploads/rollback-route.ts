import * as z from 'zod';
import {
  idempotencyHeaders,
  IDEMPOTENCY_PROBLEMS,
  REPLAYED_HEADERS,
} from '../../../shared/http/idempotency.ts';
import { defineRoute, type Route } from '../../../shared/http/route.ts';
import { STARTED_HEADERS } from '../../../shared/http/started.ts';
import { acceptedSchema, answerAccepted } from '../../../shared/http/upload-view.ts';
import { readSource, sourceParams } from '../source-of-request.ts';
import { toAsker } from './asker.ts';
import { rollbackCertificate, type RollbackPorts } from './rollback-certificate.ts';
import { follow, type UploadRoutePorts } from './upload-routes.ts';

/** `POST /api/certificates/{vault}/{name}/rollback`: an earlier version becomes the newest again. */
export function makeRollbackRoute(
  ports: RollbackPorts & Pick<UploadRoutePorts, 'vaultNames' | 'requestSync' | 'once'>,
): Route {
  return defineRoute({
    name: 'RollBackCertificate',
    method: 'POST',
    path: 'certificates/{vault}/{name}/rollback',
    role: 'Certkeeper.Upload',
    summary: 'Roll back to an earlier version',
    description:
      'Makes the certificate of an earlier version the newest again, under the tags of the current ' +
      'one, and syncs it. Its private key travels from the vault to the vault within the call.',
    params: sourceParams,
    headers: idempotencyHeaders,
    body: z.object({
      version: z
        .string()
        .regex(/^[0-9a-zA-Z-]{1,127}$/, { error: 'must be the id of a version' })
        .exactOptional()
        .describe('The version to go back to; left out, the usable one before the current one'),
    }),
    answers: {
      202: {
        description: 'It is the newest version again; the operation rotates its targets',
        schema: acceptedSchema,
        headers: { ...STARTED_HEADERS, ...REPLAYED_HEADERS },
      },
    },
    problems: [
      ...IDEMPOTENCY_PROBLEMS,
      'BINDING_NOT_ALLOWED',
      'CERTIFICATE_EXPIRED',
      'CERTIFICATE_NOT_EXPORTABLE',
      'CERTIFICATE_NOT_YET_VALID',
      'CERTIFICATE_PENDING',
      'CERTIFICATE_WRONG_TYPE',
      'CERTKEEPER_FIREWALLED',
      'CERTKEEPER_PERMISSION_MISSING',
      'IMPORT_REFUSED',
      'SOURCE_NOT_ALLOWED',
      'SOURCE_NOT_FOUND',
      'UPLOAD_UNFINISHED',
      'VAULT_NOT_CONFIGURED',
      'VERSION_DISABLED',
      'VERSION_NOT_FOUND',
    ],
    handle: async ({ request, params, body, caller, client, context }) => {
      const source = readSource(params, ports.vaultNames);
      const asker = toAsker(caller);
      return ports.once({ request, caller }, { source, ...body }, async () => {
        const { read, ...rest } = await rollbackCertificate(
          ports,
          { source, version: body.version, asker },
          follow(ports, { client, context, source, by: asker.by }),
        );
        return answerAccepted({
          ...rest,
          source,
          targets: [],
          warnings: read?.warnings ?? [],
          ...(read === undefined ? {} : { leaf: read.leaf, chain: read.chain }),
        });
      });
    },
  });
}
