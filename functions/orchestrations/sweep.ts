import {
  listCare,
  surveyService,
  surveyVault,
  type SweepResult,
} from '../../shared/contracts/sweep.ts';
import { call, callAll, toCall } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import { say } from '../../shared/durable/status.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import { checkServices } from './check-services.ts';
import { chunk, done } from './side-by-side.ts';

/**
 * Looks at everything under care: first at the services, which tells who uses what, then at the
 * vaults, which tells what is behind; last at what stands between the two. A service or vault that
 * cannot be read is reported and holds up nothing else.
 */
export function* sweep(context: OrchestrationContext): Durably<SweepResult> {
  say(context, 'Reading what is under care');
  const care = yield* call(context, listCare, null);
  if (care.kind !== 'done') return { ...NOTHING, problems: [care.problem] };
  const { services, vaults } = care.value;
  const problems: Problem[] = [];
  let result: SweepResult = { ...NOTHING, services: services.length, vaults: vaults.length };

  for (const some of chunk(services)) {
    say(context, `Looking at the services ${some.join(', ')}`);
    const answers = yield* callAll(
      context,
      some.map((service) => toCall(surveyService, { service })),
    );
    for (const { discovered, problems: unkept } of done(answers, problems)) {
      problems.push(...unkept);
      result = { ...result, discovered: result.discovered + discovered };
    }
  }
  for (const some of chunk(vaults)) {
    say(context, `Looking at the vaults ${some.join(', ')}`);
    const answers = yield* callAll(
      context,
      some.map((vault) => toCall(surveyVault, { vault })),
    );
    for (const { certificates, syncs, problems: unasked } of done(answers, problems)) {
      problems.push(...unasked);
      const { certificates: before, syncs: asked } = result;
      result = { ...result, certificates: before + certificates, syncs: asked + syncs };
    }
  }
  const access = yield* checkServices(context, services);
  problems.push(...access.problems);
  say(context, 'Done');
  const { checked: accessChecked, broken: accessBroken } = access;
  return { ...result, accessChecked, accessBroken, problems };
}

const NOTHING: SweepResult = {
  services: 0,
  vaults: 0,
  certificates: 0,
  discovered: 0,
  syncs: 0,
  accessChecked: 0,
  accessBroken: 0,
  problems: [],
};
