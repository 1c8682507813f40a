import type { InstallationLedger } from '../../../shared/domain/installation-ports.ts';
import { tellMark } from '../../../shared/domain/installation.ts';
import type { Problem } from '../../../shared/domain/errors.ts';

/** What people should know of the marks of services, as the sweep last saw them: no call to Azure. */
export async function tellMarks(
  ledger: Pick<InstallationLedger, 'seen'>,
  services: readonly { readonly name: string }[],
): Promise<readonly Problem[]> {
  const told: Problem[] = [];
  for (const { name } of services) {
    const seen = await ledger.seen(name);
    const problem = seen === undefined ? undefined : tellMark(name, seen.mark);
    if (problem !== undefined) told.push(problem);
  }
  return told;
}
