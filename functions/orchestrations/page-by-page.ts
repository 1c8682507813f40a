import type { Contract } from '../../shared/contracts/contract.ts';
import { callAll, toCall } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import { chunk } from './side-by-side.ts';

/** A service that goes on for longer than this is left to the next sweep. */
const MOST_CALLS = 500;

/** A service, and where to go on with it; without `after` at its beginning. */
export interface Page {
  readonly service: string;
  readonly after?: string;
}

/**
 * Calls an activity for each of several services, some side by side, again and again for as long as
 * one says where to go on. What keeps one from it is added to the problems and ends that one alone.
 * @param says is called before each round with the services that are in it
 * @param until no round begins later than that, milliseconds since the epoch; absent = all do
 * @returns what came, and where to go on with the others
 */
export function* pageByPage<
  Input extends { readonly service: string },
  Output extends { readonly after?: string },
>(
  context: OrchestrationContext,
  pages: readonly Page[],
  steps: {
    readonly contract: Contract<Input, Output>;
    readonly toInput: (service: string, after: string | undefined) => Input;
    readonly says: (services: readonly string[]) => void;
  },
  problems: Problem[],
  until = Infinity,
): Durably<{ readonly values: readonly Output[]; readonly open: readonly Page[] }> {
  const values: Output[] = [];
  const left: Page[] = [];
  for (const some of chunk(pages)) {
    let open: readonly Page[] = some;
    for (let calls = 0; open.length > 0 && calls < MOST_CALLS; calls += 1) {
      if (context.df.currentUtcDateTime.getTime() > until) {
        left.push(...open);
        break;
      }
      steps.says(open.map(({ service }) => service));
      const answers = yield* callAll(
        context,
        open.map(({ service, after }) => toCall(steps.contract, steps.toInput(service, after))),
      );
      const next: Page[] = [];
      for (const [index, answer] of answers.entries()) {
        const service = open[index]?.service;
        if (answer.kind === 'failed') problems.push(answer.problem);
        else {
          values.push(answer.value);
          const { after } = answer.value;
          if (after !== undefined && service !== undefined) next.push({ service, after });
        }
      }
      open = next;
    }
  }
  return { values, open: left };
}
