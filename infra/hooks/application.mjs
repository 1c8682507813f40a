/** The application in Microsoft Entra that callers sign in to. */

const GRAPH = 'https://graph.microsoft.com/v1.0';
/** Of the Azure CLI, the same in every tenant. */
const CLI_APP_ID = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
const SIGN_IN_SCOPE = '6d2b4d5e-7a0c-4f0e-9d0b-0f6a2c1e8b51';

/** Made once; an id that changed would take the role from everybody who has it. */
export const APP_ROLES = [
  {
    id: '0c7b0f8e-3a55-4a0e-8f4b-5d6b1c3f2a01',
    value: 'Certkeeper.Read',
    displayName: 'Reads everything',
    description: 'Sees certificates, reports, plans and operations.',
  },
  {
    id: '0c7b0f8e-3a55-4a0e-8f4b-5d6b1c3f2a02',
    value: 'Certkeeper.Upload',
    displayName: 'Uploads and binds within what is allowed',
    description:
      'Besides reading: uploads certificates and binds them where CERTKEEPER_ALLOW says so.',
  },
  {
    id: '0c7b0f8e-3a55-4a0e-8f4b-5d6b1c3f2a03',
    value: 'Certkeeper.Manage',
    displayName: 'Manages',
    description: 'Besides uploading: takes over, approves, forces, undoes, acknowledges.',
  },
];

/** What it offers: to be called in one's own name. */
const API = {
  requestedAccessTokenVersion: 2,
  oauth2PermissionScopes: [
    {
      id: SIGN_IN_SCOPE,
      value: 'user_impersonation',
      type: 'User',
      isEnabled: true,
      adminConsentDisplayName: 'Use Certkeeper as oneself',
      adminConsentDescription: 'Calls Certkeeper in the name of who signed in.',
      userConsentDisplayName: 'Use Certkeeper as yourself',
      userConsentDescription: 'Calls Certkeeper in your name.',
    },
  ],
};

/** How the application is found again; names that people see may change. */
export function uniqueNameOf(installation, subscriptionId) {
  return `certkeeper-${installation}-${subscriptionId.slice(0, 8)}`;
}

/** Address in Microsoft Graph of an application by its unique name. */
export function applicationUrl(uniqueName) {
  return `${GRAPH}/applications(uniqueName='${uniqueName}')`;
}

export function servicePrincipalUrl(clientId) {
  return `${GRAPH}/servicePrincipals(appId='${clientId}')`;
}

/** What the application is; sent whole each time, so that it is mended, too. */
export function applicationBody(installation) {
  return {
    displayName: `Certkeeper ${installation}`,
    signInAudience: 'AzureADMyOrg',
    appRoles: APP_ROLES.map((role) => ({
      ...role,
      allowedMemberTypes: ['User', 'Application'],
      isEnabled: true,
    })),
    api: API,
  };
}

/** What can be said once the application and its address are known. */
export function signInBody(clientId, url) {
  return {
    identifierUris: [`api://${clientId}`],
    api: {
      ...API,
      // `az account get-access-token` works without asking an administrator.
      preAuthorizedApplications: [{ appId: CLI_APP_ID, delegatedPermissionIds: [SIGN_IN_SCOPE] }],
    },
    web: {
      homePageUrl: `${url}/api/dashboard`,
      redirectUris: [`${url}/.auth/login/aad/callback`],
      // The platform signs browsers in by an ID token alone: there is no client secret.
      implicitGrantSettings: { enableIdTokenIssuance: true, enableAccessTokenIssuance: false },
    },
  };
}
