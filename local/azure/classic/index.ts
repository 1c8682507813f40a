/**
 * `management.core.windows.net`: of the classic Service Management API the management certificates,
 * as they worked until its retirement on 31 August 2024, and what it answers since.
 * Source: Service Management REST API reference; "Service Management Status and Error Codes".
 */
import { z } from 'zod';
import { parseBody } from '../core/parse-body.ts';
import { makeSettingKinds } from '../core/setting-kinds.ts';
import { matchPath } from '../resource-manager/route.ts';
import { hasSubscription } from '../resource-manager/subscriptions.ts';
import {
  AzureFault,
  type AzureRequest,
  type AzureResponse,
  type AzureService,
  type ControlRoute,
  type Principal,
  type World,
} from '../service.ts';
import { makeManagementCertificates } from './management-certificates.ts';
import { NAMESPACE, writeElement } from './xml.ts';

export const CLASSIC_HOST = 'management.core.windows.net';
/** "This header must be set to 2012-03-01 or higher." */
const FIRST_VERSION = '2012-03-01';
const AUDIENCES = ['https://management.core.windows.net', 'https://management.azure.com'];
const ADMINISTRATORS = 'classic.administrators';
const administratorsSchema = z.strictObject({ objectIds: z.array(z.guid()) });

/** What a call to the retired service is answered; no source says what the real one does. */
const RETIRED = {
  gone: [410, 'Gone'],
  notFound: [404, 'ResourceNotFound'],
  forbidden: [403, 'ForbiddenError'],
} as const;

export function makeClassic(world: World): {
  readonly service: AzureService;
  readonly controlRoutes: readonly ControlRoute[];
} {
  const { store } = world;
  const { choice, flag } = makeSettingKinds(world.settings);
  const isRetired = flag(
    'classic.retired',
    true,
    'whether the classic Service Management API is retired, as it is since 31 August 2024',
  );
  const retiredAnswer = choice(
    'assumptions.classicRetiredAnswer',
    ['gone', 'notFound', 'forbidden'],
    'what the retired classic API answers: 410, 404 or 403',
  );
  const certificates = makeManagementCertificates(world);

  const answer = (request: AzureRequest): AzureResponse => {
    if (isRetired()) {
      const [status, code] = RETIRED[retiredAnswer()];
      throw new AzureFault(
        status,
        code,
        'Azure Service Manager was retired on August 31, 2024. Use Azure Resource Manager.',
      );
    }
    const all = matchPath('{subscriptionId}/certificates', request.segments);
    const one = matchPath('{subscriptionId}/certificates/{thumbprint}', request.segments);
    const subscriptionId = (all ?? one)?.['subscriptionId'] ?? '';
    requireAdministrator(request.principal, subscriptionId);
    if (!hasSubscription(store, subscriptionId)) throw notFound();
    if (!hasVersion(request)) {
      throw new AzureFault(
        400,
        'MissingOrIncorrectVersionHeader',
        'The versioning header is not specified or was specified incorrectly.',
      );
    }
    if (all !== undefined && request.method === 'GET') return certificates.list(subscriptionId);
    if (all !== undefined && request.method === 'POST') {
      return certificates.add(subscriptionId, request.body.toString('utf8'));
    }
    if (one !== undefined && request.method === 'DELETE') {
      return certificates.remove(subscriptionId, one['thumbprint'] ?? '');
    }
    throw new AzureFault(
      400,
      'InvalidHttpVerb',
      'The HTTP verb specified was not recognized by the server or isn’t valid for this resource.',
    );
  };

  /** Classic administrators may do everything, others nothing; certificates themselves, TLS has not. */
  const requireAdministrator = (principal: Principal | undefined, subscription: string): void => {
    if (principal?.kind === 'operator') return;
    const named = readAdministrators(subscription);
    const { audience } = principal ?? {};
    const isMeant = audience === undefined || AUDIENCES.includes(audience.replace(/\/$/, ''));
    if (principal !== undefined && isMeant && named.includes(principal.objectId)) return;
    throw new AzureFault(
      403,
      'AuthenticationFailed',
      'The server failed to authenticate the request. Verify that the certificate is valid and is associated with this subscription.',
    );
  };
  const readAdministrators = (subscriptionId: string): readonly string[] =>
    store.get<{ objectIds: string[] }>(ADMINISTRATORS, subscriptionId.toLowerCase())?.objectIds ??
    [];

  return {
    service: {
      name: 'classic Service Management (management certificates)',
      owns: (host) => host === CLASSIC_HOST,
      async handle(request) {
        try {
          return await Promise.resolve(answer(request));
        } catch (error) {
          if (!(error instanceof AzureFault)) throw error;
          return toErrorDocument(error);
        }
      },
    },
    controlRoutes: [
      {
        method: 'PUT',
        path: '/classic/{subscriptionId}/administrators',
        summary: 'names the identities that are classic administrators: {"objectIds": [ids]}',
        handle(request, { subscriptionId = '' }) {
          const named = parseBody(request, administratorsSchema);
          store.put(ADMINISTRATORS, subscriptionId.toLowerCase(), named);
          return { status: 200, body: named };
        },
      },
    ],
  };
}

function hasVersion(request: AzureRequest): boolean {
  const version = request.headers['x-ms-version'];
  return (
    typeof version === 'string' && /^\d{4}-\d\d-\d\d$/.test(version) && version >= FIRST_VERSION
  );
}

function notFound(): AzureFault {
  return new AzureFault(404, 'ResourceNotFound', 'The specified resource does not exist.');
}

/** `<Error><Code>…</Code><Message>…</Message></Error>`. */
function toErrorDocument({ status, code, message }: AzureFault): AzureResponse {
  const error = writeElement('Error', { Code: code, Message: message });
  return {
    status,
    headers: { 'content-type': 'application/xml; charset=utf-8' },
    text: `<?xml version="1.0" encoding="utf-8"?>${error.replace('<Error>', `<Error xmlns="${NAMESPACE}">`)}`,
  };
}
