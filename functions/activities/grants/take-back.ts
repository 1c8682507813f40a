import { isHeld, type GivePorts } from './ports.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import type { Gift, Grant, TakenBack } from '../../../shared/domain/grant.ts';
import { GIVEN_ROLE } from '../../../shared/domain/grant-plan.ts';
import type { StoredGrant } from '../../../shared/domain/access-ports.ts';
import type { Ledger } from '../../../shared/domain/ledger-ports.ts';
import type { RequestedBy } from '../../../shared/domain/requested-by.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import {
  formatTarget,
  targetKey,
  type ClientCertificateTarget,
} from '../../../shared/domain/target.ts';

export interface TakeBackPorts extends Pick<
  GivePorts,
  'giver' | 'grants' | 'history' | 'hold' | 'now'
> {
  readonly ledger: Pick<Ledger, 'all'>;
}

type Removable = Exclude<Gift, { kind: 'enable-identity' }>;

/**
 * Takes back what Certkeeper gave a target's service in a source's vault, and only that: by what was
 * written down when it was given. What somebody else gave, before or since, stays. An identity is
 * not switched off: nobody here knows who else relies on it.
 *
 * Thrown when another binding needs it: TerminalError `GRANT_IN_USE`; when another installation keeps
 * the service, whose bindings may need it: `SERVICE_TAKEN`.
 */
export function makeTakeBack(ports: TakeBackPorts) {
  return async (input: {
    readonly source: Source;
    readonly target: ClientCertificateTarget;
    readonly by: RequestedBy;
    readonly dryRun: boolean;
  }): Promise<TakenBack> => {
    const { source, target, dryRun } = input;
    const rows = await ports.grants.ofService(target.service);
    const removable = rows.flatMap((stored) => {
      const { gift, status } = stored.grant;
      const ours = status !== 'taken-back' && gift.kind !== 'enable-identity';
      return ours && gift.vault === source.vault ? [{ stored, gift }] : [];
    });
    if (removable.length > 0) await requireUnused(ports, source, target);
    if (!dryRun && removable.length > 0) {
      await ports.hold.require(target.service);
      for (const { stored, gift } of removable) await takeBack(ports, input, stored, gift);
    }
    return {
      takenBack: removable.map(({ stored, gift }) => ({
        kind: gift.kind,
        message: describe(stored.grant.service, gift),
      })),
      left: rows.flatMap(({ grant }) => stays(grant)),
    };
  };
}

async function takeBack(
  ports: TakeBackPorts,
  { source, target, by }: { source: Source; target: ClientCertificateTarget; by: RequestedBy },
  stored: StoredGrant,
  gift: Removable,
): Promise<void> {
  const { giver, grants, history, now } = ports;
  const { vault, principalId } = gift;
  if (isHeld(stored.grant, now())) throw beingGiven(target, gift);
  if (gift.kind === 'assign-role') {
    await giver.removeRole(vault, gift.assignmentId, principalId);
  } else {
    await giver.removePermissions(vault, principalId, gift.tenantId, gift.permissions);
  }
  const at = now().toISOString();
  const taken = { status: 'taken-back', takenBackAt: at, takenBackBy: by } as const;
  if (!(await grants.replace(stored, { ...stored.grant, ...taken }))) {
    throw beingGiven(target, gift);
  }
  await history.add({
    ...{ source, at, by },
    what: 'take-back',
    targets: [
      {
        target: formatTarget(target),
        outcome: 'taken-back',
        reason: by.kind === 'platform' ? 'NotNeeded' : 'Asked',
      },
    ],
    detail: describe(target.service, gift),
  });
}

function beingGiven({ service }: ClientCertificateTarget, { resource }: Removable): TransientError {
  return new TransientError({
    code: 'AZURE_UNAVAILABLE',
    message: `${service} is being given this at the same moment.`,
    resource,
    cure: 'Ask again in some minutes.',
  });
}

/**
 * Thrown when a binding besides the one that is named needs what would be taken back: TerminalError
 * `GRANT_IN_USE`. Every binding at the service counts that reads the vault, since the ledger does
 * not know which identity reads.
 */
async function requireUnused(
  { ledger }: TakeBackPorts,
  source: Source,
  target: ClientCertificateTarget,
): Promise<void> {
  const users: string[] = [];
  for await (const { bindings } of ledger.all(source.vault)) {
    for (const binding of bindings) {
      const own =
        formatSource(binding.source) === formatSource(source) &&
        targetKey(binding.target) === targetKey(target);
      const reads =
        binding.claimed &&
        binding.target.kind === 'client-certificate' &&
        binding.target.service === target.service;
      if (reads && !own) {
        users.push(`${formatSource(binding.source)} at ${formatTarget(binding.target)}`);
      }
    }
  }
  const [first, second, third, ...others] = users;
  if (first === undefined) return;
  const more = others.length === 0 ? [] : [`${String(others.length)} more`];
  const named = [first, second, third, ...more].filter((one) => one !== undefined).join(', ');
  throw new TerminalError({
    code: 'GRANT_IN_USE',
    message: `${target.service} still needs what it was given in ${source.vault} for ${named}.`,
    resource: formatTarget(target),
    cure: 'Unbind these first, with the tag certkeeper-targets: none on their certificates.',
  });
}

function describe(service: string, gift: Removable): string {
  return gift.kind === 'assign-role'
    ? `The role ${GIVEN_ROLE.name} at ${gift.vault} is taken back from ${service}.`
    : `${service} may no longer ${gift.permissions.join(' and ')} secrets in ${gift.vault} by its access policy.`;
}

function stays({ service, gift, status }: Grant): TakenBack['left'] {
  if (gift.kind !== 'enable-identity' || status !== 'given') return [];
  return [
    {
      kind: gift.kind,
      message: `The system-assigned identity of ${service} stays enabled: policies and other roles may rely on it.`,
      command: `az rest --method patch --url "${gift.resource}?api-version=2024-05-01" --body '{"identity":{"type":"None"}}'`,
    },
  ];
}
