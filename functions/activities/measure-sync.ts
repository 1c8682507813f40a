import type { RecordSyncInput } from './record-sync.ts';
import { rotationSeconds, type Metrics } from '../../shared/domain/metrics.ts';
import { judge } from '../../shared/domain/outcome.ts';

/**
 * Measures a sync once it was written down. One whose activity has to run again after that counts
 * twice, which a rate or a histogram can bear.
 */
export function makeMeasureSync(
  record: (input: RecordSyncInput) => Promise<null>,
  metrics: Pick<Metrics, 'syncEnded' | 'rotated'>,
) {
  return async (input: RecordSyncInput): Promise<null> => {
    const recorded = await record(input);
    const outcomes = input.targets.map(({ outcome }) => outcome);
    metrics.syncEnded(judge(outcomes, input.problems));
    for (const seconds of rotationSeconds(input.observation, outcomes, input.at)) {
      metrics.rotated(seconds);
    }
    return recorded;
  };
}
