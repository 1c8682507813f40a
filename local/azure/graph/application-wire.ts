/** Applications as the wire shows them, with `$select`. Source: application resource type. */
import type { AzureRequest } from '../service.ts';
import type { Application } from './applications.ts';
import { badRequest } from './faults.ts';
import type { KeyCredential } from './key-credentials.ts';

const METADATA = 'https://graph.microsoft.com/v1.0/$metadata#';

/** One application that was asked for by its id or appId. */
export function toSingle(request: AzureRequest, application: Application): Record<string, unknown> {
  const select = readSelect(request);
  // "Returned only on $select for a single object, …; otherwise, it is always null."
  const showsKeys = select?.includes('keyCredentials') === true;
  return {
    '@odata.context': `${METADATA}applications${selected(select)}/$entity`,
    ...pick(toWire(application, showsKeys), select),
  };
}

/** Several of them; a list never shows a key. It is not paged: there are few. */
export function toList(
  request: AzureRequest,
  applications: readonly Application[],
): Record<string, unknown> {
  const select = readSelect(request);
  return {
    '@odata.context': `${METADATA}applications${selected(select)}`,
    value: applications.map((application) => pick(toWire(application, false), select)),
  };
}

function toWire(application: Application, showsKeys: boolean): Record<string, unknown> {
  const { id, appId, displayName, createdDateTime, keyCredentials, more } = application;
  return {
    id,
    deletedDateTime: null,
    appId,
    createdDateTime,
    displayName,
    signInAudience: 'AzureADMyOrg',
    tags: [],
    passwordCredentials: [],
    ...more,
    keyCredentials: keyCredentials.map((one): Record<keyof KeyCredential, unknown> => ({
      ...one,
      key: showsKeys ? one.key : null,
    })),
  };
}

function readSelect(request: AzureRequest): readonly string[] | undefined {
  const text = request.query('$select');
  if (text === undefined || text === '') return undefined;
  return text.split(',').map((name) => name.trim());
}

function selected(select: readonly string[] | undefined): string {
  return select === undefined ? '' : `(${select.join(',')})`;
}

/** Thrown for a property that there is not: 400, worded as OData's parser does. */
function pick(
  whole: Readonly<Record<string, unknown>>,
  select: readonly string[] | undefined,
): Record<string, unknown> {
  if (select === undefined) return whole;
  return Object.fromEntries(
    select.map((name) => {
      if (name in whole) return [name, whole[name]];
      throw badRequest(
        `Could not find a property named '${name}' on type 'microsoft.graph.application'.`,
      );
    }),
  );
}
