import type { Source } from './source.ts';

/** A place where a certificate is installed. Service, workspace and gateway names are lower case. */
export type Target =
  | { readonly kind: 'client-certificate'; readonly service: string; readonly id: string }
  | {
      readonly kind: 'workspace-certificate';
      readonly service: string;
      readonly workspace: string;
      readonly id: string;
    }
  | {
      readonly kind: 'ca-certificate';
      readonly service: string;
      readonly store: 'Root' | 'CertificateAuthority';
    }
  | { readonly kind: 'hostname'; readonly service: string; readonly hostname: string }
  | { readonly kind: 'gateway-ca'; readonly service: string; readonly gateway: string }
  | { readonly kind: 'entra-application'; readonly appId: string }
  | { readonly kind: 'classic-management'; readonly subscriptionId: string };

export type ClientCertificateTarget = Extract<Target, { kind: 'client-certificate' }>;
export type WorkspaceCertificateTarget = Extract<Target, { kind: 'workspace-certificate' }>;
/** A client certificate, of a service or of one of its workspaces: the same kind of resource. */
export type CertificateTarget = ClientCertificateTarget | WorkspaceCertificateTarget;

/** A store of a service's CA certificates. */
export type CaTarget = Extract<Target, { kind: 'ca-certificate' }>;
export type ApplicationTarget = Extract<Target, { kind: 'entra-application' }>;
export type ClassicTarget = Extract<Target, { kind: 'classic-management' }>;
/** Where the public key is registered by which automation is known; its private key stays where it is. */
export type KeyTarget = ApplicationTarget | ClassicTarget;

export function isKeyTarget(target: Target): target is KeyTarget {
  return target.kind === 'entra-application' || target.kind === 'classic-management';
}

/** Whether several sources can be there side by side, so that no claim keeps others away. */
export function isShared(target: Target): boolean {
  return isKeyTarget(target) || target.kind === 'ca-certificate';
}

export function isCertificateTarget(target: Target): target is CertificateTarget {
  return target.kind === 'client-certificate' || target.kind === 'workspace-certificate';
}

/** A path that could not be read as a target, with the reason. */
export interface UnreadableTarget {
  readonly path: string;
  readonly message: string;
}

const SERVICE_NAME = /^[a-z](?:[a-z0-9-]{0,48}[a-z0-9])?$/i;
/** API Management's rule for identifiers in a path, and its limit of 80 characters. */
const IDENTIFIER = /^[^*#&+:<>?/\\\s]{1,80}$/;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const HOSTNAME =
  /^(?=.{1,253}$)(?:\*\.)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/i;

/**
 * Reads a target path as a tag or a request holds it, e.g. `contoso-gw`,
 * `contoso-gw/certificates/api-client`, `contoso-gw/ca/Root`, `entra/applications/{appId}`.
 * @param source gives the default id at the target, the certificate's own name
 */
export function parseTarget(path: string, source: Source): Target | UnreadableTarget {
  const trimmed = path.trim();
  const parts = trimmed.split('/');
  const refuse = (message: string): UnreadableTarget => ({ path: trimmed, message });

  const [first = '', second, third, fourth, fifth] = parts;
  if (first.toLowerCase() === 'entra') {
    return second === 'applications' &&
      third !== undefined &&
      GUID.test(third) &&
      parts.length === 3
      ? { kind: 'entra-application', appId: third.toLowerCase() }
      : refuse('an Entra target is written entra/applications/{application id}');
  }
  if (first.toLowerCase() === 'classic') {
    return second === 'subscriptions' &&
      third !== undefined &&
      GUID.test(third) &&
      parts.length === 3
      ? { kind: 'classic-management', subscriptionId: third.toLowerCase() }
      : refuse('a classic target is written classic/subscriptions/{subscription id}');
  }
  if (!SERVICE_NAME.test(first)) {
    return refuse('it must begin with the name of an API Management service');
  }
  const service = first.toLowerCase();
  const withId = (
    id: string | undefined,
    make: (id: string) => Target,
  ): Target | UnreadableTarget => {
    const chosen = id ?? source.name;
    if (isIdentifier(chosen)) return make(chosen);
    return refuse(
      id === undefined
        ? `the name ${source.name} is longer than the 80 characters that API Management allows; add /certificates/{id}`
        : 'the certificate id must be 1 to 80 characters without * # & + : < > ? and spaces, and not . or ..',
    );
  };

  if (
    parts.length === 1 ||
    (second === 'certificates' && third !== undefined && parts.length === 3)
  ) {
    return withId(third, (id) => ({ kind: 'client-certificate', service, id }));
  }
  if (second === 'workspaces' && fourth === 'ca') {
    return refuse(
      "a workspace's gateway does not consult CA certificates of the service (CA_STORE_WITHOUT_EFFECT); put them on the backend entity",
    );
  }
  if (second === 'workspaces' && third !== undefined && isIdentifier(third)) {
    const workspace = third.toLowerCase();
    if (
      parts.length === 3 ||
      (fourth === 'certificates' && fifth !== undefined && parts.length === 5)
    ) {
      return withId(fifth, (id) => ({ kind: 'workspace-certificate', service, workspace, id }));
    }
  }
  if (second === 'ca' && parts.length === 3) {
    return third === 'Root' || third === 'CertificateAuthority'
      ? { kind: 'ca-certificate', service, store: third }
      : refuse('a CA target is written {service}/ca/Root or {service}/ca/CertificateAuthority');
  }
  if (second === 'hostnames' && third !== undefined && parts.length === 3 && HOSTNAME.test(third)) {
    return { kind: 'hostname', service, hostname: third.toLowerCase() };
  }
  if (second === 'gateways' && third !== undefined && parts.length === 3 && isIdentifier(third)) {
    return { kind: 'gateway-ca', service, gateway: third.toLowerCase() };
  }
  return refuse(
    'expected {service}, {service}/certificates/{id}, {service}/workspaces/{workspace}, {service}/ca/{store}, {service}/hostnames/{name} or {service}/gateways/{gateway}',
  );
}

/**
 * Whether a name may become a segment of a resource's address. `.` and `..` would lead out of the
 * collection (an address is normalised on its way), and half a character cannot be encoded.
 */
function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text) && !/^\.{1,2}$/.test(text) && text.isWellFormed();
}

/** True when {@link parseTarget} could not read the path. */
export function isUnreadable(target: Target | UnreadableTarget): target is UnreadableTarget {
  return !('kind' in target);
}

/** The full path of a target; {@link parseTarget} reads it back to the same target. */
export function formatTarget(target: Target): string {
  switch (target.kind) {
    case 'client-certificate':
      return `${target.service}/certificates/${target.id}`;
    case 'workspace-certificate':
      return `${target.service}/workspaces/${target.workspace}/certificates/${target.id}`;
    case 'ca-certificate':
      return `${target.service}/ca/${target.store}`;
    case 'hostname':
      return `${target.service}/hostnames/${target.hostname}`;
    case 'gateway-ca':
      return `${target.service}/gateways/${target.gateway}`;
    case 'entra-application':
      return `entra/applications/${target.appId}`;
    case 'classic-management':
      return `classic/subscriptions/${target.subscriptionId}`;
  }
}

/** Two targets are the same place when their keys are equal: Resource Manager ignores case. */
export function targetKey(target: Target): string {
  return formatTarget(target).toLowerCase();
}
