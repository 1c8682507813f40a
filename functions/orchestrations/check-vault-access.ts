import {
  closeVaultCheck,
  openVaultCheck,
  vaultAccessInputSchema,
  type VaultAccessInput,
  type VaultAccessResult,
} from '../../shared/contracts/access.ts';
import { call } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import { say } from '../../shared/durable/status.ts';
import { wait } from '../../shared/durable/wait.ts';
import { checkServices } from './check-services.ts';

/**
 * The event may be raised before Resource Manager shows the change. How much before is documented
 * nowhere; the sweep finds what takes longer.
 */
const LOOKS_ONCE_MORE_AFTER_SECONDS = 30;

/**
 * Checks who can still read a vault, after its policies changed: everything that is bound to its
 * certificates, at once and a little later. At most one runs for a vault; whatever arrives meanwhile
 * makes it look again as its last act.
 */
export function* checkVaultAccess(
  context: OrchestrationContext,
): Durably<VaultAccessResult | undefined> {
  const { vault } = vaultAccessInputSchema.parse(context.df.getInput());
  say(context, `Reading what uses ${vault}`);
  const opened = yield* call(context, openVaultCheck, { vault });
  if (opened.kind !== 'done') return { ...NOTHING, vault, problems: [opened.problem] };
  const { arrival, services } = opened.value;

  const first = yield* checkServices(context, services, { vault });
  if (services.length > 0) {
    say(context, `Looking once more in ${String(LOOKS_ONCE_MORE_AFTER_SECONDS)} seconds`);
    yield* wait(context, LOOKS_ONCE_MORE_AFTER_SECONDS);
  }
  const second = yield* checkServices(context, services, { vault });

  say(context, 'Done');
  const closed = yield* call(context, closeVaultCheck, { vault, arrival });
  if (closed.kind === 'done' && closed.value.again) {
    say(context, 'Something arrived meanwhile, looking again');
    context.df.continueAsNew({ vault } satisfies VaultAccessInput);
    return undefined;
  }
  // What came right at the first look counts too; what is broken is what the last one saw.
  const restored = first.restored + second.restored;
  const { causes: _, ...last } = second;
  return { vault, services: services.length, ...last, restored };
}

const NOTHING: Omit<VaultAccessResult, 'vault' | 'problems'> = {
  services: 0,
  checked: 0,
  broken: 0,
  restored: 0,
  examples: [],
};
