/** The app's settings on this machine: those that a deployment would set in Azure. */
import {
  ALLOW,
  EVENTS_TOPIC_ENDPOINT,
  serviceId,
  SERVICES,
  TENANT_ID,
  vaultId,
  VAULTS,
} from './fleet.ts';

/** What the settings follow from. */
export interface AppSurroundings {
  /** `http://127.0.0.1:7072` */
  readonly azureUrl: string;
  readonly identityHeader: string;
  /** Absent when there is no fleet, and so no identity. */
  readonly certkeeperClientId: string | undefined;
  readonly storageConnectionString: string;
}

/** @returns environment variables by name */
export function appSettings(surroundings: AppSurroundings): Record<string, string> {
  const { azureUrl, identityHeader, certkeeperClientId, storageConnectionString } = surroundings;
  return {
    AzureWebJobsStorage: storageConnectionString,
    AZURE_TENANT_ID: TENANT_ID,
    ...(certkeeperClientId === undefined ? {} : { AZURE_CLIENT_ID: certkeeperClientId }),
    IDENTITY_ENDPOINT: `${azureUrl}/msi/token`,
    IDENTITY_HEADER: identityHeader,
    CERTKEEPER_LOCAL_AZURE: azureUrl,
    CERTKEEPER_VAULTS: VAULTS.map(vaultId).join(','),
    CERTKEEPER_SERVICES: SERVICES.map(serviceId).join(','),
    CERTKEEPER_ALLOW: ALLOW,
    CERTKEEPER_EVENTS_TOPIC: EVENTS_TOPIC_ENDPOINT,
    CERTKEEPER_SWEEP_SCHEDULE: '0 */15 * * * *',
  };
}
