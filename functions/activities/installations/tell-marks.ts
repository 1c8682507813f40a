import type { InstallationLedger } from '../../../shared/domain/installation-ports.ts';
import { tellMark } from '../../../shared/domain/installation.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import { mapBounded } from '../../../shared/map-bounded.ts';

/** Rows that are read side by side. */
const AT_ONCE = 16;

/** What people should know of the marks of services, as the sweep last saw them: no call to Azure. */
export async function tellMarks(
  ledger: Pick<InstallationLedger, 'seen'>,
  services: readonly { readonly name: string }[],
): Promise<readonly Problem[]> {
  const told = await mapBounded(services, AT_ONCE, async ({ name }) => {
    const seen = await ledger.seen(name);
    return seen === undefined ? undefined : tellMark(name, seen.mark);
  });
  return told.filter((problem) => problem !== undefined);
}
