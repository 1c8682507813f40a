/**
 * `…/certificates`: the client certificates of a service, and those of a workspace.
 * Source: REST reference, Certificate and Workspace Certificate 2024-05-01.
 */
import { z } from 'zod';
import type { AzureResponse } from '../service.ts';
import { matchesFilter, parseFilter, unsupportedFilter } from '../resource-manager/odata-filter.ts';
import { created, noContent, ok, type ArmCall, type ArmRoute } from '../resource-manager/route.ts';
import { usedFault, usersOfCertificate } from './certificate-references.ts';
import { refreshCertificate, toLastStatus, type RefreshParts } from './certificate-refresh.ts';
import type { Certificate } from './certificate-store.ts';
import { toCountedPage } from './entity-page.ts';
import { requireChangeable, type Place, type Spot } from './entity-place.ts';
import type { Entities } from './entity-store.ts';
import { etagHeader, nextVersion, requireMatch } from './entity-tag.ts';
import { entityNotFound, invalidOperation, validationFault } from './faults.ts';
import { openPfx } from './public-certificate.ts';
import type { Service } from './service-store.ts';
import { SERVICE_VERSIONS } from './service-properties.ts';
import { readFromVault, readIdentifier } from './vault-reference.ts';

/** Where a set of certificates is, and what they may be made from. */
export interface CertificateFolder {
  readonly place: Place;
  keyVault(): 'accept' | 'refuse';
}

export interface CertificateParts extends RefreshParts {
  readonly entities: Entities;
}

/** Source: service limits (client certificates on the Consumption tier). */
const CONSUMPTION_LIMIT = 50;
/** Source: `certificateId` in the API specification. */
const ID = /^[^*#&+:<>?]{1,80}$/;

const bodySchema = z.object({
  properties: z.object({
    data: z.string().nullish(),
    password: z.string().nullish(),
    keyVault: z
      .object({ secretIdentifier: z.string().nullish(), identityClientId: z.string().nullish() })
      .nullish(),
  }),
});

export function certificateRoutes(folder: CertificateFolder, parts: CertificateParts): ArmRoute[] {
  const { place } = folder;
  const { world, certificates, settings } = parts;
  const { store, clock } = world;
  const toWire = (certificate: Certificate): Record<string, unknown> =>
    certificateToWire(certificate, `${place.type}/certificates`);

  const get = (call: ArmCall): Certificate => {
    const found = certificates.find(place.at(call).owner, call.param('certificateId'));
    if (found === undefined) throw entityNotFound('Certificate');
    return found;
  };

  const list = (call: ArmCall): AzureResponse => {
    const { request } = call;
    const text = request.query('$filter');
    const filter = text === undefined || text === '' ? undefined : parseFilter(text);
    const onlyFailed = request.query('isKeyVaultRefreshFailed')?.toLowerCase() === 'true';
    const found = certificates
      .list(place.at(call).owner)
      .filter(
        (one) =>
          (!onlyFailed ||
            (one.keyVault !== undefined && one.keyVault.lastStatus.code !== 'Success')) &&
          (filter === undefined ||
            matchesFilter(filter, { field: (name) => filterField(one, name) })),
      );
    return toCountedPage(request, found, toWire);
  };

  const changeable = (call: ArmCall): Spot => {
    const found = place.at(call);
    requireChangeable(found, settings);
    return found;
  };

  const put = async (call: ArmCall): Promise<AzureResponse> => {
    const { service, owner, id: placeId } = changeable(call);
    const name = call.param('certificateId');
    if (!ID.test(name)) {
      throw validationFault(
        'certificateId',
        'The certificate id has 1 to 80 characters, none of * # & + : < > ?',
      );
    }
    const before = certificates.find(owner, name);
    checkMatch(call, before);
    const content = await readContent(call, service);
    return store.transaction(() => {
      // Reading the vault takes its time; what is there now counts.
      const existing = certificates.find(owner, name);
      if (existing?.version !== before?.version) checkMatch(call, existing);
      if (
        existing === undefined &&
        service.sku.name === 'Consumption' &&
        certificates.list(owner).length >= CONSUMPTION_LIMIT
      ) {
        // The limit is documented, the answer is assumed.
        throw validationFault(
          'certificateId',
          `The limit of ${CONSUMPTION_LIMIT} certificates in the Consumption tier is reached.`,
        );
      }
      const next: Certificate = {
        id: existing?.id ?? `${placeId}/certificates/${name}`,
        name: existing?.name ?? name,
        version: nextVersion(store),
        ...content,
      };
      certificates.save(owner, next);
      const answer = existing === undefined ? created : ok;
      return answer(toWire(next), etagHeader(next.version));
    });
  };

  const checkMatch = (call: ArmCall, existing: Certificate | undefined): void => {
    const required = existing !== undefined && settings.updateWithoutIfMatch() === 'refuse';
    requireMatch(call.request, existing?.version, required);
  };

  const readContent = async (
    call: ArmCall,
    service: Service,
  ): Promise<Pick<Certificate, 'certificate' | 'keyVault'>> => {
    const parsed = bodySchema.safeParse(call.request.json());
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw validationFault(issue?.path.join('.') ?? 'properties', issue?.message ?? 'unreadable');
    }
    const { data, password, keyVault } = parsed.data.properties;
    if (keyVault?.secretIdentifier) {
      if (folder.keyVault() === 'refuse') {
        // Source: workspaces overview (no managed identity, so no Key Vault); wording assumed. The
        // acceptance tests of azurerm's api_management_workspace_certificate suggest otherwise:
        // they put such references there, to be read as the service's identity.
        throw validationFault(
          'keyVault',
          'Key Vault certificates are not supported in workspaces.',
        );
      }
      // Which of the two wins is not documented; a request with both is a mistake.
      if (data) throw validationFault('data', 'Give either data or keyVault, not both.');
      readIdentifier(keyVault.secretIdentifier);
      const reference = {
        secretIdentifier: keyVault.secretIdentifier,
        ...(keyVault.identityClientId ? { identityClientId: keyVault.identityClientId } : {}),
      };
      const read = await readFromVault(service, reference, parts);
      if (read.kind === 'failed' && settings.unreadableKeyVaultPut() === 'refuse') throw read.fault;
      return {
        ...(read.kind === 'read' ? { certificate: read.certificate } : {}),
        keyVault: { ...reference, lastStatus: toLastStatus(read, clock.now()) },
      };
    }
    if (!data) {
      throw validationFault('data', 'Either data or keyVault.secretIdentifier must be specified.');
    }
    const opened = await openPfx(Buffer.from(data, 'base64'), password ?? '');
    if (opened.kind !== 'opened') {
      throw validationFault(
        'data',
        opened.kind === 'wrongPassword'
          ? 'The specified network password is not correct.'
          : 'Invalid certificate: it must be a PKCS#12 (.pfx) file in base64.',
      );
    }
    if (!opened.hasPrivateKey) {
      throw validationFault('data', 'Invalid certificate: it does not contain a private key.');
    }
    return { certificate: opened.certificate };
  };

  const remove = (call: ArmCall): AzureResponse => {
    const { service, owner } = changeable(call);
    const existing = certificates.find(owner, call.param('certificateId'));
    requireMatch(call.request, existing?.version, true);
    if (existing === undefined) return noContent;
    const users = usersOfCertificate(parts.entities, owner, existing.name);
    if (users.length > 0 && settings.deleteCertificateInUse() === 'refuse') {
      throw usedFault('Certificate', existing.name, service, users);
    }
    certificates.delete(owner, existing.name);
    return { status: 200 };
  };

  const refresh = async (call: ArmCall): Promise<AzureResponse> => {
    const { service, owner } = changeable(call);
    const before = get(call);
    if (before.keyVault === undefined) {
      if (settings.refreshOfUploadedCertificate() === 'answer') return answerOne(before);
      throw invalidOperation(`The certificate ${before.name} is not stored in Key Vault.`);
    }
    const outcome = await refreshCertificate(service, owner, before.name, parts);
    if (outcome === undefined) throw entityNotFound('Certificate');
    if (outcome.read.kind === 'failed' && settings.failedRefresh() === 'refuse') {
      throw outcome.read.fault;
    }
    return answerOne(settings.refreshAnswer() === 'previous' ? before : outcome.certificate);
  };
  const answerOne = (certificate: Certificate): AzureResponse =>
    ok(toWire(certificate), etagHeader(certificate.version));

  const versions = SERVICE_VERSIONS;
  const folderPath = `${place.path}/certificates`;
  const path = `${folderPath}/{certificateId}`;
  return [
    { method: 'GET', path: folderPath, versions, handle: list },
    { method: 'GET', path, versions, handle: (call) => answerOne(get(call)) },
    {
      method: 'HEAD',
      path,
      versions,
      handle: (call) => ({ status: 200, headers: etagHeader(get(call).version) }),
    },
    { method: 'PUT', path, versions, handle: put },
    { method: 'DELETE', path, versions, handle: remove },
    { method: 'POST', path: `${path}/refreshSecret`, versions, handle: refresh },
  ];
}

function certificateToWire(one: Certificate, type: string): Record<string, unknown> {
  return {
    id: one.id,
    type,
    name: one.name,
    properties: {
      subject: one.certificate?.subject ?? null,
      thumbprint: one.certificate?.thumbprint ?? null,
      expirationDate: one.certificate?.expirationDate ?? null,
      ...(one.keyVault === undefined ? {} : { keyVault: one.keyVault }),
    },
  };
}

/** The fields that the reference lists for `$filter`. */
function filterField(one: Certificate, name: string): string | undefined {
  switch (name.toLowerCase().replace(/^properties\//, '')) {
    case 'name':
      return one.name;
    case 'subject':
      return one.certificate?.subject;
    case 'thumbprint':
      return one.certificate?.thumbprint;
    case 'expirationdate':
      return one.certificate?.expirationDate;
    default:
      throw unsupportedFilter(name);
  }
}
