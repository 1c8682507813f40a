import { nameCa } from '../../../shared/domain/ca-entry.ts';
import type { CaRecord } from '../../../shared/domain/ca-record.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import type { Ledger } from '../../../shared/domain/ledger-ports.ts';
import { formatSource } from '../../../shared/domain/source.ts';
import { formatTarget } from '../../../shared/domain/target.ts';

/**
 * Entries whose certificate is gone from its vault. They stay: what an authority has issued is not
 * gone with its certificate, and an entry that is missing breaks backends. So somebody has to say it.
 */
export async function findGoneSources(
  ledger: Pick<Ledger, 'binding'>,
  service: string,
  { held }: CaRecord,
): Promise<readonly Problem[]> {
  const problems = held.flatMap(({ holders, ...entry }) =>
    holders.map(async (holder): Promise<Problem | undefined> => {
      if (holder.kind !== 'source' || holder.until !== undefined) return undefined;
      const target = { kind: 'ca-certificate', service, store: entry.store } as const;
      const binding = await ledger.binding(holder.source, target);
      if (binding?.problem?.code !== 'SOURCE_NOT_FOUND') return undefined;
      const source = formatSource(holder.source);
      return {
        code: 'SOURCE_NOT_FOUND',
        message: `${nameCa(entry)} stays at ${service} though ${source}, for which it is kept there, is gone from its vault.`,
        resource: formatTarget(target),
        cure: `When the authority is not to be trusted any more: certkeeper detach ${source} -t ${formatTarget(target)}`,
      };
    }),
  );
  return (await Promise.all(problems)).filter((one) => one !== undefined);
}
