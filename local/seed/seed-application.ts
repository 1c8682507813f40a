/** The application of the fleet: pipelines sign in as it, with a key that Certkeeper keeps current. */
import type { AzureWire } from './azure-wire.ts';

const GRAPH = 'graph.microsoft.com/v1.0';
const NAME = 'contoso-deploy';

/**
 * Makes sure that it is there, with a service principal, and that Certkeeper may change its keys: as
 * an owner with `Application.ReadWrite.OwnedBy`, which is the least it takes.
 *
 * @param certkeeper object id of the identity that Certkeeper runs as
 * @returns its application (client) id
 */
export async function seedApplication(azure: AzureWire, certkeeper: string): Promise<string> {
  const application = (await findApplication(azure)) ?? (await make(azure));
  await azure.control('PUT', `graph/permissions/${certkeeper}`, {
    permissions: ['Application.ReadWrite.OwnedBy'],
  });
  // An owner that is there already, and a service principal, are refused.
  const expect = [400, 409];
  await azure.ask('POST', `${GRAPH}/applications/${application.id}/owners/$ref`, {
    body: { '@odata.id': `https://${GRAPH}/directoryObjects/${certkeeper}` },
    expect,
  });
  await azure.ask('POST', `${GRAPH}/servicePrincipals`, {
    body: { appId: application.appId },
    expect,
  });
  return application.appId;
}

export interface Application {
  readonly id: string;
  readonly appId: string;
}

/** The application of the fleet, or undefined before it was made. */
export async function findApplication(azure: AzureWire): Promise<Application | undefined> {
  const filter = encodeURIComponent(`displayName eq '${NAME}'`);
  const { body } = await azure.ask('GET', `${GRAPH}/applications?$filter=${filter}`);
  return (body as { readonly value: readonly Application[] }).value[0];
}

async function make(azure: AzureWire): Promise<Application> {
  const { body } = await azure.ask('POST', `${GRAPH}/applications`, {
    body: { displayName: NAME },
  });
  return body as Application;
}
