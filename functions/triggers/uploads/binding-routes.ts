import type { DurableClient } from 'durable-functions';
import * as z from 'zod';
import { RequestError } from '../../../shared/http/request-error.ts';
import type { Ledger } from '../../../shared/domain/ledger-ports.ts';
import type { RequestedBy } from '../../../shared/domain/requested-by.ts';
import { isWithoutVault, type Source } from '../../../shared/domain/source.ts';
import { formatTarget } from '../../../shared/domain/target.ts';
import { flagSchema } from '../../../shared/http/read-input.ts';
import { defineRoute, type Route } from '../../../shared/http/route.ts';
import { startedAt, STARTED_HEADERS, syncStartedSchema } from '../../../shared/http/started.ts';
import { readSource, sourceParams, withoutVaultToo } from '../source-of-request.ts';
import { toAsker } from './asker.ts';
import { bindTargets } from './bind-targets.ts';
import { requireNoTagAgainst } from './bring-into-vault.ts';
import {
  decideTargets,
  lookAtTargets,
  type DecideTargetsPorts,
  type LookPorts,
} from './decide-targets.ts';
import { detachDirectly, type DetachDirectlyPorts } from './detach-directly.ts';
import { markLeaving, planDetaching, type DetachPorts } from './detach-targets.ts';
import { sourceNotFound } from './rollback-certificate.ts';
import { splitPaths } from './upload-form.ts';

export interface BindingRoutePorts
  extends
    Omit<DetachPorts, 'ledger'>,
    DetachDirectlyPorts,
    LookPorts,
    Omit<DecideTargetsPorts, 'ledger'> {
  readonly ledger: Ledger;
  /** Names of the vaults under care. */
  readonly vaultNames: ReadonlySet<string>;
  readonly requestSync: (
    client: DurableClient,
    source: Source,
    by: RequestedBy,
  ) => Promise<{ id: string }>;
}

const startedSchema = syncStartedSchema
  .extend({ targets: z.array(z.string()).readonly() })
  .meta({ id: 'BindingStarted' });

const detachingSchema = z
  .object({
    dryRun: z.boolean(),
    targets: z
      .array(
        z.object({
          target: z.string(),
          step: z
            .enum(['remove', 'release'])
            .describe('`remove`: taken away at the target; `release`: nothing of ours is there'),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'Detaching' });

/** `POST /api/certificates/{vault}/{name}/bindings`: binds a certificate of the vault to targets. */
export function makeBindRoute(ports: BindingRoutePorts): Route {
  return defineRoute({
    name: 'BindCertificate',
    method: 'POST',
    path: 'certificates/{vault}/{name}/bindings',
    role: 'Certkeeper.Upload',
    summary: 'Bind a certificate to targets',
    description:
      'Installs a certificate that is in the vault already at the targets, and keeps it current ' +
      'there from then on.',
    params: sourceParams,
    body: z.object({
      targets: z
        .array(z.string(), { error: 'must be a list of paths of targets' })
        .min(1, { error: 'must name a target' })
        .describe('Paths of the targets, e.g. contoso-gw or contoso-gw/workspaces/team-a'),
      takeOver: z
        .boolean()
        .default(false)
        .describe('Replace what is there, whoever put it there; role Certkeeper.Manage'),
    }),
    answers: {
      202: { description: 'The sync runs', schema: startedSchema, headers: STARTED_HEADERS },
    },
    problems: [
      'APPLICATION_NOT_CONFIGURED',
      'APPLICATION_NOT_FOUND',
      'BINDING_NOT_ALLOWED',
      'CERTKEEPER_FIREWALLED',
      'CERTKEEPER_PERMISSION_MISSING',
      'NEEDS_IDENTITIES',
      'ROLE_MISSING',
      'SERVICE_NOT_CONFIGURED',
      'SERVICE_NOT_FOUND',
      'SOURCE_NOT_FOUND',
      'TAG_FORBIDS',
      'TARGET_CHANGED',
      'TARGET_RETIRED',
      'TARGET_TAKEN',
      'TARGET_UNSUPPORTED',
      'VAULT_NOT_CONFIGURED',
      'WORKSPACE_NOT_FOUND',
    ],
    handle: async ({ params, body, caller, client }) => {
      const source = readSource(params, ports.vaultNames);
      const asker = toAsker(caller);
      const { bindings } = await ports.ledger.ofSource(source);
      const asked = { source, bindings, paths: splitPaths(body.targets), asker };
      const decided = await decideTargets(ports, { ...asked, takeOver: body.takeOver });
      const there = await ports.vaults.readCurrent(source);
      if (there.kind === 'missing') throw sourceNotFound(source);
      if (there.kind === 'present') requireNoTagAgainst(source, there.current.tags);
      const thumbprint = there.kind === 'present' ? there.current.thumbprint : '';
      await lookAtTargets(ports, asked, decided, thumbprint);
      const targets = decided.map(({ target }) => formatTarget(target));
      await bindTargets(ports.ledger, source, decided);
      await ports.history.add({
        source,
        at: ports.now().toISOString(),
        what: 'bind',
        by: asker.by,
        targets: decided.map(({ target, takeOver }) => ({
          target: formatTarget(target),
          outcome: 'pending',
          reason: takeOver === undefined ? 'AskedFor' : 'TakeOverAskedFor',
        })),
      });
      const { id } = await ports.requestSync(client, source, asker.by);
      const { operation, headers } = startedAt(id);
      return { status: 202, headers, jsonBody: { id, source, operation, targets } };
    },
  });
}

/** `DELETE /api/certificates/{vault}/{name}?targets=…`: removes bindings that Certkeeper owns. */
export function makeDetachRoute(ports: BindingRoutePorts): Route {
  return defineRoute({
    name: 'DetachCertificate',
    method: 'DELETE',
    path: 'certificates/{vault}/{name}',
    role: 'Certkeeper.Upload',
    summary: 'Detach a certificate from targets',
    description:
      'Removes at the targets what Certkeeper put there, if it is still what Certkeeper saw, and ' +
      'gives the bindings up. The certificate itself stays in the vault: deleting it is not offered.',
    params: sourceParams,
    query: z.object({
      targets: z
        .string({ error: 'must be given: the paths of the targets, separated by commas' })
        .describe('Paths of the targets, separated by commas'),
      dryRun: flagSchema.describe('Say what would become of each target, and change nothing'),
      force: flagSchema.describe(
        'Also where something may use it, but never what is in use; role Certkeeper.Manage',
      ),
    }),
    answers: {
      200: {
        description:
          'With dryRun: what would become of them. Of what is in no vault: what became of them',
        schema: detachingSchema,
      },
      202: { description: 'The sync runs', schema: startedSchema, headers: STARTED_HEADERS },
    },
    problems: [
      'BINDING_DISCOVERED',
      'BINDING_NOT_ALLOWED',
      'BINDING_NOT_FOUND',
      'BINDING_TAGGED',
      'CERTKEEPER_FIREWALLED',
      'CERTKEEPER_PERMISSION_MISSING',
      'NEEDS_IDENTITIES',
      'ROLE_MISSING',
      'SERVICE_TAKEN',
      'TAG_FORBIDS',
      'TARGET_IN_USE',
      'TARGET_MAY_BE_IN_USE',
      'VAULT_NOT_CONFIGURED',
    ],
    handle: async ({ params, query, caller, client }) => {
      const source = readSource(params, withoutVaultToo(ports.vaultNames));
      const asker = toAsker(caller);
      const paths = splitPaths([query.targets]);
      if (paths.length === 0) {
        throw new RequestError([{ field: 'targets', message: 'must name a target' }]);
      }
      const { dryRun, force } = query;
      if (isWithoutVault(source)) {
        const targets = await detachDirectly(ports, { source, paths, asker, dryRun, force });
        return { status: 200, jsonBody: { dryRun, targets } };
      }
      const plan = await planDetaching(ports, { source, paths, asker, force });
      if (dryRun) return { status: 200, jsonBody: { dryRun: true, targets: plan.targets } };
      await markLeaving(ports, source, plan, asker);
      const { id } = await ports.requestSync(client, source, asker.by);
      const { operation, headers } = startedAt(id);
      const targets = plan.targets.map(({ target }) => target);
      return { status: 202, headers, jsonBody: { id, source, operation, targets } };
    },
  });
}
