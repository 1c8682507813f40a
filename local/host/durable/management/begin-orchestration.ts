import type { DurableHttpRequest, DurableHttpResponse } from '../extension.ts';
import { isFinished } from '../history.ts';
import { checkStatusLinks } from '../management-links.ts';
import { readNumber } from '../query-string.ts';
import { toStatusPayload } from '../status-payload.ts';
import type { NewInstance } from '../store.ts';
import { readTrace } from '../trace-context.ts';
import { answer } from './answer.ts';
import type { HttpApiOptions } from './http-api-options.ts';

/** Begins an orchestration and answers as the caller asked to be answered. */
export async function beginOrchestration(
  options: HttpApiOptions,
  request: DurableHttpRequest,
  instance: NewInstance,
): Promise<DurableHttpResponse> {
  const { engine } = options;
  const { id, name } = instance;
  if (engine.functions.orchestrator(name) === undefined) {
    const known = engine.functions
      .orchestratorNames()
      .map((one) => `'${one}'`)
      .join(', ');
    return answer(400, {
      Message: `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function. The app's orchestrator functions are: ${known || 'none'}.`,
    });
  }
  const trace = readTrace(request.headers) ?? null;
  const created = await engine.createSoon({ ...instance, trace });
  if (created.kind === 'exists') {
    return answer(409, {
      Message: `An orchestration instance with the id '${id}' is ${created.status} already.`,
    });
  }
  return accepted(options, request, id);
}

/** Answers at once, or when the orchestration has ended within the caller's timeout. */
async function accepted(
  { engine, links }: HttpApiOptions,
  request: DurableHttpRequest,
  id: string,
): Promise<DurableHttpResponse> {
  const query = request.url.searchParams;
  const timeout = readNumber(query, 'timeout');
  if (timeout !== undefined && readNumber(query, 'pollingInterval') !== undefined) {
    await engine.waitForEnd(id, timeout * 1000);
    const ended = engine.store.find(id);
    if (ended !== undefined && isFinished(ended.status)) {
      const payload = toStatusPayload(ended, true);
      return answer(200, ended.status === 'Completed' ? payload.output : payload);
    }
  }
  const urls = checkStatusLinks({ ...links, origin: request.url.origin }, id);
  return answer(202, urls, { Location: urls.statusQueryGetUri, 'Retry-After': '10' });
}
