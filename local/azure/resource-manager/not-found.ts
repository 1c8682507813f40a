/** "Not found" as Resource Manager words it; troubleshooting page "Resolve resource not found errors". */
import { AzureFault } from '../service.ts';

export function resourceNotFound(type: string, name: string, resourceGroup: string): AzureFault {
  return new AzureFault(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. ` +
      'For more details please go to https://aka.ms/ARMResourceNotFoundFix',
  );
}
