import {
  DONE,
  holding,
  isHeld,
  SETTLES_WITHIN_MS,
  waiting,
  type GivePorts,
  type Giver,
  type Progress,
} from './ports.ts';
import { recordGiven } from './record-given.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { keyOf, type Gift, type Grant } from '../../../shared/domain/grant.ts';
import type { GrantStep, GivenPermission } from '../../../shared/domain/grant-plan.ts';
import type { StoredGrant } from '../../../shared/domain/access-ports.ts';
import { formatSource } from '../../../shared/domain/source.ts';

type Step = Exclude<GrantStep, { kind: 'enable-identity' }>;
type Role = Extract<Gift, { kind: 'assign-role' }>;
type Policy = Extract<Gift, { kind: 'add-access-policy' }>;

/**
 * Gives an identity its role or its policy at a vault. The intention is written first; what was
 * there before is never written down as Certkeeper's.
 */
export async function givePermission(
  ports: GivePorts,
  giver: Giver,
  step: Step & { readonly principalId: string },
  stored: StoredGrant | undefined,
): Promise<Progress> {
  const { grants, now } = ports;
  if (stored?.grant.status === 'intended') return await complete(ports, giver, stored);
  if (stored?.grant.status === 'given' && isFresh(stored.grant, now())) return DONE;
  const gift =
    step.kind === 'assign-role'
      ? await intendRole(ports, step, stored)
      : await intendPolicy(ports, step, stored);
  if (gift === undefined) return DONE;
  const grant: Grant = {
    ...{ service: step.service, gift, status: 'intended' },
    ...{ source: giver.source, target: giver.target, by: giver.by },
    intendedAt: now().toISOString(),
    // A part of it was given then.
    ...(stored?.grant.status === 'given' && stored.grant.givenAt !== undefined
      ? { givenAt: stored.grant.givenAt }
      : {}),
    ...holding(giver, now()),
  };
  const written =
    stored === undefined ? await grants.add(grant) : await grants.replace(stored, grant);
  const { service, vault, principalId, kind } = step;
  const intended = written ? await grants.find({ service, kind, vault, principalId }) : undefined;
  // Somebody else began at the same moment; either completes what the other began.
  if (intended === undefined) return waiting(onItsWay(step), grant.intendedAt, now());
  return await complete(ports, giver, intended);
}

/** Gives what was intended. Giving it twice is the same as once. */
export async function complete(
  ports: GivePorts,
  giver: Giver,
  stored: StoredGrant,
): Promise<Progress> {
  const { gift } = stored.grant;
  const held = await hold(ports, giver, stored);
  if (held === undefined) {
    const { service, intendedAt } = stored.grant;
    return waiting(elsewhere(service), intendedAt, ports.now());
  }
  try {
    if (gift.kind === 'assign-role') return await assignRole(ports, giver, held, gift);
    if (gift.kind === 'add-access-policy') return await addPolicy(ports, giver, held, gift);
    return DONE;
  } catch (error) {
    if (error instanceof TerminalError) await forget(ports, held);
    throw error;
  }
}

/**
 * Ends an intention that is not what is lacking now, such as the right of another identity for a
 * pair that is allowed no longer: what of it is there already was given by Certkeeper, the rest is
 * not given any more. Whoever is at it is waited for.
 */
export async function settle(
  ports: GivePorts,
  giver: Giver,
  stored: StoredGrant,
): Promise<Progress> {
  const { grant } = stored;
  const { gift } = grant;
  if (
    gift.kind === 'assign-role' &&
    (await ports.giver.hasAssignment(gift.vault, gift.assignmentId))
  ) {
    await recordGiven(ports, giver, stored, grant);
    return DONE;
  }
  if (gift.kind === 'add-access-policy') {
    const held = await ports.giver.secretPermissions(gift.vault, gift.principalId);
    const permissions = gift.permissions.filter((one) => holds(held, one));
    if (permissions.length > 0) {
      await recordGiven(ports, giver, stored, { ...grant, gift: { ...gift, permissions } });
      return DONE;
    }
  }
  const { holder, service, intendedAt } = grant;
  if (holder !== giver.holder && isHeld(grant, ports.now())) {
    return waiting(elsewhere(service), intendedAt, ports.now());
  }
  await ports.grants.remove(stored);
  return DONE;
}

/** Says that the giver is at it; undefined when somebody else was quicker. */
async function hold(
  { grants, now }: GivePorts,
  giver: Giver,
  stored: StoredGrant,
): Promise<StoredGrant | undefined> {
  const { grant } = stored;
  if (isHeld(grant, now())) return stored;
  if (!(await grants.replace(stored, { ...grant, ...holding(giver, now()) }))) return undefined;
  return await grants.find(keyOf(grant));
}

/** Azure refused: what is written down is no more than what is there. */
async function forget({ grants, giver }: GivePorts, stored: StoredGrant): Promise<void> {
  const { gift, givenAt } = stored.grant;
  if (gift.kind === 'add-access-policy' && givenAt !== undefined) {
    const held = await giver.secretPermissions(gift.vault, gift.principalId);
    const permissions = gift.permissions.filter((one) => holds(held, one));
    if (permissions.length > 0) {
      await grants.replace(stored, {
        ...stored.grant,
        gift: { ...gift, permissions },
        status: 'given',
      });
      return;
    }
  }
  await grants.remove(stored);
}

async function intendRole(
  { giver }: GivePorts,
  step: Step & { readonly principalId: string },
  stored: StoredGrant | undefined,
): Promise<Role | undefined> {
  const { vault, principalId, resource } = step;
  const assignmentId = giver.roleAssignmentId(vault, principalId);
  // An assignment of this name that no row knows was there before; it only is not listed yet.
  if (stored === undefined && (await giver.hasAssignment(vault, assignmentId))) return undefined;
  return { kind: 'assign-role', resource, vault, principalId, assignmentId };
}

async function intendPolicy(
  { giver }: GivePorts,
  step: Step & { readonly principalId: string },
  stored: StoredGrant | undefined,
): Promise<Policy | undefined> {
  if (step.kind !== 'add-access-policy') return undefined;
  const { vault, principalId, resource, tenantId } = step;
  // Looked at right before: what came meanwhile is not Certkeeper's.
  const held = await giver.secretPermissions(vault, principalId);
  const missing = step.permissions.filter((one) => !holds(held, one));
  if (missing.length === 0) return undefined;
  const about = { kind: 'add-access-policy', resource, vault, principalId, tenantId } as const;
  const earlier = stored?.grant.status === 'given' ? (stored.grant.gift as Policy) : undefined;
  if (earlier === undefined) {
    return { ...about, permissions: missing, ...(held === undefined ? {} : { before: held }) };
  }
  // Somebody took a part of what was given; the rest is still Certkeeper's.
  const permissions = [...new Set<GivenPermission>([...earlier.permissions, ...missing])];
  return { ...about, permissions, ...(earlier.before ? { before: earlier.before } : {}) };
}

async function assignRole(
  ports: GivePorts,
  giver: Giver,
  stored: StoredGrant,
  gift: Role,
): Promise<Progress> {
  const { grants, now } = ports;
  const { service, source, intendedAt } = stored.grant;
  const answer = await ports.giver.assignRole(
    gift.vault,
    gift.principalId,
    `Given by Certkeeper, so that ${service} can read ${formatSource(source)}.`,
  );
  switch (answer) {
    case 'given':
      await recordGiven(ports, giver, stored, stored.grant);
      return DONE;
    case 'existed':
      await grants.remove(stored);
      return DONE;
    case 'unknown-principal': {
      if (now().getTime() - Date.parse(intendedAt) > SETTLES_WITHIN_MS) {
        throw new TerminalError(unknownPrincipal(service, gift));
      }
      const says = `The directory does not know the identity of ${service} yet.`;
      return waiting(says, intendedAt, now());
    }
  }
}

async function addPolicy(
  ports: GivePorts,
  giver: Giver,
  stored: StoredGrant,
  gift: Policy,
): Promise<Progress> {
  const azure = ports.giver;
  const { vault, principalId, tenantId, permissions } = gift;
  const before = (await azure.secretPermissions(vault, principalId)) ?? [];
  await azure.addPermissions(vault, principalId, tenantId, permissions);
  const after = await azure.secretPermissions(vault, principalId);
  const missing = [...permissions, ...before].filter((one) => !holds(after, one));
  if (missing.length > 0) {
    throw new TransientError({
      code: 'AZURE_UNAVAILABLE',
      message: `${vault} does not show the permissions that ${stored.grant.service} was given: ${missing.join(', ')}.`,
      resource: gift.resource,
      cure: 'Nothing to do at once: it is tried again.',
    });
  }
  await recordGiven(ports, giver, stored, stored.grant);
  return DONE;
}

function isFresh({ givenAt = '' }: Grant, now: Date): boolean {
  return now.getTime() - Date.parse(givenAt) < SETTLES_WITHIN_MS;
}

function holds(held: readonly string[] | undefined, permission: string): boolean {
  return (held ?? []).some((one) => [permission.toLowerCase(), 'all'].includes(one.toLowerCase()));
}

function onItsWay({ service, vault }: Step): string {
  return `Somebody else is giving ${service} access to ${vault}.`;
}

function elsewhere(service: string): string {
  return `Somebody else is giving ${service} access.`;
}

function unknownPrincipal(service: string, { principalId, resource }: Role) {
  return {
    code: 'AZURE_REFUSED',
    message: `The directory still does not know the identity of ${service} (object id ${principalId}).`,
    resource,
    cure: `Look whether it is there: az ad sp show --id ${principalId}`,
  } as const;
}
