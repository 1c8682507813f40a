import * as z from 'zod';
import { readSource, sourceParams } from './source-of-request.ts';
import { readServiceTarget, targetQuery } from './target-of-request.ts';
import { GRANT_ACCESS, type GrantInput } from '../../shared/contracts/grant.ts';
import type { PlannedAccess, TakenBack } from '../../shared/domain/grant.ts';
import type { RequestedBy } from '../../shared/domain/requested-by.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import { formatTarget, type ClientCertificateTarget } from '../../shared/domain/target.ts';
import { grantInstanceId } from '../../shared/durable/instance-id.ts';
import { startOrJoin, type FindStatus } from '../../shared/durable/start-or-join.ts';
import { toRequestedBy } from '../../shared/http/caller.ts';
import {
  grantStartedSchema,
  plannedGrantSchema,
  takenBackSchema,
} from '../../shared/http/grant-view.ts';
import { flagSchema } from '../../shared/http/read-input.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';
import { startedAt, STARTED_HEADERS } from '../../shared/http/started.ts';

export interface GrantRoutePorts {
  readonly vaults: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  /** Thrown when the pair is not allowed: TerminalError `BINDING_NOT_ALLOWED`. */
  readonly requireConsent: (source: Source, target: ClientCertificateTarget) => void;
  readonly plan: (source: Source, target: ClientCertificateTarget) => Promise<PlannedAccess>;
  readonly takeBack: (input: {
    readonly source: Source;
    readonly target: ClientCertificateTarget;
    readonly by: RequestedBy;
    readonly dryRun: boolean;
  }) => Promise<TakenBack>;
  readonly findStatus: FindStatus;
}

const PATH = 'certificates/{vault}/{name}/access/grant';
const NOT_UNDER_CARE = [
  'VAULT_NOT_CONFIGURED',
  'SERVICE_NOT_CONFIGURED',
  'TARGET_UNSUPPORTED',
] as const;

/**
 * `POST …/access/grant?target=…`: gives a service what it lacks to read a certificate, once, also
 * where Certkeeper gives nothing by itself.
 */
export function makeGrantRoute(ports: GrantRoutePorts): Route {
  return defineRoute({
    name: 'GrantAccessNow',
    method: 'POST',
    path: PATH,
    role: 'Certkeeper.Upload',
    summary: 'Give a service what it lacks to read a certificate',
    description:
      'The system-assigned identity when the service has none at all, and the role Key Vault ' +
      'Certificate User at the vault or an access policy for get and list of secrets; nothing ' +
      'else. Only for what CERTKEEPER_ALLOW allows. Then the certificate is synced.',
    params: sourceParams,
    query: z.object({
      target: targetQuery,
      dryRun: flagSchema.describe('Say what would be given, and give nothing'),
    }),
    answers: {
      200: { description: 'With dryRun: what would be given now', schema: plannedGrantSchema },
      202: {
        description: 'It is being given',
        schema: grantStartedSchema,
        headers: STARTED_HEADERS,
      },
    },
    problems: ['BINDING_NOT_ALLOWED', ...NOT_UNDER_CARE],
    handle: async ({ params, query, caller, client }) => {
      const source = readSource(params, ports.vaults);
      const target = readServiceTarget(query.target, source, ports.services);
      ports.requireConsent(source, target);
      const path = formatTarget(target);
      if (query.dryRun) {
        const plan = await ports.plan(source, target);
        const about = { source: formatSource(source), target: path };
        return { status: 200, jsonBody: { dryRun: true, ...about, ...plan } };
      }
      const id = grantInstanceId(source, target);
      const input: GrantInput = { source, target, by: toRequestedBy(caller) };
      await startOrJoin(client, ports.findStatus, GRANT_ACCESS, { instanceId: id, input });
      const { operation, headers } = startedAt(id);
      return { status: 202, headers, jsonBody: { id, source, target: path, operation } };
    },
  });
}

/** `DELETE …/access/grant?target=…`: takes back what Certkeeper gave, and only that. */
export function makeTakeBackRoute(ports: GrantRoutePorts): Route {
  return defineRoute({
    name: 'TakeBackAccessNow',
    method: 'DELETE',
    path: PATH,
    role: 'Certkeeper.Upload',
    summary: 'Take back what Certkeeper gave a service to read a certificate',
    description:
      'The role assignment or the permissions that Certkeeper itself gave; what was there before, ' +
      'or came since from somebody else, stays. An identity stays enabled.',
    params: sourceParams,
    query: z.object({
      target: targetQuery,
      dryRun: flagSchema.describe('Say what would be taken back, and take nothing'),
    }),
    answers: {
      200: { description: 'What was taken back, and what stays', schema: takenBackSchema },
    },
    problems: ['CERTKEEPER_PERMISSION_MISSING', 'GRANT_IN_USE', 'SERVICE_TAKEN', ...NOT_UNDER_CARE],
    handle: async ({ params, query, caller }) => {
      const source = readSource(params, ports.vaults);
      const target = readServiceTarget(query.target, source, ports.services);
      const by = toRequestedBy(caller);
      const { dryRun } = query;
      const taken = await ports.takeBack({ source, target, by, dryRun });
      const about = { source: formatSource(source), target: formatTarget(target) };
      return { status: 200, jsonBody: { dryRun, ...about, ...taken } };
    },
  });
}
