import type { Binding, SourceRecord } from '../../../shared/domain/binding.ts';
import { toBreaking, type FoundUnder } from '../../../shared/domain/breaking.ts';
import type { LookedUpReferences } from '../../../shared/contracts/repair.ts';
import { mapBounded } from '../../../shared/map-bounded.ts';
import type { UsageIndex } from '../../../shared/domain/usage-ports.ts';
import type { SourceObservation } from '../../../shared/domain/source.ts';
import {
  isCertificateTarget,
  targetKey,
  type CertificateTarget,
} from '../../../shared/domain/target.ts';
import type { Work } from '../../../shared/domain/work.ts';

export type ReferenceIndex = Pick<UsageIndex, 'ofThumbprint'>;

/** Queries to storage: this many targets at once. */
const AT_ONCE = 8;

/**
 * Notes at each target that is about to get another thumbprint what refers to it by the one that
 * goes, from the index: no call to Azure. Where the index was never complete nothing is noted. A
 * look-up that fails is noted as that, and fails nothing.
 */
export async function noteBreaking(
  index: ReferenceIndex,
  work: readonly Work[],
  facts: {
    readonly observation: SourceObservation;
    readonly record: SourceRecord;
    readonly bindings: readonly Binding[];
  },
): Promise<readonly Work[]> {
  const once = askOnce(index);
  return await mapBounded(work, AT_ONCE, async (one) => {
    const { target } = one;
    const going = goingOf(one, facts);
    if (going.length === 0 || !isCertificateTarget(target)) return one;
    return { ...one, ...(await lookUp(once, target, going)) };
  });
}

/** Targets of one service share what was asked about a thumbprint there. */
function askOnce(index: ReferenceIndex): ReferenceIndex {
  const asked = new Map<string, ReturnType<ReferenceIndex['ofThumbprint']>>();
  return {
    ofThumbprint(service, thumbprint) {
      const key = JSON.stringify([service, thumbprint]);
      const answer = asked.get(key) ?? index.ofThumbprint(service, thumbprint);
      asked.set(key, answer);
      return answer;
    },
  };
}

/** The thumbprints by which something may refer to the target, and which are not the vault's. */
function goingOf(
  { target, standing, configured, leaving }: Work,
  {
    observation,
    record,
    bindings,
  }: {
    readonly observation: SourceObservation;
    readonly record: SourceRecord;
    readonly bindings: readonly Binding[];
  },
): readonly string[] {
  if (observation.kind !== 'present' || !observation.current.enabled) return [];
  if (standing.kind !== 'bound' || !configured || leaving === true) return [];
  const binding = bindings.find((one) => targetKey(one.target) === targetKey(target));
  const known = [
    binding?.targetThumbprint,
    // The service read the vault by itself, and a survey saw that before any sync did.
    record.verified?.looks.thumbprint,
    // Broken by earlier rotations, and perhaps not mended yet.
    ...(binding?.broken?.thumbprints ?? []),
  ];
  const current = observation.current.thumbprint;
  return [...new Set(known)].filter((one) => one !== undefined).filter((one) => one !== current);
}

/** What the index says of thumbprints at a target: a query for each, and no call to Azure. */
export async function lookUp(
  index: ReferenceIndex,
  target: CertificateTarget,
  thumbprints: readonly string[],
): Promise<Pick<Work, 'breaking' | 'lookedUp' | 'usageUnknown'>> {
  const found: FoundUnder[] = [];
  let failed = false;
  for (const thumbprint of thumbprints) {
    try {
      const usage = await index.ofThumbprint(target.service, thumbprint);
      if (usage !== undefined) found.push({ thumbprint, ...usage });
    } catch {
      // Whatever it was: nobody waits for a certificate because of an index.
      failed = true;
    }
  }
  const breaking = toBreaking(target, found);
  return {
    ...(breaking === undefined ? {} : { breaking }),
    ...(found.length === 0 ? {} : { lookedUp: found.map(({ thumbprint }) => thumbprint) }),
    ...(failed ? { usageUnknown: true } : {}),
  };
}

/** The same as an activity: of a certificate that only the look at its target has shown. */
export function makeLookUpReferences(index: ReferenceIndex) {
  return async (input: {
    readonly target: CertificateTarget;
    readonly thumbprints: readonly string[];
  }): Promise<LookedUpReferences> => ({
    kind: 'looked-up',
    ...(await lookUp(index, input.target, input.thumbprints)),
  });
}
