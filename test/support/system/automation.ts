/** Automation that signs in as the fleet's application, with keys that it holds. */
import { TENANT } from '../azure/arm-world.ts';
import { makeClientAssertion, tokenForm } from '../azure/client-assertion.ts';
import type { AppUnderTest } from './app-under-test.ts';

const GRAPH = 'graph.microsoft.com/v1.0';

export interface Automation {
  readonly appId: string;
  /** `entra/applications/{appId}` */
  readonly target: string;
  /** Whether Entra gives a token to who holds this key: PEM with key and certificate. */
  signsIn(pem: string): Promise<boolean>;
  /** The application's keys, as Graph shows them. */
  keys(): Promise<readonly Record<string, unknown>[]>;
  /** Somebody else changes them. */
  setKeys(keys: readonly unknown[]): Promise<void>;
}

/** The application of the seeded fleet, of which Certkeeper is an owner. */
export async function findAutomation({ system, wire }: AppUnderTest): Promise<Automation> {
  const filter = encodeURIComponent("displayName eq 'contoso-deploy'");
  const list = await wire.send(`${system.azureUrl}/${GRAPH}/applications?$filter=${filter}`);
  const [found] = (list.body as { value: { id: string; appId: string }[] }).value;
  if (found === undefined) throw new Error('The fleet has no application');
  const address = `${system.azureUrl}/${GRAPH}/applications/${found.id}`;
  return {
    appId: found.appId,
    target: `entra/applications/${found.appId}`,
    async signsIn(pem) {
      const assertion = makeClientAssertion({ tenantId: TENANT, clientId: found.appId, pem });
      const response = await fetch(
        `${system.azureUrl}/login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`,
        { method: 'POST', body: tokenForm(found.appId, assertion) },
      );
      const { error } = (await response.json()) as { error?: string };
      // Any other refusal would say something of this test, and nothing of the key.
      if (response.status !== 200 && error !== 'invalid_client') throw new Error(String(error));
      return response.status === 200;
    },
    async keys() {
      const { body } = await wire.send(`${address}?$select=keyCredentials`);
      return (body as { keyCredentials: Record<string, unknown>[] }).keyCredentials;
    },
    async setKeys(keyCredentials) {
      const { status } = await wire.send(address, 'PATCH', { keyCredentials });
      expect(status).toBe(204);
    },
  };
}
