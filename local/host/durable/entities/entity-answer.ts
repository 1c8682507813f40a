/**
 * The answer to an entity request, as the event that the orchestration waits for: JSON text
 * (durable-functions lib/src/entities/ResponseMessage.js).
 * @param result JSON text; undefined for none
 */
export function toAnswer(result: string | undefined, isError: boolean): string {
  return JSON.stringify({ result: result ?? null, ...(isError && { exceptionType: 'Error' }) });
}

/** What the last entity of a lock set answers: that it comes is all that counts. */
export const lockAcquired = toAnswer(JSON.stringify('Lock Acquisition Completed'), false);
