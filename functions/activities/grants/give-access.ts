import { goOnWithIdentity, giveIdentity, harmDone } from './give-identity.ts';
import { complete, givePermission, settle } from './give-permission.ts';
import { DONE, type GivePorts, type Giver, type Progress } from './ports.ts';
import { look, observeAccess } from '../observe-access.ts';
import type { Giving, Given } from '../../../shared/contracts/grant.ts';
import type { AccessFacts } from '../../../shared/domain/access-facts.ts';
import { consents } from '../../../shared/domain/consent.ts';
import { TerminalError, type Problem } from '../../../shared/domain/errors.ts';
import type { Grant } from '../../../shared/domain/grant.ts';
import { planGrant, type GrantPlan, type GrantStep } from '../../../shared/domain/grant-plan.ts';
import { saysGift, saysStep } from '../../../shared/domain/grant-words.ts';
import type { StoredGrant } from '../../../shared/domain/access-ports.ts';
import {
  formatSource,
  type Source,
  type SourceObservation,
} from '../../../shared/domain/source.ts';
import { formatTarget, type ClientCertificateTarget } from '../../../shared/domain/target.ts';
import type { TargetState } from '../../../shared/domain/target-state.ts';

export interface GiveInput extends Giver {
  readonly observation?: SourceObservation;
  readonly state?: TargetState;
  readonly onlyPlan?: true;
}

/**
 * Gives a service one thing that it lacks to read a source, or looks after one that is on its way;
 * asked again until all is given. Everything is looked at anew each time, the consent included, and
 * each thing is written down before it is given: so it may be cut off anywhere. Where giving took
 * something from the service, nothing more is given.
 *
 * Thrown when `CERTKEEPER_ALLOW` does not allow the pair: TerminalError `BINDING_NOT_ALLOWED`.
 */
export function makeGiveAccess(ports: GivePorts) {
  return async (input: GiveInput): Promise<Giving> => {
    requireConsent(ports, input);
    const automatic = input.by.kind === 'platform';
    if (automatic && ports.grantAccess !== 'auto') return answer('withheld', [], []);

    const facts = await observeForGrant(ports, input);
    const plan = planGrant(facts);
    const rows = await ports.grants.ofService(input.target.service);
    const harm = harmIn(rows, input);
    if (harm.length > 0) return answer('withheld', givenBy(rows, input), harm);

    const [step] = plan.steps;
    const begun = findBegun(rows, input);
    const withheld = withhold(plan, rows, automatic);
    if (begun === undefined) {
      if (withheld.length > 0) return answer('withheld', givenBy(rows, input), withheld);
      if (step === undefined) return answer('complete', givenBy(rows, input), plan.obstacles);
    }
    if (input.onlyPlan === true) {
      const says = step === undefined ? 'Completing what was begun' : saysStep(step);
      return { ...answer('more', givenBy(rows, input), plan.obstacles), says };
    }

    // What a service may read is for its keeper to give, although it is the vault that changes.
    await ports.hold.require(input.target.service);
    const progress = await act(ports, input, step, rows, begun);
    const after = await ports.grants.ofService(input.target.service);
    const given = givenBy(after, input);
    const done = harmIn(after, input);
    if (done.length > 0) return answer('withheld', given, done);
    if (progress.kind === 'waiting') {
      const { says, afterSeconds } = progress;
      return { ...answer('waiting', given, plan.obstacles), says, afterSeconds };
    }
    const acted = begun?.grant.gift.kind ?? step?.kind;
    const next = plan.steps.find(({ kind }) => kind !== acted);
    if (next !== undefined) {
      return { ...answer('more', given, plan.obstacles), says: saysStep(next) };
    }
    if (begun === undefined) return answer('complete', given, plan.obstacles);
    const says = `Looking at what ${input.target.service} still lacks`;
    return { ...answer('more', given, plan.obstacles), says };
  };
}

/** Thrown when `CERTKEEPER_ALLOW` does not allow the pair: TerminalError `BINDING_NOT_ALLOWED`. */
export function requireConsent(
  { consent }: Pick<GivePorts, 'consent'>,
  { source, target }: { readonly source: Source; readonly target: ClientCertificateTarget },
): void {
  if (consents(consent, source, target)) return;
  const path = formatTarget(target);
  throw new TerminalError({
    code: 'BINDING_NOT_ALLOWED',
    message: `CERTKEEPER_ALLOW does not allow ${formatSource(source)} at ${path}, so Certkeeper gives ${target.service} nothing for it.`,
    resource: path,
    cure: `Who runs the target adds to CERTKEEPER_ALLOW: ${formatSource(source)} => ${path}`,
  });
}

/**
 * What a plan is made from. Whether a denial stands in the way of an identity that is yet to come
 * is looked at too.
 */
export async function observeForGrant(
  ports: GivePorts,
  input: Pick<GiveInput, 'source' | 'target' | 'observation' | 'state'>,
): Promise<AccessFacts> {
  const facts = await observeAccess(ports, input);
  const { vault } = facts;
  if (vault.kind !== 'seen' || !vault.value.rbac || facts.denials.kind !== 'unasked') return facts;
  return { ...facts, denials: await look(() => ports.access.denialsAt(vault.value.id)) };
}

async function act(
  ports: GivePorts,
  giver: Giver,
  step: GrantStep | undefined,
  rows: readonly StoredGrant[],
  begun: StoredGrant | undefined,
): Promise<Progress> {
  if (begun?.grant.gift.kind === 'enable-identity') {
    return await goOnWithIdentity(ports, giver, begun, step);
  }
  if (begun !== undefined) {
    return step !== undefined && isFor(begun, step)
      ? await complete(ports, giver, begun)
      : await settle(ports, giver, begun);
  }
  if (step === undefined) return DONE;
  const stored = rows.find((row) => isFor(row, step));
  if (step.kind === 'enable-identity') return await giveIdentity(ports, giver, step, stored);
  const { principalId } = step;
  if (principalId === undefined) return DONE;
  return await givePermission(ports, giver, { ...step, principalId }, stored);
}

/** Why nothing is given by itself; none = it is. A person who asks gets what can be given. */
function withhold(
  { steps, obstacles }: GrantPlan,
  rows: readonly StoredGrant[],
  automatic: boolean,
): readonly Problem[] {
  const [step] = steps;
  if (step === undefined) return obstacles;
  if (!automatic) return [];
  const [obstacle] = obstacles;
  if (obstacle !== undefined) {
    return [
      ...obstacles,
      {
        code: 'GRANT_WITHHELD',
        message: `Certkeeper gives ${step.service} nothing, since something else would stay in the way: ${obstacle.message}`,
        resource: step.resource,
        cure: 'Cure that first; the next sync gives what is missing then.',
      },
    ];
  }
  // What a clean-up took back was not needed then; it says nothing of what is needed now.
  const back = rows.find(
    (row) =>
      isFor(row, step) &&
      row.grant.status === 'taken-back' &&
      row.grant.takenBackBy?.kind !== 'platform',
  );
  if (back === undefined) return [];
  return [
    {
      code: 'GRANT_WITHHELD',
      message: `What ${step.service} lacks was taken back at ${back.grant.takenBackAt ?? ''}, so Certkeeper does not give it again by itself.`,
      resource: step.resource,
      cure: `Give it by hand: POST /api/certificates/${formatSource(back.grant.source)}/access/grant?target=${formatTarget(back.grant.target)}`,
    },
  ];
}

/** What was begun for this service, and for this vault, and is not completed; an identity first. */
function findBegun(rows: readonly StoredGrant[], { source }: Giver): StoredGrant | undefined {
  const begun = rows.filter(({ grant: { gift, status } }) => {
    const concerns = gift.kind === 'enable-identity' || gift.vault === source.vault;
    return status === 'intended' && concerns;
  });
  return begun.find(({ grant }) => grant.gift.kind === 'enable-identity') ?? begun[0];
}

function isFor({ grant: { gift } }: StoredGrant, step: GrantStep): boolean {
  if (gift.kind === 'enable-identity' || step.kind === 'enable-identity') {
    return gift.kind === step.kind;
  }
  return (
    gift.kind === step.kind &&
    gift.vault === step.vault &&
    gift.principalId.toLowerCase() === step.principalId?.toLowerCase()
  );
}

function isOf(grant: Grant, { holder }: Giver): boolean {
  return grant.status === 'given' && grant.holder === holder;
}

/** What the service lost by what this holder gave. */
function harmIn(rows: readonly StoredGrant[], giver: Giver): readonly Problem[] {
  return rows.flatMap(({ grant }) => (isOf(grant, giver) ? harmDone(grant) : []));
}

function givenBy(rows: readonly StoredGrant[], giver: Giver): readonly Given[] {
  const given = rows.flatMap(({ grant }): Given[] => {
    if (!isOf(grant, giver)) return [];
    const { service, gift, givenAt = grant.intendedAt } = grant;
    const { kind, resource } = gift;
    const where =
      gift.kind === 'enable-identity' ? {} : { vault: gift.vault, principalId: gift.principalId };
    return [{ kind, service, ...where, resource, message: saysGift(service, gift), at: givenAt }];
  });
  return given.sort((one, other) => one.at.localeCompare(other.at));
}

function answer(
  state: Giving['state'],
  given: readonly Given[],
  obstacles: readonly Problem[],
): Giving {
  return { kind: 'giving', state, given, obstacles };
}
