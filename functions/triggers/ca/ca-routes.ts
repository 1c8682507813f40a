import * as z from 'zod';
import { addCaCertificates } from './add-ca-certificates.ts';
import { readCaForm } from './ca-form.ts';
import { requireService } from '../require-service.ts';
import { placeParams, serviceParams, type CaRoutePorts } from './ca-ports.ts';
import { findGoneSources } from './find-gone-sources.ts';
import { removeCaCertificate } from './remove-ca-certificate.ts';
import { toAsker } from '../uploads/asker.ts';
import { CA_UPDATE_ESTIMATE } from '../../../shared/domain/ca-tier.ts';
import type { ProblemCode } from '../../../shared/domain/errors.ts';
import { caUpdateId } from '../../../shared/durable/instance-id.ts';
import {
  caAcceptedSchema,
  caRemovalSchema,
  caStoreSchema,
  caUnchangedSchema,
  caUploadBodies,
  toCaStoreView,
} from '../../../shared/http/ca-view.ts';
import {
  idempotencyHeaders,
  IDEMPOTENCY_PROBLEMS,
  REPLAYED_HEADERS,
  type Once,
} from '../../../shared/http/idempotency.ts';
import { flagSchema } from '../../../shared/http/read-input.ts';
import { defineRoute, type Route } from '../../../shared/http/route.ts';
import { startedAt, STARTED_HEADERS } from '../../../shared/http/started.ts';

const PATH = 'services/{service}/ca-certificates';
const OF_SERVICES: readonly ProblemCode[] = [
  'AZURE_REFUSED',
  'CERTKEEPER_PERMISSION_MISSING',
  'SERVICE_NOT_CONFIGURED',
  'SERVICE_NOT_FOUND',
];
const OF_CHANGES: readonly ProblemCode[] = [
  ...OF_SERVICES,
  'BINDING_NOT_ALLOWED',
  'CA_ENTRIES_UNKNOWN',
  'CA_STORE_WITHOUT_EFFECT',
  'CA_UPDATE_DOWNTIME',
  'SYNC_FAILED',
];

/** `POST …/ca-certificates`: a file of authorities goes into the service's stores. */
export function makeAddCaRoute(ports: CaRoutePorts & { readonly once: Once }): Route {
  return defineRoute({
    name: 'AddCaCertificates',
    method: 'POST',
    path: PATH,
    role: 'Certkeeper.Upload',
    summary: 'Add CA certificates to a service',
    description:
      'Each certificate of the file is judged by itself. A private key in it is dropped unread. What ' +
      'waits goes into one update of the service together, which takes 15 to 45 minutes. A ' +
      'certificate that the service holds already is not sent again; a copy of it is kept, so that ' +
      'no update loses it. Takes the role Certkeeper.Manage, or a rule of CERTKEEPER_ALLOW that names ' +
      'the store: none/ca-certificates => contoso-gw/ca/Root.',
    params: serviceParams,
    headers: idempotencyHeaders,
    bodies: caUploadBodies,
    answers: {
      200: { description: 'The service holds all of it already', schema: caUnchangedSchema },
      202: {
        description: 'It waits for an update, or is in one',
        schema: caAcceptedSchema,
        headers: { ...STARTED_HEADERS, ...REPLAYED_HEADERS },
      },
    },
    problems: [
      ...OF_CHANGES,
      ...IDEMPOTENCY_PROBLEMS,
      'CA_LIMIT_REACHED',
      'CERTIFICATE_EXPIRED',
      'CERTIFICATE_MISSING',
      'FILE_TOO_COSTLY',
      'FILE_TOO_LARGE',
      'FILE_UNREADABLE',
      'FORM_TRUNCATED',
      'FORM_UNREADABLE',
      'NOT_A_CA',
      'PASSWORD_WRONG',
    ],
    handle: async ({ request, params, caller, client }) => {
      const service = requireService(params.service, ports.services);
      const { password, ...form } = await readCaForm(request);
      return ports.once({ request, caller }, { service, ...form }, async () => {
        const asker = toAsker(caller);
        const upload = { service, password, asker, ...form };
        const { resumes, ...uploaded } = await addCaCertificates(ports, upload);
        if (!uploaded.entries.some(({ outcome }) => outcome === 'queued')) {
          if (resumes) await ports.requestUpdate(client, service);
          return { status: 200, jsonBody: { service, ...uploaded } } as const;
        }
        const { id } = await ports.requestUpdate(client, service);
        const { operation, headers } = startedAt(id);
        const estimate = CA_UPDATE_ESTIMATE;
        const jsonBody = { id, operation, estimate, service, ...uploaded };
        return { status: 202, headers, jsonBody } as const;
      });
    },
  });
}

/** `GET …/ca-certificates`: the stores as they are, and what is to become of them. */
export function makeListCaRoute(ports: CaRoutePorts): Route {
  return defineRoute({
    name: 'ListCaCertificates',
    method: 'GET',
    path: PATH,
    role: 'Certkeeper.Read',
    summary: 'The CA certificates of a service',
    description:
      'As the service lists them now, with what waits and what came of the last changes.',
    params: serviceParams,
    answers: { 200: { description: 'What there is', schema: caStoreSchema } },
    problems: OF_SERVICES,
    handle: async ({ params }) => {
      const service = requireService(params.service, ports.services);
      const [observed, copies, { record }] = await Promise.all([
        ports.stores.observe(service),
        ports.copies.list(service),
        ports.caLedger.read(service),
      ]);
      const known = new Set(copies.map(({ thumbprint }) => thumbprint));
      const { operation } = startedAt(caUpdateId(service));
      const problems = await findGoneSources(ports.ledger, service, record);
      const jsonBody = toCaStoreView(service, observed, known, record, { operation, problems });
      return { status: 200, jsonBody };
    },
  });
}

/** `DELETE …/ca-certificates/{store}/{thumbprint}`: an entry leaves with the next update. */
export function makeRemoveCaRoute(ports: CaRoutePorts): Route {
  return defineRoute({
    name: 'RemoveCaCertificate',
    method: 'DELETE',
    path: `${PATH}/{store}/{thumbprint}`,
    role: 'Certkeeper.Upload',
    summary: 'Remove a CA certificate from a service',
    description:
      'Everything else that the service holds stays. Takes the role Certkeeper.Manage, or a rule of ' +
      'CERTKEEPER_ALLOW, as adding does.',
    params: placeParams,
    query: z.object({
      unknown: z
        .enum(['drop'], { error: 'must be drop' })
        .exactOptional()
        .describe('`drop`: also when Certkeeper has no copy of it, and could not put it back'),
      acceptDowntime: flagSchema.describe('On the Developer tier: downtime is all right'),
    }),
    answers: {
      202: {
        description: 'It waits for an update, or is in one',
        schema: caRemovalSchema,
        headers: STARTED_HEADERS,
      },
    },
    problems: [...OF_CHANGES, 'CA_ENTRY_BOUND', 'CA_ENTRY_NOT_FOUND'],
    handle: async ({ params, query, caller, client }) => {
      const service = requireService(params.service, ports.services);
      const place = { store: params.store, thumbprint: params.thumbprint.toUpperCase() };
      const { entry, warnings } = await removeCaCertificate(ports, {
        ...{ service, place, asker: toAsker(caller) },
        unknownToo: query.unknown === 'drop',
        acceptDowntime: query.acceptDowntime,
      });
      const { id } = await ports.requestUpdate(client, service);
      const { operation, headers } = startedAt(id);
      const { subject } = entry;
      const estimate = CA_UPDATE_ESTIMATE;
      const jsonBody = { id, operation, estimate, service, ...place, subject, warnings };
      return { status: 202, headers, jsonBody };
    },
  });
}
