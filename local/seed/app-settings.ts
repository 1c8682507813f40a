/** The app's settings on this machine: those that a deployment would set in Azure. */
import {
  ALLOW,
  allowKeys,
  EVENTS_TOPIC_ENDPOINT,
  serviceId,
  SERVICES,
  TENANT_ID,
  vaultId,
  VAULTS,
} from './fleet.ts';
import {
  FABRIKAM_ALLOW,
  FABRIKAM_ON_SUSPECT,
  FABRIKAM_PLACE,
  FABRIKAM_SERVICES,
  FABRIKAM_VAULTS,
  fabrikamServiceId,
  fabrikamVaultId,
} from './fabrikam/names.ts';

/** What the settings follow from. */
export interface AppSurroundings {
  /** `http://127.0.0.1:7072` */
  readonly azureUrl: string;
  readonly identityHeader: string;
  /** Absent when there is no fleet, and so no identity. */
  readonly certkeeperClientId: string | undefined;
  /** Client id of the fleet's application; absent when there is no fleet. */
  readonly applicationId?: string | undefined;
  /** Whether Fabrikam is under care too. */
  readonly fabrikam?: boolean | undefined;
  readonly storageConnectionString: string;
}

/** @returns environment variables by name */
export function appSettings(surroundings: AppSurroundings): Record<string, string> {
  const { azureUrl, identityHeader, certkeeperClientId, applicationId } = surroundings;
  const { fabrikam = false } = surroundings;
  const allowed = [
    ALLOW,
    ...(fabrikam ? [FABRIKAM_ALLOW] : []),
    ...(applicationId === undefined ? [] : [allowKeys(applicationId)]),
  ];
  return {
    AzureWebJobsStorage: surroundings.storageConnectionString,
    AZURE_TENANT_ID: TENANT_ID,
    ...(certkeeperClientId === undefined ? {} : { AZURE_CLIENT_ID: certkeeperClientId }),
    IDENTITY_ENDPOINT: `${azureUrl}/msi/token`,
    IDENTITY_HEADER: identityHeader,
    CERTKEEPER_LOCAL_AZURE: azureUrl,
    CERTKEEPER_VAULTS: [
      ...VAULTS.map(vaultId),
      ...(fabrikam ? FABRIKAM_VAULTS.map(fabrikamVaultId) : []),
    ].join(','),
    CERTKEEPER_SERVICES: [
      ...SERVICES.map(serviceId),
      ...(fabrikam ? FABRIKAM_SERVICES.map(fabrikamServiceId) : []),
    ].join(','),
    CERTKEEPER_ALLOW: allowed.join('; '),
    ...(applicationId === undefined ? {} : { CERTKEEPER_APPLICATIONS: applicationId }),
    CERTKEEPER_EVENTS_TOPIC: EVENTS_TOPIC_ENDPOINT,
    ...(fabrikam ? fabrikamSettings(azureUrl) : {}),
    CERTKEEPER_SWEEP_SCHEDULE: '0 */15 * * * *',
  };
}

/** What Fabrikam has asked for: nobody takes the calls of its chat any more. */
function fabrikamSettings(azureUrl: string): Record<string, string> {
  return {
    CERTKEEPER_ON_SUSPECT: FABRIKAM_ON_SUSPECT,
    CERTKEEPER_NOTIFY: `ReferencesBroken => ${FABRIKAM_PLACE}`,
    CERTKEEPER_NOTIFY_SLACK_FABRIKAM: `${azureUrl}/hooks.slack.com/services/fabrikam`,
  };
}
