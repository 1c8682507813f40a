import { changeApplication } from './change-application.ts';
import { changeSubscription } from './change-subscription.ts';
import type { ChangedKeys, ChangeOptions, DecideKeys, KeyPorts } from './ports.ts';
import type { KeyEntry } from '../../../shared/domain/key-credentials.ts';
import type { KeyTarget } from '../../../shared/domain/target.ts';

export type ChangeKeys = (
  target: KeyTarget,
  decide: DecideKeys,
  options?: ChangeOptions,
) => Promise<ChangedKeys>;

/** Changes the keys of any place that has some. */
export function makeChangeKeys(ports: KeyPorts): ChangeKeys {
  return async (target, decide, options) =>
    target.kind === 'entra-application'
      ? await changeApplication(ports, target, decide, options)
      : await changeSubscription(ports, target, decide, options);
}

/** What is there now; changes nothing. */
export async function lookAtKeys(
  { applications, subscriptions }: Pick<KeyPorts, 'applications' | 'subscriptions'>,
  target: KeyTarget,
): Promise<readonly KeyEntry[]> {
  return target.kind === 'entra-application'
    ? (await applications.read(target.appId)).entries
    : await subscriptions.list(target.subscriptionId);
}
