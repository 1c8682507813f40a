import { tell, toEvent } from '../tell.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import type { Cleanups } from '../../../shared/domain/cleanup-ports.ts';
import type { OutcomePublisher } from '../../../shared/domain/event-ports.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';

export interface DoubtVaultPorts {
  readonly cleanups: Pick<Cleanups, 'doubt' | 'doubted'>;
  readonly publisher: OutcomePublisher;
}

/** An event names no more sources than these. */
const MOST_NAMED = 50;

/**
 * Tells once that nothing is concluded from a vault as it is now. The doubt is written before it is
 * told: what could not be told is told by the next sweep, under the same id.
 */
export async function doubtVault(
  { cleanups, publisher }: DoubtVaultPorts,
  doubt: {
    readonly vault: string;
    readonly problem: Problem;
    /** Those of which nothing is concluded. */
    readonly sources: readonly Source[];
    readonly operation: string;
    /** ISO 8601. */
    readonly at: string;
  },
): Promise<void> {
  const { vault, problem, sources, operation, at } = doubt;
  const known = await cleanups.doubted(vault);
  if (known?.told === true) return;
  const since = known?.since ?? at;
  if (known === undefined) await cleanups.doubt(vault, { since, told: false });
  const event = toEvent(vault, {
    ...{ type: 'Certkeeper.OrphansDoubted', at: since, operation, identity: [since] },
    data: { vault, problem, sources: sources.slice(0, MOST_NAMED).map(formatSource) },
  });
  if ((await tell(publisher, [event])) === 'told')
    await cleanups.doubt(vault, { since, told: true });
}

/** The vault is seen again as it was: should it be doubted once more, that is news. */
export async function believeVault(
  { cleanups }: Pick<DoubtVaultPorts, 'cleanups'>,
  vault: string,
): Promise<void> {
  if ((await cleanups.doubted(vault)) !== undefined) await cleanups.doubt(vault, undefined);
}
