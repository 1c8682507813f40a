import {
  makeOrchestrationKit,
  type OrchestrationKit,
  type OrchestrationKitOptions,
} from '../../../local/host/test-kit/index.ts';

const kits: OrchestrationKit[] = [];

/** A kit that is stopped after the test, whatever became of it. */
export async function makeKit(options: OrchestrationKitOptions): Promise<OrchestrationKit> {
  const kit = await makeOrchestrationKit(options);
  kits.push(kit);
  return kit;
}

afterEach(async () => {
  await Promise.all(kits.splice(0).map((kit) => kit.stop()));
});

/** Seconds of virtual time between the first call and each. */
export function secondsOf(calls: readonly { readonly at: string }[]): number[] {
  const first = Date.parse(calls[0]?.at ?? '');
  return calls.map(({ at }) => (Date.parse(at) - first) / 1000);
}
