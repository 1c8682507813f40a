import { messageOf, stackOf } from './error-text.ts';
import type { FailureDetails, TaskOutcome } from './history.ts';
import { isRecord, tryParse } from './json.ts';

/**
 * What an orchestrator is told of an activity that threw, in the words of Azure's extension
 * (TaskActivityShim.cs): `durable-functions` joins reason and details into the error's message.
 */
export function toActivityFailure(activity: string, error: unknown): TaskOutcome {
  const message = messageOf(error);
  const failureDetails = readFailureDetails(message);
  return {
    kind: 'failed',
    reason: `Activity function '${activity}' failed: ${failureDetails?.ErrorMessage ?? message}`,
    details: JSON.stringify({
      ClassName: 'System.Exception',
      Message: failureDetails?.ErrorMessage ?? message,
      StackTraceString: stackOf(error),
    }),
    ...(failureDetails !== undefined && { failureDetails }),
  };
}

/**
 * With an exception properties provider the library sends a failure as JSON in place of the
 * message (durable-functions lib/src/error/ExceptionPropertiesProvider.js).
 */
function readFailureDetails(message: string): FailureDetails | undefined {
  const payload = message.startsWith('{') ? tryParse(message)?.value : undefined;
  if (!isRecord(payload)) return undefined;
  const properties = payload['properties'];
  const errorType = payload['errorType'];
  const errorMessage = payload['errorMessage'];
  const stackTrace = payload['stackTrace'];
  if (!isRecord(properties) || typeof errorType !== 'string') return undefined;
  if (typeof errorMessage !== 'string') return undefined;
  return {
    ErrorType: errorType,
    ErrorMessage: errorMessage,
    ...(typeof stackTrace === 'string' && { StackTrace: stackTrace }),
    IsNonRetriable: false,
    Properties: properties,
  };
}
