import { readHolders, type HolderPorts } from './other-holders.ts';
import {
  breaks,
  isByNamedValue,
  toBreaking,
  type FoundUnder,
} from '../../../shared/domain/breaking.ts';
import type { ScannedReferences } from '../../../shared/contracts/repair.ts';
import type { UsageIndex, UsageScanner } from '../../../shared/domain/usage-ports.ts';
import type { Source } from '../../../shared/domain/source.ts';
import type { CertificateTarget } from '../../../shared/domain/target.ts';

export interface FindReferencesPorts {
  readonly index: Pick<UsageIndex, 'ofThumbprint'>;
  readonly scanner: UsageScanner;
}

export type FindBreakingPorts = Pick<FindReferencesPorts, 'scanner'> & HolderPorts;

/**
 * Everything that refers to a target by a thumbprint for certain, under each: from the index, or,
 * where that does not know all of it, from API Management, which is read once for all of them.
 */
export async function findReferences(
  { index, scanner }: FindReferencesPorts,
  target: CertificateTarget,
  thumbprints: readonly string[],
  live: boolean,
): Promise<readonly FoundUnder[]> {
  const known: FoundUnder[] = [];
  for (const thumbprint of live ? [] : thumbprints) {
    const usage = await index.ofThumbprint(target.service, thumbprint);
    if (usage === undefined || (usage.leftOut ?? 0) > 0) break;
    known.push({ thumbprint, ...usage });
  }
  const all =
    known.length === thumbprints.length ? known : await scan(scanner, target, thumbprints);
  return all.map((one) => ({
    ...one,
    references: one.references.filter((each) => breaks(each, target)),
  }));
}

/** API Management is read for what refers by each of these thumbprints. Many calls. */
export async function scan(
  scanner: UsageScanner,
  target: CertificateTarget,
  thumbprints: readonly string[],
): Promise<readonly FoundUnder[]> {
  const usage = await scanner.scan(target.service);
  return thumbprints.map((thumbprint) => ({
    thumbprint,
    asOf: usage.asOf,
    references: usage.of(target, [thumbprint]).filter((one) => breaks(one, target)),
  }));
}

/**
 * Everything in API Management that stops resolving when thumbprints go from a target: what another
 * certificate keeps is left out.
 *
 * Thrown when any of it cannot be read: then nobody knows.
 */
export async function findGoing(
  ports: FindBreakingPorts,
  input: {
    readonly source: Source;
    readonly target: CertificateTarget;
    readonly thumbprints: readonly string[];
  },
): Promise<readonly FoundUnder[]> {
  const { source, target, thumbprints } = input;
  const found = await scan(ports.scanner, target, thumbprints);
  const referred = found.filter(({ references }) => references.length > 0);
  if (referred.length === 0) return [];
  const { kept } = await readHolders(ports, source, target);
  return referred.filter(({ thumbprint }) => !kept.has(thumbprint));
}

/**
 * Looks through API Management for what a rotation would break. What another certificate keeps
 * resolving does not break. Changes nothing.
 *
 * Thrown when any of it cannot be read: then nobody knows.
 */
export function makeFindBreaking(ports: FindBreakingPorts) {
  return async (input: {
    readonly source: Source;
    readonly target: CertificateTarget;
    readonly thumbprints: readonly string[];
    readonly repair?: true;
  }): Promise<ScannedReferences> => {
    const { target, repair } = input;
    const going = await findGoing(ports, input);
    const left = going.map((one) => ({
      ...one,
      references:
        repair === true ? one.references.filter((each) => !isByNamedValue(each)) : one.references,
    }));
    const breaking = toBreaking(target, left);
    return {
      kind: 'scanned',
      ...(breaking === undefined ? {} : { breaking }),
      repairable: left.some(({ references }) => references.some(({ repairable }) => repairable)),
      namedValues: going.some(({ references }) => references.some(isByNamedValue)),
    };
  };
}
