import { SYNC_CERTIFICATE } from '../../../shared/contracts/sync.ts';
import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import type { Behaviour } from '../../orchestrations/app/contract-activities.ts';
import {
  bound,
  boundInStore,
  boundInWorkspace,
  CLEAR,
  installed,
  REFUSAL,
  syncAgainst,
  thumb,
  wanted,
  type SyncWorld,
} from '../../orchestrations/app/sync-world.ts';
import type { Scenario } from './scenarios.ts';

const BUSY = { code: 'AZURE_UNAVAILABLE', message: 'Azure did not answer.' } as const;
const NO_ROLE = { code: 'PERMISSION_MISSING', message: 'no role', cure: 'az role …' } as const;
const ABSENT = { ObserveTarget: () => ({ kind: 'absent' }) };
const REFERENCE: CertificateReference = {
  document: 'apis/orders/policies/policy',
  kind: 'policy',
  at: 'inbound/authentication-certificate/@thumbprint, line 4',
  by: 'thumbprint',
  certainty: 'certain',
  repairable: true,
};
const referred = bound('a', 1, {
  breaking: {
    thumbprints: [thumb(1)],
    asOf: '2026-01-01T00:00:00.000Z',
    references: [REFERENCE],
  },
});

/** The courses of a sync. */
export const syncScenarios: readonly Scenario[] = [
  toScenario('rotates two targets side by side', { work: [bound('a', 1), bound('b', 1)] }),
  toScenario('finds everything current', { work: [bound('a', 2)] }),
  toScenario(
    'attaches what a tag asks for',
    { work: [wanted('a')], asked: 'targets' },
    () => ABSENT,
  ),
  toScenario(
    'makes a pinned reference versionless',
    { work: [bound('a', 1, { state: { kind: 'unread' } })] },
    () => ({ ObserveTarget: () => installed(1, true) }),
  ),
  toScenario('says why a target refuses', {}, () => ({ RefreshTarget: refuse })),
  toScenario('gives up a service that stays away', {}, () => ({ RefreshTarget: stayAway })),
  toScenario('waits for as long as a service asks', {}, () => ({ RefreshTarget: later() })),
  toScenario(
    'gives access and waits until it counts',
    { work: [wanted('a')], asked: 'targets', grantAccess: 'auto' },
    () => ({ ...ABSENT, ...untilGiven() }),
  ),
  toScenario('pushes into a workspace', { work: [boundInWorkspace('a', 1)] }),
  toScenario('keeps a CA certificate', { work: [boundInStore(1)] }),
  toScenario('repairs references first', { work: [referred], references: { repair: true } }),
  toScenario('keeps its hands off', { asked: 'ignore' }),
  toScenario('looks again for what came meanwhile', {}, arrivesOnce),
];

function toScenario(
  course: string,
  world: Partial<SyncWorld>,
  bend: () => Behaviour = () => ({}),
): Scenario {
  return {
    ...{ orchestration: SYNC_CERTIFICATE, course },
    play: async () => {
      const { kit } = await syncAgainst(world, bend());
      return { kit, instanceId: 'sync-test' };
    },
  };
}

function refuse(): never {
  throw new TerminalError(REFUSAL);
}

function stayAway(): never {
  throw new TransientError(BUSY);
}

/** The first call is told to come back; what the second is told stands. */
function later(): () => unknown {
  let calls = 0;
  return () => {
    if ((calls += 1) === 1) throw new TransientError(BUSY, { retryAfterSeconds: 120 });
    throw new TerminalError(REFUSAL);
  };
}

function untilGiven(): Behaviour {
  let given = false;
  const giving = (some: object) => ({ kind: 'giving', given: [], obstacles: [], ...some });
  return {
    CheckTarget: () => (given ? CLEAR : { ...CLEAR, blocked: true, findings: [NO_ROLE] }),
    GiveAccess: ({ onlyPlan }: { onlyPlan?: true }) => {
      if (onlyPlan === true) return giving({ state: 'more', says: 'Giving the role' });
      given = true;
      return giving({ state: 'complete' });
    },
  };
}

/** Something arrives while the first look is under way. */
function arrivesOnce(): Behaviour {
  let closed = 0;
  return { CloseSync: () => ({ again: (closed += 1) === 1 }) };
}
