/** The app roles that Certkeeper's HTTP API asks for, weakest first. */
export const APP_ROLES = ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'] as const;
