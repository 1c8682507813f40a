/** Errors as API Management words them; sources stand at each. */
import { AzureFault } from '../service.ts';

/** A validation error's one detail: the field and what is wrong with it. Source: Azure/apiops#257. */
export function validationFault(target: string, message: string): AzureFault {
  return new AzureFault(400, 'ValidationError', 'One or more fields contain incorrect values:', {
    details: [{ code: 'ValidationError', target, message }],
  });
}

/** What a service refuses for a reason outside the fields. Source of the code: azurerm#7909. */
export function invalidOperation(message: string): AzureFault {
  return new AzureFault(400, 'InvalidOperation', message);
}

/** A service request with a parameter that cannot be. Source of code and beginning: azurerm#5874. */
export function invalidParameter(message: string): AzureFault {
  return new AzureFault(400, 'InvalidParameters', `Invalid parameter: ${message}`);
}

/** An entity inside a service that is not there, e.g. `Certificate not found.` */
export function entityNotFound(entity: string): AzureFault {
  return new AzureFault(404, 'ResourceNotFound', `${entity} not found.`);
}

/** Another infrastructure change is under way. Source of the wording: azurerm issue threads. */
export function serviceLocked(serviceName: string): AzureFault {
  return new AzureFault(
    409,
    'ServiceLocked',
    `The API Service ${serviceName} is transitioning at this time. Please try the request again later.`,
  );
}

/** Two changes at once. Source of the code: azurerm issue threads; the wording is assumed. */
export function concurrencyConflict(serviceName: string): AzureFault {
  return new AzureFault(
    409,
    'PessimisticConcurrencyConflict',
    `The API Service ${serviceName} is being changed by another request. Please try the request again later.`,
  );
}
