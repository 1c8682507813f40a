import { makeObserveTarget, type ObserveTargetPorts } from './change-target.ts';
import { makeIdentifyTarget } from './identify-target.ts';
import type { makeObserveKeys } from './keys/at-target.ts';
import type { CaStores } from '../../shared/domain/ca-ports.ts';
import { storeWithoutEffect } from '../../shared/domain/ca-tier.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { Vaults } from '../../shared/domain/vault-ports.ts';
import type { Source } from '../../shared/domain/source.ts';
import { formatTarget, isKeyTarget, type Target } from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';

/**
 * Reads a target as a sync would before it decides, and says in the same breath whether what was
 * pushed there is of the source. Changes nothing.
 *
 * Thrown for a kind of target that is not kept: TerminalError `TARGET_UNSUPPORTED`; for a store that
 * is not consulted: `CA_STORE_WITHOUT_EFFECT`.
 */
export function makeLookAtTarget(
  ports: ObserveTargetPorts & {
    vaults: Pick<Vaults, 'versions'>;
    observeKeys: ReturnType<typeof makeObserveKeys>;
    stores: Pick<CaStores, 'observe'>;
  },
) {
  const observe = makeObserveTarget(ports);
  const identify = makeIdentifyTarget(ports.vaults);
  return async (source: Source, target: Target): Promise<TargetState> => {
    if (target.kind === 'ca-certificate') {
      const { tier } = await ports.stores.observe(target.service);
      const useless = storeWithoutEffect(target.service, tier);
      if (useless !== undefined) throw new TerminalError(useless);
      // Which certificate is to be there, the sync knows.
      return { kind: 'unread' };
    }
    if (isKeyTarget(target)) return await ports.observeKeys({ source, target });
    if (target.kind !== 'client-certificate' && target.kind !== 'workspace-certificate') {
      throw new TerminalError({
        code: 'TARGET_UNSUPPORTED',
        message: `Certkeeper does not keep targets of this kind yet: ${formatTarget(target)}.`,
        resource: formatTarget(target),
      });
    }
    const seen = await observe({ target });
    if (target.kind === 'client-certificate' || seen.kind !== 'present') return seen;
    return await identify({ source, installed: seen.installed });
  };
}
