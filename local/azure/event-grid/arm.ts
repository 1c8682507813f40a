/** What the resource types of `Microsoft.EventGrid` share: addresses, versions, errors, bodies. */
import type { z } from 'zod';
import { AzureFault, type AzureRequest } from '../service.ts';

/** The stable and preview versions of the provider since 2020. */
const API_VERSIONS = [
  '2020-06-01',
  '2021-12-01',
  '2022-06-15',
  '2023-12-15-preview',
  '2024-06-01-preview',
  '2024-12-15-preview',
  '2025-02-15',
  '2025-04-01-preview',
];

/** A request to `{scope}/providers/Microsoft.EventGrid/{rest}`. */
export interface GridAddress {
  /** ARM id before the provider, starting with `/`; of a resource, a group or a subscription. */
  readonly scope: string;
  readonly rest: readonly string[];
}

export function readAddress(request: AzureRequest): GridAddress {
  const { segments } = request;
  const at = segments.findLastIndex(
    (segment, index) =>
      segment.toLowerCase() === 'microsoft.eventgrid' &&
      segments[index - 1]?.toLowerCase() === 'providers',
  );
  return { scope: `/${segments.slice(0, at - 1).join('/')}`, rest: segments.slice(at + 1) };
}

/** Thrown for a version that the provider does not have: AzureFault 400. */
export function requireApiVersion(request: AzureRequest, type: string): void {
  const version = request.query('api-version') ?? '';
  if (API_VERSIONS.includes(version)) return;
  throw new AzureFault(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for API version '${version}' for type '${type}'. The supported api-versions are '${API_VERSIONS.join(', ')}'.`,
  );
}

export function resourceNotFound(type: string, name: string): AzureFault {
  return new AzureFault(
    404,
    'ResourceNotFound',
    `The Resource 'Microsoft.EventGrid/${type}/${name}' was not found.`,
  );
}

/** `InvalidRequest` is the provider's code for what it cannot accept. */
export function invalidRequest(message: string): AzureFault {
  return new AzureFault(400, 'InvalidRequest', message);
}

/** Thrown when the body does not fit: AzureFault 400 naming the property. */
export function readBody<Schema extends z.ZodType>(
  request: AzureRequest,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(request.json());
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidRequest(
    `Invalid value found at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  );
}
