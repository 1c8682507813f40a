import { makeObserveTarget, type ObserveTargetPorts } from './change-target.ts';
import type { makeCheckTarget } from './check-target.ts';
import { makeIdentifyTarget } from './identify-target.ts';
import type { makeObserveKeys } from './keys/at-target.ts';
import { viewSource, type ObserveSourcePorts } from './observe-source.ts';
import type { HolderPorts } from './repairs/other-holders.ts';
import { previewReferences, type ReferencesPreview } from './repairs/preview-references.ts';
import { TerminalError, type Problem } from '../../shared/domain/errors.ts';
import { planTarget, type Step } from '../../shared/domain/plan.ts';
import type { ServiceUsage, UsageScanner } from '../../shared/domain/usage-ports.ts';
import type { Vaults } from '../../shared/domain/vault-ports.ts';
import { formatTarget, isCertificateTarget, isKeyTarget } from '../../shared/domain/target.ts';
import type { Source, SourceObservation } from '../../shared/domain/source.ts';
import { judgeVersion } from '../../shared/domain/suspect.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';
import { afterStep, thumbprintIn, type Work } from '../../shared/domain/work.ts';

/** What a sync would do now. */
export interface SourcePlan {
  readonly source: Source;
  readonly observation: SourceObservation;
  readonly targets: readonly PlannedTarget[];
  readonly problems: readonly Problem[];
  /** What looks wrong about the version, and would go out all the same. */
  readonly warnings?: readonly Problem[];
}

export interface PlannedTarget {
  readonly target: string;
  readonly step: Step['kind'];
  readonly reason: string;
  readonly thumbprint?: string;
  readonly problem?: Problem;
  /** References by thumbprint that would stop resolving. */
  readonly warnings?: readonly Problem[];
  /** Documents that would be rewritten before, so that they do not. */
  readonly repairs?: readonly string[];
}

export interface PlanSourcePorts
  extends Omit<ObserveSourcePorts, 'arrivals' | 'vaults'>, ObserveTargetPorts, HolderPorts {
  readonly ledger: ObserveSourcePorts['ledger'];
  readonly certificates: ObserveTargetPorts['certificates'] & HolderPorts['certificates'];
  readonly pushed: ObserveTargetPorts['pushed'] & HolderPorts['pushed'];
  readonly vaults: Pick<Vaults, 'readCurrent' | 'versions'>;
  readonly check: ReturnType<typeof makeCheckTarget>;
  readonly scanner: UsageScanner;
  readonly observeKeys: ReturnType<typeof makeObserveKeys>;
  readonly now: () => Date;
}

/**
 * The dry run: observes the source and every target anew, and plans with the same function as a
 * sync. Changes nothing, in Azure or in the ledger.
 */
export function makePlanSource(ports: PlanSourcePorts) {
  return async (source: Source): Promise<SourcePlan> => {
    const view = await viewSource(ports, source, true);
    const handsOff = view.asked === 'ignore' || view.asked === 'unbind';
    const { observation, vaultSuffix, yardstick } = view;
    const suspicion =
      yardstick === undefined || handsOff
        ? undefined
        : judgeVersion(source, observation, yardstick, ports.now().toISOString());
    const facts = {
      source,
      observation,
      vaultSuffix,
      ...(suspicion?.kind === 'held' ? { held: suspicion.problem } : {}),
    };
    // Targets of one service share what was read of it.
    const scans = new Map<string, Promise<ServiceUsage>>();
    const scan = (service: string): Promise<ServiceUsage> => {
      const known = scans.get(service) ?? ports.scanner.scan(service);
      scans.set(service, known);
      return known;
    };
    const preview = (step: Step, work: Work): Promise<ReferencesPreview> => {
      const { references = {} } = view;
      return previewReferences(
        ports.index,
        { ...ports, scanner: { scan } },
        {
          source,
          step,
          work,
          observation,
          references,
          now: ports.now(),
        },
      );
    };
    const targets = await Promise.all(
      (handsOff ? [] : view.work).map(async (work): Promise<PlannedTarget> => {
        try {
          return await planOne(ports, facts, work, preview);
        } catch (error) {
          if (!(error instanceof TerminalError)) throw error;
          return refused(work, error.problem);
        }
      }),
    );
    return {
      source,
      observation,
      targets,
      problems: view.problems,
      ...(suspicion?.kind === 'warned' ? { warnings: [suspicion.problem] } : {}),
    };
  };
}

async function planOne(
  ports: PlanSourcePorts,
  facts: Pick<Parameters<typeof planTarget>[0], 'source' | 'observation' | 'vaultSuffix' | 'held'>,
  work: Work,
  preview: (step: Step, work: Work) => Promise<ReferencesPreview>,
): Promise<PlannedTarget> {
  let seen = work;
  let step = planTarget({ ...facts, ...work });
  for (let state = await look(ports, facts, work, step); state !== undefined;) {
    seen = afterStep(seen, step, state);
    step = planTarget({ ...facts, ...seen });
    state = await look(ports, facts, work, step);
  }
  const isNew = step.kind === 'attach' || step.reason === 'TakenOver';
  if (isNew && work.target.kind === 'client-certificate') {
    const { target } = work;
    const { source, observation } = facts;
    const { blocked, findings } = await ports.check({ source, target, observation });
    if (blocked && findings[0] !== undefined) return refused(seen, findings[0], 'AccessBlocked');
  }
  const { wouldBreak, ...references } = await preview(step, seen);
  if (wouldBreak !== undefined) step = planTarget({ ...facts, ...seen, wouldBreak });
  const thumbprint = thumbprintIn(seen.state);
  return {
    target: formatTarget(work.target),
    step: step.kind,
    reason: step.reason,
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(step.kind === 'blocked' ? { problem: step.problem } : {}),
    ...references,
  };
}

/** Takes a step that changes nothing; undefined for all others. */
async function look(
  ports: PlanSourcePorts,
  { source, observation }: { readonly source: Source; readonly observation: SourceObservation },
  { target }: Work,
  step: Step,
): Promise<TargetState | undefined> {
  if (step.kind === 'identify') return await makeIdentifyTarget(ports.vaults)({ source, ...step });
  if (step.kind !== 'observe') return undefined;
  if (isKeyTarget(target)) {
    const wanted = observation.kind === 'present' ? { wanted: observation.current } : {};
    return await ports.observeKeys({ source, target, ...wanted });
  }
  if (target.kind === 'ca-certificate' && observation.kind === 'present') {
    return await makeObserveTarget(ports)({ source, target, wanted: observation.current });
  }
  return isCertificateTarget(target) ? await makeObserveTarget(ports)({ target }) : undefined;
}

function refused(work: Work, problem: Problem, reason = 'Refused'): PlannedTarget {
  return { target: formatTarget(work.target), step: 'blocked', reason, problem };
}
