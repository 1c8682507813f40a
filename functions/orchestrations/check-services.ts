import {
  checkServiceAccess,
  MOST_BROKEN,
  type BrokenAccess,
  type CheckedService,
} from '../../shared/contracts/access.ts';
import { callAll, toCall } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import { say } from '../../shared/durable/status.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import { distinctFindings } from '../../shared/domain/sweep-findings.ts';
import { chunk, done } from './side-by-side.ts';

/** What the checks of some services came to. */
export interface CheckedServices extends CheckedService {
  /** What could not be looked at; the rest was. */
  readonly problems: readonly Problem[];
  /** What stands in the way, each once, as far as it was named. */
  readonly causes: readonly Problem[];
}

/**
 * Checks the access of everything that is bound at the services, some of them side by side.
 * @param only.vault given = only what comes from this vault
 * @param only.dryRun nothing is written, nobody is told
 */
export function* checkServices(
  context: OrchestrationContext,
  services: readonly string[],
  only: { readonly vault?: string; readonly dryRun?: true } = {},
): Durably<CheckedServices> {
  const problems: Problem[] = [];
  const examples: BrokenAccess[] = [];
  let [checked, broken, restored, begun] = [0, 0, 0, 0];
  for (const some of chunk(services)) {
    begun += some.length;
    say(context, `Checking access: ${String(begun)} of ${String(services.length)} services`);
    const answers = yield* callAll(
      context,
      some.map((service) =>
        toCall(checkServiceAccess, {
          service,
          ...only,
          operation: context.df.instanceId,
          at: context.df.currentUtcDateTime.toISOString(),
        }),
      ),
    );
    for (const one of done(answers, problems)) {
      checked += one.checked;
      broken += one.broken;
      restored += one.restored;
      examples.push(...one.examples);
    }
  }
  const causes = distinctFindings(examples.map(({ problem }) => problem));
  const named = examples.slice(0, MOST_BROKEN);
  return { checked, broken, restored, examples: named, problems, causes };
}
