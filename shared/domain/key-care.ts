import type { Problem } from './errors.ts';
import { formatTarget, type KeyTarget, type Target } from './target.ts';

/** Where keys may be registered at all: nothing is resolved from a tag or a request alone. */
export interface KeyCare {
  /** App ids, lower case. */
  readonly applications: ReadonlySet<string>;
  /** Subscriptions with classic management certificates; undefined = they are not used. */
  readonly classicSubscriptions: ReadonlySet<string> | undefined;
}

export const NO_KEY_CARE: KeyCare = { applications: new Set(), classicSubscriptions: undefined };

/** Why nothing is registered there; undefined when it is under care. */
export function keyPlaceProblem(target: KeyTarget, care: KeyCare): Problem | undefined {
  const resource = formatTarget(target);
  if (target.kind === 'entra-application') {
    if (care.applications.has(target.appId)) return undefined;
    return {
      code: 'APPLICATION_NOT_CONFIGURED',
      message: `The application ${target.appId} is not under Certkeeper's care.`,
      resource,
      cure: 'Add its application (client) id to CERTKEEPER_APPLICATIONS, or correct the path.',
    };
  }
  if (care.classicSubscriptions === undefined) {
    return {
      code: 'TARGET_RETIRED',
      message: `Azure retired the classic service on 31 August 2024, and Certkeeper does not use it here: ${resource}.`,
      resource,
      cure: 'Use the key of an application instead: entra/applications/{appId}. Where the classic service still answers: CERTKEEPER_CLASSIC=true.',
    };
  }
  if (care.classicSubscriptions.has(target.subscriptionId)) return undefined;
  return {
    code: 'TARGET_RETIRED',
    message: `The subscription ${target.subscriptionId} is not under Certkeeper's care for classic management certificates.`,
    resource,
    cure: 'Add it to CERTKEEPER_CLASSIC_SUBSCRIPTIONS, or use the key of an application: entra/applications/{appId}.',
  };
}

/** Whether a target's place is under care: its service, its application, its subscription. */
export function isUnderCare(
  target: Target,
  services: ReadonlySet<string>,
  care: KeyCare = NO_KEY_CARE,
): boolean {
  if ('service' in target) return services.has(target.service);
  return keyPlaceProblem(target, care) === undefined;
}

/** Every place under care. */
export function keyPlaces({ applications, classicSubscriptions }: KeyCare): readonly KeyTarget[] {
  return [
    ...[...applications].map((appId): KeyTarget => ({ kind: 'entra-application', appId })),
    ...[...(classicSubscriptions ?? [])].map((subscriptionId): KeyTarget => ({
      kind: 'classic-management',
      subscriptionId,
    })),
  ];
}
