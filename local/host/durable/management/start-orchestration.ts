import { randomUUID } from 'node:crypto';
import type { DurableHttpRequest, DurableHttpResponse } from '../extension.ts';
import { tryParse } from '../json.ts';
import { readText } from '../query-string.ts';
import { answer } from './answer.ts';
import { beginOrchestration } from './begin-orchestration.ts';
import type { HttpApiOptions } from './http-api-options.ts';

/** `POST orchestrators/{functionName}[/{instanceId}]` */
export async function startOrchestration(
  options: HttpApiOptions,
  request: DurableHttpRequest,
  name: string,
  wantedId: string | undefined,
): Promise<DurableHttpResponse> {
  const body = request.body.toString();
  if (body.length > 0 && tryParse(body) === undefined) {
    return answer(400, { Message: 'Invalid JSON content' });
  }
  const id = wantedId ?? randomUUID().replaceAll('-', '');
  const wrong = describeBadId(id);
  if (wrong !== undefined) return answer(400, { Message: wrong });
  return beginOrchestration(options, request, {
    id,
    name,
    version: readText(request.url.searchParams, 'version') ?? options.defaultVersion,
    input: body.length > 0 ? body : null,
    parent: null,
  });
}

/** https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management */
function describeBadId(id: string): string | undefined {
  if (id.length > 100) return `The instance id has ${id.length} characters; 100 are allowed.`;
  if (id.startsWith('@')) return `The instance id '${id}' must not start with '@'.`;
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  const wrong = /[/\\#?\u0000-\u001f\u007f-\u009f]/.exec(id)?.[0];
  return wrong === undefined
    ? undefined
    : `The instance id must not hold the character ${JSON.stringify(wrong)}.`;
}
