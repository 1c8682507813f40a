/** Every certificate that a service answers, as one list. */
import { formatTarget } from '../target.ts';
import type { Reference } from '../target-state.ts';
import type { AuditedCertificate, Place } from './audit-report.ts';
import type { GatewayPart, HostnamePart, InstalledPart, ServiceInventory } from './inventory.ts';

/** A certificate at a service, as that describes it. */
export interface InstalledAt {
  readonly id: string;
  /** By which a binding finds it: a target's key; of a CA certificate with its thumbprint. */
  readonly key: string;
  readonly place: Exclude<Place, 'vault'>;
  readonly workspace?: string;
  readonly resourceId: string;
  readonly thumbprint?: string;
  readonly subject?: string;
  readonly expiresAt?: string;
  readonly reference?: Reference;
  /** Azure issues and renews it. */
  readonly managed: boolean;
  /** It is being changed at this moment. */
  readonly changing: boolean;
  /** Key of the service's certificate that a gateway uses. */
  readonly byClient?: string;
  readonly refreshFailure?: NonNullable<AuditedCertificate['refreshFailure']>;
}

/** In the order of their ids. */
export function listPlaces(service: ServiceInventory): readonly InstalledAt[] {
  const clients = service.clients.map((part) => toClient(service.name, part));
  const byKey = new Map(clients.map((one) => [one.key, one]));
  return [
    ...clients,
    ...service.workspaces.flatMap(({ name, certificates }) =>
      certificates.map((part) => toWorkspaceCertificate(service.name, name, part)),
    ),
    ...service.ca.map(({ store, thumbprint, subject, expiresAt }): InstalledAt => {
      const id = `${formatTarget({ kind: 'ca-certificate', service: service.name, store })}/${thumbprint}`;
      return {
        ...AT_REST,
        ...{ id, key: id.toLowerCase(), place: 'ca', resourceId: service.resourceId },
        ...{ thumbprint, subject, reference: { kind: 'uploaded' } },
        ...(expiresAt === undefined ? {} : { expiresAt }),
      };
    }),
    ...service.hostnames.map((part) => toHostname(service, part)),
    ...service.gateways.flatMap((part) => toGateway(service.name, part, byKey)),
  ].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const AT_REST = { managed: false, changing: false } as const;

function toClient(service: string, part: InstalledPart): InstalledAt {
  const id = formatTarget({ kind: 'client-certificate', service, id: part.id });
  return { ...describe(part), id, key: id.toLowerCase(), place: 'client' };
}

function toWorkspaceCertificate(
  service: string,
  workspace: string,
  part: InstalledPart,
): InstalledAt {
  const id = formatTarget({ kind: 'workspace-certificate', service, workspace, id: part.id });
  return { ...describe(part), id, key: id.toLowerCase(), place: 'workspace', workspace };
}

function describe({
  id: _,
  lastFailure,
  ...part
}: InstalledPart): Omit<InstalledAt, 'id' | 'key' | 'place'> {
  return {
    ...AT_REST,
    ...part,
    ...(lastFailure === undefined ? {} : { refreshFailure: lastFailure }),
  };
}

function toHostname({ name, resourceId }: ServiceInventory, part: HostnamePart): InstalledAt {
  const { hostName, certificateSource, reference, status, thumbprint, subject, expiresAt } = part;
  const id = formatTarget({ kind: 'hostname', service: name, hostname: hostName });
  const source = certificateSource?.toLowerCase();
  return {
    ...{ id, key: id.toLowerCase(), place: 'hostname', resourceId },
    managed: source === 'managed' || source === 'builtin',
    changing: status?.toLowerCase() === 'inprogress',
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(subject === undefined ? {} : { subject }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(reference !== undefined
      ? { reference }
      : source === 'custom'
        ? { reference: { kind: 'uploaded' } as const }
        : {}),
    ...(status?.toLowerCase() === 'failed'
      ? {
          refreshFailure: {
            code: 'Failed',
            message: `The certificate of ${hostName} could not be brought up to date.`,
          },
        }
      : {}),
  };
}

/** What a gateway uses is one of the service's certificates, and looks like that. */
function toGateway(
  service: string,
  { name, resourceId, hostnames, authorities }: GatewayPart,
  clients: ReadonlyMap<string, InstalledAt>,
): InstalledAt[] {
  const gateway = formatTarget({ kind: 'gateway-ca', service, gateway: name });
  const use = (id: string, certificateId: string): InstalledAt => {
    const key = formatTarget({ kind: 'client-certificate', service, id: certificateId });
    const { thumbprint, subject, expiresAt, reference } = clients.get(key.toLowerCase()) ?? {};
    return {
      ...AT_REST,
      ...{ id, key: id.toLowerCase(), place: 'gateway', resourceId },
      byClient: key.toLowerCase(),
      ...(thumbprint === undefined ? {} : { thumbprint }),
      ...(subject === undefined ? {} : { subject }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(reference === undefined ? {} : { reference }),
    };
  };
  return [
    ...hostnames.flatMap(({ id, certificateId }) =>
      certificateId === undefined ? [] : [use(`${gateway}/hostnames/${id}`, certificateId)],
    ),
    ...authorities.map(({ certificateId }) => use(`${gateway}/ca/${certificateId}`, certificateId)),
  ];
}
