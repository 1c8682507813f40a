/** Errors as Microsoft Graph words them; sources stand at each. */
import { randomUUID } from 'node:crypto';
import { AzureFault, type AzureRequest, type AzureResponse, type Clock } from '../service.ts';

/** Source of the code: "Microsoft Graph error responses"; the sentences are each caller's. */
export function badRequest(message: string): AzureFault {
  return new AzureFault(400, 'Request_BadRequest', message);
}

/** Source: the message that threads on unknown object ids quote, e.g. azure-docs-powershell-azuread#557. */
export function resourceNotFound(id: string): AzureFault {
  return new AzureFault(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** Source: "Resolve Microsoft Graph authorization errors". */
export function requestDenied(): AzureFault {
  return new AzureFault(
    403,
    'Authorization_RequestDenied',
    'Insufficient privileges to complete the operation.',
  );
}

/** Source: "Resolve Microsoft Graph authorization errors" and the two sentences quoted in threads. */
export function unauthenticated(why: 'empty' | 'audience'): AzureFault {
  return new AzureFault(
    401,
    'InvalidAuthenticationToken',
    why === 'empty'
      ? 'Access token is empty.'
      : 'Access token validation failure. Invalid audience.',
    {
      headers: {
        'www-authenticate':
          'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
      },
    },
  );
}

/**
 * What is wrong with a date of a credential. Source of code, message and detail: reports of
 * `KeyCredentialsInvalidEndDate` with the detail `InvalidKeyEndDate`; the start's is assumed alike.
 */
export function invalidKeyDate(which: 'Start' | 'End'): AzureFault {
  const message = `Key credential ${which.toLowerCase()} date is invalid.`;
  return new AzureFault(400, `KeyCredentialsInvalid${which}Date`, message, {
    details: [
      {
        code: `InvalidKey${which}Date`,
        message,
        target: `keyCredentials.${which.toLowerCase()}DateTime`,
      },
    ],
  });
}

/** Source of the code: reports of an empty key in a new credential; the sentence is assumed. */
export function invalidKeyValue(why: string): AzureFault {
  return new AzureFault(
    400,
    'KeyCredentialsInvalidValue',
    `Key credential value is invalid: ${why}`,
  );
}

/**
 * Source of the sentence: azure-powershell#6784, #6219; of `KeyNotUpdatable`: what the portal
 * showed of it (active-directory-dotnet-graphapi-b2bportal-web#8).
 */
export function keyNotUpdatable(keyId: string): AzureFault {
  const message = `Update to existing credential with KeyId '${keyId}' is not allowed.`;
  return new AzureFault(400, 'Request_BadRequest', message, {
    details: [{ code: 'KeyNotUpdatable', message, target: 'keyCredentials' }],
  });
}

/** The error's body: `{"error":{"code","message","details"?,"innerError"}}` with the request's ids. */
export function toGraphError(
  fault: AzureFault,
  request: AzureRequest,
  clock: Clock,
): AzureResponse {
  const requestId = randomUUID();
  const given = request.headers['client-request-id'];
  const clientRequestId = typeof given === 'string' ? given : requestId;
  return {
    status: fault.status,
    headers: { ...fault.headers, 'request-id': requestId, 'client-request-id': clientRequestId },
    body: {
      error: {
        code: fault.code,
        message: fault.message,
        ...(fault.details !== undefined && { details: fault.details }),
        innerError: {
          date: clock.now().toISOString().slice(0, 19),
          'request-id': requestId,
          'client-request-id': clientRequestId,
        },
      },
    },
  };
}
