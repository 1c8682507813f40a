import {
  attachTarget,
  checkTarget,
  identifyTarget,
  observeTarget,
  pushTarget,
  refreshTarget,
  removeTarget,
  repointTarget,
} from '../../shared/contracts/sync.ts';
import { keepCaTarget, letCaTargetGo } from '../../shared/contracts/ca.ts';
import { observeKeys, registerKey, withdrawKeys } from '../../shared/contracts/keys.ts';
import { toCall, type Call } from '../../shared/durable/call.ts';
import type { OrchestrationContext } from '../../shared/durable/context.ts';
import { thumbprintsInWork } from '../../shared/domain/known-thumbprints.ts';
import type { Source, SourceObservation } from '../../shared/domain/source.ts';
import {
  isKeyTarget,
  type CaTarget,
  type CertificateTarget,
  type ClientCertificateTarget,
  type KeyTarget,
  type WorkspaceCertificateTarget,
} from '../../shared/domain/target.ts';
import type { SyncView, Work } from '../../shared/domain/work.ts';
import { toGiveCall } from './giving.ts';
import { toMendCall } from './mending.ts';
import type { OpenStep, Slot, StepAnswer } from './target-slot.ts';

/** The activity that takes a step, with what it needs to know. */
export function toStepCall(
  context: OrchestrationContext,
  at: { readonly source: Source; readonly observation: SourceObservation; readonly view: SyncView },
  slot: Slot,
  step: OpenStep,
): Call<StepAnswer> {
  const { source, observation, view } = at;
  const { work, access } = slot;
  // planTarget lets no other kinds of target come this far, and each only to its own steps.
  const target = work.target as ClientCertificateTarget;
  const identity = access?.identity === undefined ? {} : { identity: access.identity };
  switch (step.kind) {
    case 'give':
      return toGiveCall(source, observation, slot, step.course);
    case 'look-up':
    case 'repair':
    case 'scan':
    case 'renew':
      return toMendCall(context, at, slot, step);
    case 'check':
      return toCall(checkTarget, { source, target, observation });
    case 'observe':
    case 'reread':
      if (isKeyTarget(work.target)) {
        return toCall(observeKeys, { source, target: work.target, ...wantedKeyOf(observation) });
      }
      return toCall(observeTarget, {
        target: work.target as CertificateTarget | CaTarget,
        ...(work.target.kind === 'ca-certificate' ? { source, ...wantedOf(observation) } : {}),
      });
    case 'register':
      return toCall(registerKey, {
        source,
        target: work.target as KeyTarget,
        wanted: step.wanted,
        // A version that nobody has judged yet must not slip past.
        ...(view.yardstick?.onSuspect === 'hold' ? { exactly: true as const } : {}),
      });
    case 'withdraw':
      return toCall(withdrawKeys, { source, target: work.target as KeyTarget });
    case 'install':
      return toCall(keepCaTarget, { ...toCourse(context, at, work), wanted: step.wanted });
    case 'uninstall':
      return toCall(letCaTargetGo, toCourse(context, at, work));
    case 'push': {
      const { wanted, etag } = step;
      const onto = {
        ...(etag === undefined ? {} : { etag }),
        // A version that nobody has judged yet must not slip past.
        ...(view.yardstick?.onSuspect === 'hold' ? { exactly: true as const } : {}),
      };
      const place = work.target as WorkspaceCertificateTarget;
      return toCall(pushTarget, { source, target: place, wanted, ...onto });
    }
    case 'identify':
      return toCall(identifyTarget, { source, installed: step.installed });
    case 'attach': {
      const { secretIdentifier } = step;
      return toCall(attachTarget, { source, target, secretIdentifier, ...identity });
    }
    case 'repoint': {
      const { secretIdentifier, etag } = step;
      const at = { source, target, secretIdentifier, etag };
      if (step.reason === 'TakenOver') {
        return toCall(repointTarget, { ...at, takeOver: true, ...identity });
      }
      const { identityClientId } = step;
      return toCall(repointTarget, {
        ...at,
        ...(identityClientId === undefined ? {} : { identityClientId }),
      });
    }
    case 'remove':
      return toCall(removeTarget, {
        target: work.target as CertificateTarget,
        etag: step.etag,
        source,
        thumbprints: thumbprintsInWork(work),
        ...(work.forced === undefined ? {} : { forced: work.forced }),
      });
    case 'refresh':
      return toCall(refreshTarget, { target });
  }
}

function wantedKeyOf(observation: SourceObservation) {
  if (observation.kind !== 'present') return {};
  const { version, thumbprint, createdAt } = observation.current;
  return { wanted: { version, thumbprint, createdAt } };
}

/** What a store that lists many is to be looked through for. */
function wantedOf(observation: SourceObservation) {
  if (observation.kind !== 'present') return {};
  const { version, thumbprint } = observation.current;
  return { wanted: { version, thumbprint } };
}

/** The course of this run of the sync: each arrival begins a new one. */
function toCourse(
  context: OrchestrationContext,
  { source, view }: { readonly source: Source; readonly view: SyncView },
  { target }: Work,
) {
  const asker = `${context.df.instanceId}|${String(view.arrival)}`;
  return { source, target: target as CaTarget, asker };
}
