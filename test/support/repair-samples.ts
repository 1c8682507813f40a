/** A policy that refers by the thumbprint that goes, and what a repair makes of it. */
import { OLD_THUMBPRINT } from './domain-samples.ts';
import { policyWith } from './repair-world.ts';

export const ORDERS = 'apis/orders/policies/policy';
export const OLD = policyWith(OLD_THUMBPRINT);
export const NEW = OLD.replace(`thumbprint="${OLD_THUMBPRINT}"`, 'certificate-id="gateway-client"');
