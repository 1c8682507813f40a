import { makeIdentifyTarget } from '../../functions/activities/identify-target.ts';
import { makePushTarget, type PushTargetPorts } from '../../functions/activities/push-target.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import { planTarget, type Step } from '../../shared/domain/plan.ts';
import { NO_TRIES, type TargetState } from '../../shared/domain/target-state.ts';
import { afterStep, beginAnew, type Work } from '../../shared/domain/work.ts';
import {
  makePresent,
  makePushedBinding,
  makeUploaded,
  NOW,
  SOURCE,
  WORKSPACE_TARGET,
} from './domain-samples.ts';
import { makeMemoryLedger } from './memory-ledger.ts';
import type { Delay } from './turns.ts';

export const print = (version: number): string => String(version).padStart(40, '0');
const versionOf = (number: number) => ({
  version: `v${String(number)}`,
  thumbprint: print(number),
});
const FIRST = 2;
/** No honest course of a sync takes this many steps, nor a push this many calls. */
const MANY = 100;

/** What the service does with a push that names no state, where something has come meanwhile. */
export type WithoutIfMatch = 'refuse' | 'accept';

/** A vault and a workspace; every call takes the time that its `Delay` gives it. */
export function makeWorld(there: number | undefined, withoutIfMatch: WithoutIfMatch) {
  let newest = FIRST;
  let installed = there;
  let etags = 1;
  const landed: number[] = [];
  const etag = (): string => `"${String(etags)}"`;
  const look = (): TargetState =>
    installed === undefined
      ? { kind: 'absent' }
      : makeUploaded({ thumbprint: print(installed), etag: etag() });
  const ports = (later: Delay): PushTargetPorts => ({
    ledger: makeMemoryLedger([makePushedBinding()]),
    pushed: {
      observe: () => later(look),
      push: (_target, pfx, onto) =>
        later(() => {
          const fits =
            onto === undefined
              ? installed === undefined || withoutIfMatch === 'accept'
              : installed !== undefined && onto === etag();
          if (!fits) throw new TerminalError({ code: 'TARGET_CHANGED', message: 'changed' });
          installed = pfx[0] ?? 0;
          etags += 1;
          landed.push(installed);
          return makeUploaded({ thumbprint: print(installed), etag: etag() }).installed;
        }),
    },
    vaults: {
      readCurrent: () => later(() => makePresent(versionOf(newest))),
      versions: () =>
        later(() =>
          Array.from({ length: newest }, (_, at) => ({
            ...versionOf(at + 1),
            enabled: true,
            createdAt: NOW,
          })),
        ),
    },
    writer: {
      readCurrentPfx: () => later(() => ({ ...versionOf(newest), pfx: Buffer.from([newest]) })),
    },
  });
  return {
    ports,
    release: () => (newest += 1),
    installed: () => installed,
    newest: () => newest,
    landed,
  };
}

type World = ReturnType<typeof makeWorld>;
type Push = Extract<Step, { kind: 'push' }>;

/** What the ledger says of the target between two syncs. */
export type Known = Pick<Work, 'standing' | 'state' | 'pushedThumbprint'>;

/**
 * The syncs of the source: one at a time, and whatever arrives meanwhile makes it look again
 * (ADR 0002). Each goes by the plan, from the ledger's word.
 */
export function makeSyncs(world: World, later: Delay, known: Known, onPush: (push: Push) => void) {
  const ports = world.ports(later);
  const push = makePushTarget(ports);
  const identify = makeIdentifyTarget(ports.vaults);
  let arrived = 0;
  let running: Promise<void> | undefined;
  let unverified = 0;

  const take = async (step: Step): Promise<TargetState> => {
    switch (step.kind) {
      case 'observe':
      case 'reread':
        return ports.pushed.observe(WORKSPACE_TARGET);
      case 'identify':
        return identify({ source: SOURCE, installed: step.installed });
      case 'push':
        onPush(step);
        return push(toInput(step));
      default:
        throw new Error(`The plan ended in ${step.kind} ${step.reason}`);
    }
  };

  const sync = async (): Promise<void> => {
    let observation = await ports.vaults.readCurrent(SOURCE);
    let work: Work = {
      ...known,
      target: WORKSPACE_TARGET,
      consented: true,
      configured: true,
      tries: NO_TRIES,
    };
    for (let steps = 0; steps < MANY; steps += 1) {
      const facts = { source: SOURCE, observation, vaultSuffix: 'vault.azure.net' };
      const step = planTarget({ ...facts, ...work });
      if (step.kind === 'none') {
        known = { ...work, standing: { kind: 'bound', origin: 'tag' }, state: toRecorded(work) };
        return;
      }
      if (step.kind === 'blocked' && step.reason === 'NotVerified') {
        // Said, and read anew by whatever comes next.
        unverified += 1;
        known = { ...known, state: { kind: 'unread' } };
        return;
      }
      if (step.kind === 'reread') {
        const seen = await ports.vaults.readCurrent(SOURCE);
        const before = observation;
        observation = seen;
        if (JSON.stringify(seen) !== JSON.stringify(before)) {
          work = beginAnew(work);
          continue;
        }
      }
      work = afterStep(work, step, await take(step));
    }
    throw new Error('The sync did not come to rest');
  };

  const arrive = (): void => {
    arrived += 1;
    running ??= (async () => {
      for (let answered = 0; answered < arrived;) {
        answered = arrived;
        await sync();
      }
      running = undefined;
      arrived = 0;
    })();
  };
  return {
    arrive,
    done: () => running,
    unverified: () => unverified,
    /** Takes the ledger's word back where something else is found, and asks for a sync. */
    sweep(): void {
      const { state } = known;
      const found = world.installed();
      if (state.kind === 'recorded' && found !== undefined && state.thumbprint !== print(found)) {
        known = { ...known, state: { kind: 'unread' } };
      }
      arrive();
    },
  };
}

export function toInput({ wanted, etag }: Push) {
  const onto = etag === undefined ? {} : { etag };
  return { source: SOURCE, target: WORKSPACE_TARGET, wanted, ...onto };
}

function toRecorded({ state }: Work): TargetState {
  if (state.kind !== 'present') return state;
  const { thumbprint, etag } = state.installed;
  if (thumbprint === undefined || etag === undefined) throw new Error('Nothing to record');
  return { kind: 'recorded', thumbprint, etag };
}
