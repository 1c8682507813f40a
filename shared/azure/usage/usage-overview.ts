import { sealThumbprint } from './seal.ts';
import { digest, readMeta, type UsageTable } from './usage-rows.ts';
import { usedOf, type UsedUnder } from './used-rows.ts';
import type { UsageOverview } from '../../domain/audit/audit-ports.ts';
import type { UsagePart } from '../../domain/audit/inventory.ts';
import { judgeUse, type CertificateReference } from '../../domain/certificate-use.ts';
import { keysOf, referencesAt } from '../../domain/resolve-uses.ts';
import { formatTarget, type CertificateTarget } from '../../domain/target.ts';

/** For people, who read no more of it: where it is referred to by thumbprint, and where at all. */
const SHOWN = { byThumbprint: 5, where: 10 };

/** What the index says of all certificates of a service together. */
export function makeUsageOverview(table: UsageTable): UsageOverview {
  return {
    async of(service, certificates) {
      const meta = await readMeta(table, service);
      if (meta === undefined) return undefined;
      const keys = certificates.map(({ target, thumbprint }) => ({
        target,
        keys: keysOf(target, thumbprint === undefined ? [] : [thumbprint], sealThumbprint),
      }));
      const wanted = new Map(keys.flatMap((one) => one.keys.map((key) => [digest(key), key])));
      const used = await usedOf(table, service, wanted);
      return {
        asOf: meta.at,
        of: Object.fromEntries(
          keys.map((one) => [formatTarget(one.target), summarize(one, used)] as const),
        ),
      };
    },
  };
}

function summarize(
  { keys }: { readonly target: CertificateTarget; readonly keys: readonly string[] },
  used: ReadonlyMap<string, UsedUnder>,
): UsagePart['of'][string] {
  const found = keys.flatMap((key) => used.get(key) ?? []);
  const references = referencesAt(
    found
      .flatMap(({ keyed }) => keyed)
      .sort((a, b) => (a.reference.document < b.reference.document ? -1 : 1)),
    keys,
  );
  const leftOut = found.reduce((sum, one) => sum + one.leftOut, 0);
  const byThumbprint = references.filter(isByThumbprint);
  return {
    verdict: judgeUse(references),
    references: references.length + leftOut,
    where: [...new Set(references.map(({ document }) => document))].slice(0, SHOWN.where),
    byThumbprint: byThumbprint
      .slice(0, SHOWN.byThumbprint)
      .map(({ document, at }) => `${document}: ${at}`),
    byThumbprintCount: byThumbprint.length,
  };
}

function isByThumbprint({ by, certainty }: CertificateReference): boolean {
  return by === 'thumbprint' && certainty === 'certain';
}
