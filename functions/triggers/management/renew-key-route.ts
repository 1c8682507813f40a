import { readSource, sourceParams } from '../source-of-request.ts';
import { toAsker } from '../uploads/asker.ts';
import { follow, type UploadRoutePorts } from '../uploads/upload-routes.ts';
import { PLACE_PROBLEMS } from './management-routes.ts';
import { renewKey, type RenewKeyPorts } from './renew-key.ts';
import {
  idempotencyHeaders,
  IDEMPOTENCY_PROBLEMS,
  REPLAYED_HEADERS,
} from '../../../shared/http/idempotency.ts';
import { renewedSchema } from '../../../shared/http/management-view.ts';
import { defineRoute, type Route } from '../../../shared/http/route.ts';
import { startedAt, STARTED_HEADERS } from '../../../shared/http/started.ts';

/** `POST /api/certificates/{vault}/{name}/renew-key`: a new key, registered before the vault has it. */
export function makeRenewKeyRoute(
  ports: RenewKeyPorts & Pick<UploadRoutePorts, 'vaultNames' | 'requestSync' | 'once'>,
): Route {
  return defineRoute({
    name: 'RenewKey',
    method: 'POST',
    path: 'certificates/{vault}/{name}/renew-key',
    role: 'Certkeeper.Manage',
    summary: 'Renew a key without a gap',
    description:
      'Makes a new key and a self-signed certificate like the current one, registers it at every ' +
      'application that the certificate is bound to, signs in with it, and only then imports it ' +
      'into Key Vault. Automation that takes the new version from the vault is never turned away. ' +
      'The private key is kept no longer than the call takes.',
    params: sourceParams,
    headers: idempotencyHeaders,
    answers: {
      202: {
        description: 'It is registered and in the vault; the operation gives the old key its end',
        schema: renewedSchema,
        headers: { ...STARTED_HEADERS, ...REPLAYED_HEADERS },
      },
    },
    problems: [
      ...IDEMPOTENCY_PROBLEMS,
      ...PLACE_PROBLEMS,
      'BINDING_NOT_FOUND',
      'CERTIFICATE_NOT_EXPORTABLE',
      'CERTIFICATE_NOT_SELF_SIGNED',
      'CERTIFICATE_PENDING',
      'CERTKEEPER_FIREWALLED',
      'CURRENT_VERSION_DISABLED',
      'IMPORT_REFUSED',
      'KEY_NOT_ACCEPTED',
      'SOURCE_NOT_FOUND',
      'TAG_FORBIDS',
      'UPLOAD_UNFINISHED',
      'VAULT_NOT_CONFIGURED',
    ],
    handle: async ({ request, params, caller, client, context }) => {
      const source = readSource(params, ports.vaultNames);
      const asker = toAsker(caller);
      return ports.once({ request, caller }, { source }, async () => {
        const { id, ...renewed } = await renewKey(
          ports,
          { source, asker },
          follow(ports, { client, context, source, by: asker.by }),
        );
        const { operation, headers } = startedAt(id);
        const jsonBody = { id, operation, source, ...renewed };
        return { status: 202 as const, headers, jsonBody };
      });
    },
  });
}
