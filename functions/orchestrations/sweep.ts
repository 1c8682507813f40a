import {
  listCare,
  surveyService,
  surveyVault,
  type SweepResult,
} from '../../shared/contracts/sweep.ts';
import { call, callAll, toCall, type Answer } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import { say } from '../../shared/durable/status.ts';
import type { Problem } from '../../shared/domain/errors.ts';

/** Surveys that run side by side: enough to be quick, few enough to leave room for rotations. */
const SIDE_BY_SIDE = 8;

/**
 * Looks at everything under care: first at the services, which tells who uses what, then at the
 * vaults, which tells what is behind. A service or vault that cannot be read is reported and holds
 * up nothing else.
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
  say(context, 'Done');
  return { ...result, problems };
}

const NOTHING: SweepResult = {
  services: 0,
  vaults: 0,
  certificates: 0,
  discovered: 0,
  syncs: 0,
  problems: [],
};

function chunk(names: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let at = 0; at < names.length; at += SIDE_BY_SIDE) {
    chunks.push(names.slice(at, at + SIDE_BY_SIDE));
  }
  return chunks;
}

function done<Value>(answers: readonly Answer<Value>[], problems: Problem[]): Value[] {
  return answers.flatMap((answer) => {
    if (answer.kind === 'done') return [answer.value];
    problems.push(answer.problem);
    return [];
  });
}
