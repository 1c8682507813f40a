/**
 * `…/policies/policy`: the policy document of a service, an API, an operation, a resolver, a product or
 * a workspace. Source: REST reference, Policy, Api Policy and the others, 2024-05-01.
 */
import { z } from 'zod';
import { AzureFault } from '../service.ts';
import type { ArmCall, ArmRoute } from '../resource-manager/route.ts';
import type { Certificates } from './certificate-store.ts';
import {
  certificateByThumbprint,
  certificateName,
  thumbprintRefusal,
} from './certificate-references.ts';
import type { Place, Spot } from './entity-place.ts';
import { entityFolder, type Draft, type EntityParts } from './entity-routes.ts';
import { childKey, ownerKey, type Entity } from './entity-store.ts';
import { validationFault } from './faults.ts';
import {
  elementFault,
  literals,
  readPolicy,
  usesOf,
  type PolicyElement,
} from './policy-document.ts';
import { convertPolicy, type PolicyFormat } from './policy-format.ts';
import { readProperties } from './read-properties.ts';

export interface PolicyParts extends EntityParts {
  readonly certificates: Certificates;
}

/**
 * A resolver's document is its data source itself.
 * Source: policy reference ("HTTP data source for a resolver" and its two sisters);
 * "ApiManagementCreateGraphQLApiResolverPolicy" in the API specification.
 */
const DATA_SOURCES = ['http-data-source', 'cosmosdb-data-source', 'sql-data-source'];

export function policyRoutes(place: Place, parts: PolicyParts): readonly ArmRoute[] {
  const roots = place.path.includes('/resolvers/') ? DATA_SOURCES : ['policies'];
  const folder = entityFolder(
    place,
    {
      collection: 'apim.policies',
      segment: 'policies',
      parameter: 'policyId',
      title: 'Policy',
      // Source: PolicyIdName in the API specification has this one value.
      idPattern: /^policy$/i,
      read: (properties, { spot }) => readPolicyText(properties, roots, spot, parts),
      show: showPolicy,
    },
    parts,
  );
  return folder.routes;
}

const textSchema = z.looseObject({
  value: z.string(),
  format: z.enum(['xml', 'rawxml', 'xml-link', 'rawxml-link']).default('xml'),
});

/**
 * What is kept of a document: the text just as it was given.
 * Thrown when it cannot be: 400 `ValidationError`; a link is refused, since nothing is fetched here.
 */
export function readPolicyText(
  given: unknown,
  roots: readonly string[],
  spot: Spot,
  parts: PolicyParts,
): Draft {
  const { value, format } = readProperties(given, textSchema);
  if (format === 'xml-link' || format === 'rawxml-link') {
    throw validationFault('format', `The format '${format}' is not simulated: send the document.`);
  }
  const elements = readPolicy(value, format, roots);
  checkReferences(elements, spot, parts);
  return { properties: { value, format }, uses: usesOf(elements) };
}

/**
 * A document in the format that a request asks for. Source: `format` in the reference, `xml` by default;
 * the answer to a PUT is `xml` whatever was put ("ApiManagementCreateApiPolicyNonXmlEncoded"). Lists
 * show the whole document as `xml` ("ApiManagementListApiPolicies", "ApiManagementListPolicyFragments").
 */
export function showPolicy({ properties }: Entity, call: ArmCall): Record<string, unknown> {
  const asked = call.request.query('format') ?? 'xml';
  if (asked !== 'xml' && asked !== 'rawxml') {
    throw new AzureFault(400, 'BadRequest', `The format '${asked}' is not one of xml, rawxml.`);
  }
  const { value, format, ...rest } = properties;
  const kept: PolicyFormat = format === 'rawxml' ? 'rawxml' : 'xml';
  return { ...rest, format: asked, value: convertPolicy(String(value), kept, asked) };
}

function checkReferences(
  elements: readonly PolicyElement[],
  { owner }: Spot,
  { entities, certificates, settings }: PolicyParts,
): void {
  for (const { element, value } of literals(elements, 'fragment-id')) {
    const key = childKey(ownerKey(owner), 'policyFragments', value);
    if (entities.find('apim.policyFragments', key) !== undefined) continue;
    // Source: Azure/apiops#67.
    throw elementFault(element, `Policy fragment with id '${value}' could not be found.`);
  }
  // What becomes of a certificate that is not there no source tells; the words are those of backends.
  const refuseUnknown = settings.policyWithUnknownCertificate() === 'refuse';
  for (const { element, value } of literals(elements, 'certificate-id')) {
    if (!refuseUnknown || certificates.find(owner, certificateName(value)) !== undefined) continue;
    throw elementFault(element, `Certificate with id '${value}' not found.`);
  }
  for (const { element, value } of literals(elements, 'thumbprint')) {
    if (element.name !== 'authentication-certificate') continue;
    const found = certificateByThumbprint(certificates, owner, value);
    if (found === undefined && refuseUnknown) {
      throw elementFault(element, `Certificate with thumbprint '${value}' not found.`);
    }
    if (found?.keyVault === undefined) continue;
    if (settings.thumbprintOfKeyVaultCertificate() === 'refuse') {
      throw elementFault(element, thumbprintRefusal(found));
    }
  }
}
