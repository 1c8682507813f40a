/** One estate with a Certkeeper that looks after it, and somebody who judges what that does. */
import type { CleanupPolicy } from '../../../shared/domain/cleanup.ts';
import { parseConsent } from '../../../shared/domain/consent.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { formatTarget, isUnreadable, parseTarget } from '../../../shared/domain/target.ts';
import { makeCertkeeper, type Certkeeper } from './certkeeper.ts';
import { makeDeeds, type Deeds } from './deeds.ts';
import { makeEstate, makeTokens, type Estate, type EstateShape } from './estate.ts';
import { makeJudge, type Judge } from './judge.ts';
import { makeLifeline, type Lifeline } from './lifeline.ts';
import type { Rig } from './rig.ts';
import { makeWire, type Wire } from './wire.ts';

export interface WorldShape extends EstateShape {
  readonly policy: CleanupPolicy;
  readonly assumptions: {
    readonly deleteCertificateInUse: 'refuse' | 'accept';
    readonly allPoliciesIncludesWorkspaces: 'no' | 'yes';
    readonly updateWithoutIfMatch: 'refuse' | 'accept';
  };
}

export interface CleanUpWorld {
  readonly rig: Rig;
  readonly shape: WorldShape;
  readonly estate: Estate;
  readonly deeds: Deeds;
  readonly judge: Judge;
  readonly wire: Wire;
  readonly lifeline: Lifeline;
  readonly certkeeper: Certkeeper;
  /** Somebody says that what is gone from a service is meant to be gone. */
  confirm(service: string): Promise<void>;
}

/** Everything is attached, and what was asked for is asked for; no sweep has run yet. */
export async function makeCleanUpWorld(rig: Rig, shape: WorldShape): Promise<CleanUpWorld> {
  await rig.azure.ask('PUT', '/_local/settings', {
    'apiManagement.operationSeconds': 0,
    'apiManagement.keyVaultPollSeconds': 604_800,
    'assumptions.certificateOutsideValidity': 'accept',
    ...Object.fromEntries(
      Object.entries(shape.assumptions).map(([name, value]) => [`assumptions.${name}`, value]),
    ),
  });
  const estate = await makeEstate(rig, shape);
  const lifeline = makeLifeline();
  const wire = makeWire(rig.azure.azure.url, lifeline);
  const judge = makeJudge(rig, estate, () => certkeeper, shape.policy);
  const certkeeper = makeCertkeeper({
    ...{ lifeline, wire, policy: shape.policy, services: estate.services },
    vaults: estate.vaultCare,
    consent: parseConsent('*/* => */certificates/*, */workspaces/*/certificates/*').rules,
    token: makeTokens(rig.azure, estate.own.clientId),
    client: rig.client,
    now: () => rig.now(),
    onScan: (service) => judge.looksThrough(service),
  });
  wire.watcher = judge;
  const confirmedAt = new Map<string, number>();
  const world: CleanUpWorld = {
    ...{ rig, shape, estate, judge, wire, lifeline, certkeeper },
    deeds: makeDeeds(rig, estate),
    async confirm(service) {
      const at = rig.now();
      await certkeeper.own.cleanups.confirm(service, {
        at: at.toISOString(),
        by: { kind: 'function-key' },
      });
      confirmedAt.set(service, at.getTime());
      for (const target of estate.targets) {
        if (target.serviceName === service) target.doubted = false;
      }
    },
  };
  rig.serve(async (name, input) => {
    if (name === 'SurveyVault') noteFound(world, input);
    const service = String(Reflect.get(Object(input), 'service'));
    if (name === 'CleanUpService') judge.looksThrough(service);
    const begun = estate.act();
    const answer = await certkeeper.run(name, input).catch((error: unknown) => {
      const foreseen = error instanceof TerminalError || error instanceof TransientError;
      if (!foreseen) judge.wrongs.push(`${name}: ${String(Reflect.get(Object(error), 'stack'))}`);
      throw error;
    });
    if (name === 'SurveyVault') noteSeen(world, input, begun);
    if (name === 'CleanUpService') await noteDoubted(world, service, confirmedAt.get(service) ?? 0);
    return answer;
  });
  for (const { origin, source: of, path } of estate.targets) {
    const { source } = of;
    const target = parseTarget(path, source);
    if (origin !== 'http' || isUnreadable(target)) continue;
    await certkeeper.own.ledger.saveBinding({
      ...{ source, target, origin },
      ...{ claimed: false, status: 'pending', versionless: false },
    });
  }
  return world;
}

function vaultOf(input: unknown): string {
  return String(Reflect.get(Object(input), 'vault'));
}

/** From now on it may be known that a source is gone. */
function noteFound({ estate }: CleanUpWorld, input: unknown): void {
  const at = Date.parse(String(Reflect.get(Object(input), 'at')));
  for (const source of estate.sources) {
    if (source.vault.name === vaultOf(input) && source.state !== 'alive') source.foundGone ??= at;
  }
}

/** A vault was looked through: what was alive when that began was seen. */
function noteSeen({ estate }: CleanUpWorld, input: unknown, begun: number): void {
  for (const source of estate.sources) {
    if (source.vault.name !== vaultOf(input) || source.state !== 'alive') continue;
    if (source.aliveSince >= begun) continue;
    source.seenAlive = true;
    source.foundGone = undefined;
    for (const target of estate.targets) if (target.source === source) target.doubted = false;
  }
}

const DAY_MS = 86_400_000;

/** Targets of which so many went at once that nobody careful removes them. */
async function noteDoubted(
  { rig, estate, judge, certkeeper, shape }: CleanUpWorld,
  service: string,
  confirmedAt: number,
): Promise<void> {
  const since = Math.max(rig.now().getTime() - DAY_MS, confirmedAt);
  const here = estate.targets.filter((target) => target.serviceName === service);
  const gone = [];
  for (const target of here) {
    const { state, ignored, foundGone } = target.source;
    if (state === 'alive' || ignored || foundGone === undefined || foundGone <= since) continue;
    const { bindings, orphans = [] } = await certkeeper.own.ledger.ofSource(target.source.source);
    const bound = bindings.some((one) => one.claimed && formatTarget(one.target) === target.path);
    const orphan = orphans.find((one) => formatTarget(one.target) === target.path);
    if (bound && orphan !== undefined && Date.parse(orphan.since) > since) gone.push(target);
  }
  const removed = judge.removals.filter(({ target }) => target.serviceName === service).length;
  // As many may be bound as there ever were.
  if (gone.length <= Math.max(2, shape.policy.maxShare * (here.length + removed))) return;
  for (const target of gone) target.doubted = true;
}
