import { DONE, holding, waiting, type GivePorts, type Giver, type Progress } from './ports.ts';
import { recordGiven } from './record-given.ts';
import { TerminalError, type Problem } from '../../../shared/domain/errors.ts';
import { lostBy, type Gift, type Grant } from '../../../shared/domain/grant.ts';
import type { GrantStep } from '../../../shared/domain/grant-plan.ts';
import type { AccessGiver, StoredGrant } from '../../../shared/domain/access-ports.ts';

type Identity = Extract<Gift, { kind: 'enable-identity' }>;
type Step = Extract<GrantStep, { kind: 'enable-identity' }>;

/** A service that is being changed, or being made, takes no other change. */
const SETTLED = new Set(['succeeded', 'failed', 'unknown']);
/** Changes of a service take 15 to 45 minutes; nobody waits for longer than this. */
const TAKES_AT_MOST_MS = 2 * 3_600_000;

/**
 * Enables the system-assigned identity of a service that has none. The intention is written first,
 * and only who wrote it sends the change: two that want it at once send one.
 */
export async function giveIdentity(
  ports: GivePorts,
  giver: Giver,
  step: Step,
  stored: StoredGrant | undefined,
): Promise<Progress> {
  const { grants, now } = ports;
  const { state, ...before } = await ports.giver.looks(step.service);
  if (!isSettled(state)) return waiting(isBeingChanged(step.service), now().toISOString(), now());
  const gift: Identity = { kind: 'enable-identity', resource: step.resource, before };
  const grant: Grant = {
    ...{ service: step.service, gift, status: 'intended' },
    ...{ source: giver.source, target: giver.target, by: giver.by },
    intendedAt: now().toISOString(),
    ...holding(giver, now()),
  };
  const written =
    stored === undefined ? await grants.add(grant) : await grants.replace(stored, grant);
  if (!written) return waiting(enabling(step.service), grant.intendedAt, now());
  return await send(ports, giver, grant);
}

/**
 * Looks after a change that was begun, by whomever; begins it anew where that died and it is still
 * what comes next.
 */
export async function goOnWithIdentity(
  ports: GivePorts,
  giver: Giver,
  stored: StoredGrant,
  step: GrantStep | undefined,
): Promise<Progress> {
  const { grants, now } = ports;
  const { grant } = stored;
  const { service, intendedAt } = grant;
  const gift = grant.gift as Identity; // whoever calls has looked
  const says = enabling(service);
  if (now().getTime() - Date.parse(intendedAt) > TAKES_AT_MOST_MS) {
    await grants.remove(stored);
    throw new TerminalError(takesTooLong(service, gift.resource));
  }
  if (gift.operation !== undefined) {
    try {
      const state = await ports.giver.pollIdentity(service, gift.operation);
      if (state === 'running') return waiting(says, intendedAt, now());
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      const seen = await ports.access.service(service);
      if (seen.identity.systemAssigned === undefined) {
        // The next sync tries once more.
        await grants.remove(stored);
        throw error;
      }
    }
    return await finish(ports, giver, stored);
  }
  const { heldUntil } = grant;
  if (grant.holder !== giver.holder && now().toISOString() < heldUntil) {
    return waiting(says, intendedAt, now());
  }
  const seen = await ports.access.service(service);
  if (!isSettled(seen.provisioningState)) return waiting(says, intendedAt, now());
  if (seen.identity.systemAssigned !== undefined) return await finish(ports, giver, stored);
  if (step?.kind !== 'enable-identity') {
    await grants.remove(stored);
    return DONE;
  }
  const mine = { ...grant, ...holding(giver, now()) };
  if (!(await grants.replace(stored, mine))) return waiting(says, intendedAt, now());
  return await send(ports, giver, mine);
}

async function send(ports: GivePorts, giver: Giver, grant: Grant): Promise<Progress> {
  const { grants, now } = ports;
  const { service, intendedAt } = grant;
  let started: Awaited<ReturnType<AccessGiver['startIdentity']>>;
  try {
    started = await ports.giver.startIdentity(service);
  } catch (error) {
    if (error instanceof TerminalError) await forget(ports, giver, service);
    throw error;
  }
  const stored = await grants.find({ service, kind: 'enable-identity' });
  // Somebody took over, since this took longer than it may: it is theirs now.
  if (stored?.grant.holder !== giver.holder || stored.grant.status !== 'intended') {
    return waiting(enabling(service), intendedAt, now());
  }
  if (started === 'there') return await finish(ports, giver, stored);
  const gift = { ...(stored.grant.gift as Identity), operation: started.operation };
  await grants.replace(stored, { ...stored.grant, gift });
  return waiting(enabling(service), intendedAt, now());
}

/** Nothing was given: Azure refused. */
async function forget({ grants }: GivePorts, giver: Giver, service: string): Promise<void> {
  const stored = await grants.find({ service, kind: 'enable-identity' });
  if (stored?.grant.status !== 'intended' || stored.grant.holder !== giver.holder) return;
  await grants.remove(stored);
}

/** Compares what the service has with what it had: a change of it has been known to lose things. */
async function finish(ports: GivePorts, giver: Giver, stored: StoredGrant): Promise<Progress> {
  const { grant } = stored;
  const { operation: _, ...gift } = grant.gift as Identity;
  const { state, ...after } = await ports.giver.looks(grant.service);
  if (!isSettled(state)) return waiting(enabling(grant.service), grant.intendedAt, ports.now());
  const lost = lostBy(gift.before, after);
  const given = { ...gift, ...(lost.length === 0 ? {} : { lost }) };
  await recordGiven(ports, giver, stored, { ...grant, gift: given });
  return DONE;
}

/** What the change took from the service, as `SERVICE_CHANGED_UNEXPECTEDLY`; none = nothing. */
export function harmDone({ service, gift }: Pick<Grant, 'service' | 'gift'>): readonly Problem[] {
  if (gift.kind !== 'enable-identity' || gift.lost === undefined) return [];
  const problem: Problem = {
    code: 'SERVICE_CHANGED_UNEXPECTEDLY',
    message: `While its identity was enabled, ${service} lost ${gift.lost.join(', ')}.`.slice(
      0,
      900,
    ),
    resource: gift.resource,
    cure: `Put it back, and look at who else changes the service: az monitor activity-log list --resource-id ${gift.resource} --offset 1d`,
  };
  return [problem];
}

function isSettled(state: string): boolean {
  return SETTLED.has(state.toLowerCase());
}

function enabling(service: string): string {
  return `The system-assigned identity of ${service} is being enabled, which takes 15 minutes and more.`;
}

function isBeingChanged(service: string): string {
  return `${service} is being changed; its identity is enabled after that.`;
}

function takesTooLong(service: string, resource: string) {
  return {
    code: 'AZURE_REFUSED',
    message: `Enabling the system-assigned identity of ${service} did not come to an end within two hours.`,
    resource,
    cure: `Look at what goes on there: az monitor activity-log list --resource-id ${resource} --offset 1d`,
  } as const;
}
