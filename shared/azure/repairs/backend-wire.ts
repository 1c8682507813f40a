/** A backend's certificates in what Resource Manager answers and takes (REST reference "Backend"). */
import { isDeepStrictEqual } from 'node:util';
import { toObject, type ArmEntity } from './arm-entity.ts';
import { isSameBackend, type BackendCertificates } from '../../domain/repair.ts';
import type { SeenBackend } from '../../domain/repair-ports.ts';

export function readBackend({ properties, etag }: ArmEntity): SeenBackend {
  const credentials = toObject(properties['credentials']);
  const inner = toObject(properties['properties']);
  const cluster = toObject(inner['serviceFabricCluster']);
  const hasCluster = Object.keys(cluster).length > 0;
  const thumbprint = textOf(cluster['clientCertificatethumbprint']);
  const id = textOf(cluster['clientCertificateId']);
  return {
    certificates: {
      thumbprints: textsOf(credentials['certificate']),
      ids: textsOf(credentials['certificateIds']),
      ...(hasCluster
        ? {
            cluster: {
              ...(thumbprint === undefined ? {} : { thumbprint }),
              ...(id === undefined ? {} : { id }),
            },
          }
        : {}),
    },
    ...(etag === undefined ? {} : { etag }),
    parts: {
      ...(Object.keys(credentials).length === 0 ? {} : { credentials }),
      ...(hasCluster ? { properties: inner } : {}),
    },
  };
}

/** What a PATCH has to send: of each part that changes everything that was read, and the change. */
export function toBackendPatch(
  { parts, certificates: before }: SeenBackend,
  after: BackendCertificates,
): Readonly<Record<string, unknown>> {
  const { certificate: _, certificateIds: __, ...rest } = toObject(parts['credentials']);
  const inner = toObject(parts['properties']);
  const {
    clientCertificatethumbprint: _t,
    clientCertificateId: _i,
    ...cluster
  } = toObject(inner['serviceFabricCluster']);
  const { cluster: wanted } = after;
  return {
    ...(isSame(before.thumbprints, after.thumbprints) && isSame(before.ids, after.ids)
      ? {}
      : {
          credentials: {
            ...rest,
            certificate: [...after.thumbprints],
            certificateIds: [...after.ids],
          },
        }),
    ...(wanted === undefined || isDeepStrictEqual(before.cluster, wanted)
      ? {}
      : {
          properties: {
            ...inner,
            serviceFabricCluster: {
              ...cluster,
              ...(wanted.thumbprint === undefined
                ? {}
                : { clientCertificatethumbprint: wanted.thumbprint }),
              ...(wanted.id === undefined ? {} : { clientCertificateId: wanted.id }),
            },
          },
        }),
  };
}

/** The names of what is not as it was, but for what was to change. */
export function lostFields(
  before: SeenBackend,
  after: SeenBackend,
  wanted: BackendCertificates,
): readonly string[] {
  const was = otherFields(before);
  const is = otherFields(after);
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const lost = names.filter((name) => !isDeepStrictEqual(was[name], is[name]));
  return isWanted(after.certificates, wanted) ? lost : ['its certificates', ...lost];
}

/** A thumbprint that stays beside the id is passed over by the service, and does no harm. */
function isWanted(is: BackendCertificates, wanted: BackendCertificates): boolean {
  if (isSameBackend(is, wanted)) return true;
  const thumbprints = wanted.ids.length > 0 ? wanted.thumbprints : is.thumbprints;
  const id = is.cluster?.id;
  const { cluster } = is;
  const plain = id === undefined || wanted.cluster?.id === undefined ? cluster : { id };
  return isSameBackend(
    { ...is, thumbprints, ...(plain === undefined ? {} : { cluster: plain }) },
    wanted,
  );
}

function otherFields({ parts }: SeenBackend): Record<string, unknown> {
  const { certificate: _, certificateIds: __, ...credentials } = toObject(parts['credentials']);
  const { serviceFabricCluster, ...inner } = toObject(parts['properties']);
  const {
    clientCertificatethumbprint: _t,
    clientCertificateId: _i,
    ...cluster
  } = toObject(serviceFabricCluster);
  const all = { ...credentials, ...inner, ...cluster };
  // What is not there is written as nothing or as `null`.
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value != null));
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return isDeepStrictEqual([...left], [...right]);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
