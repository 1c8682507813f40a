import type { HostedFunction } from '../../../local/host/function-index.ts';
import { answerPing, makeAdmin } from '../../../local/host/http/admin.ts';
import type { HttpAnswer } from '../../../local/host/http/http-data.ts';
import { conforms } from '../../support/conformance.ts';
import { eventGridFunction, httpFunction, registered } from '../../support/host/functions.ts';

const MANUALLY =
  'https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http';
const DISABLE = 'https://learn.microsoft.com/azure/azure-functions/disable-function';
const HOST = 'Azure/azure-functions-host src/WebJobs.Script.WebHost/Controllers/HostController.cs';
const FUNCTIONS =
  'Azure/azure-functions-host src/WebJobs.Script.WebHost/Controllers/FunctionsController.cs';

const hello = httpFunction({ name: 'hello', route: 'hello/{name}' });
const off: HostedFunction = { ...eventGridFunction('off'), disabled: true };
const timer: HostedFunction = {
  ...{ kind: 'timerTrigger', name: 'Sweep', triggerName: 'timer', disabled: false },
  registered: registered('Sweep', {
    timer: { type: 'timerTrigger', direction: 'in', schedule: '%WHEN%' },
  }),
  ...{ schedule: '0 0 * * * *', runOnStartup: false, useMonitor: true },
};
const work: HostedFunction = {
  ...{ kind: 'orchestrationTrigger', name: 'work', triggerName: 'context', disabled: false },
  registered: registered('work'),
};

const ran: unknown[] = [];
beforeEach(() => void (ran.length = 0));
const admin = makeAdmin({
  ...{ baseUrl: 'http://127.0.0.1:7071', hostId: 'the-host' },
  functions: [hello, off, timer, work],
  routeOf: (fn) => (fn.kind === 'httpTrigger' ? `/api/${fn.route}` : undefined),
  run: (fn, input) => ran.push([fn.name, input]),
});

function ask(method: string, path: string, body?: string, type = 'application/json'): HttpAnswer {
  return admin(
    {
      method,
      url: new URL(path, 'http://127.0.0.1:7071'),
      headers: body === undefined ? {} : { 'content-type': type },
    },
    Buffer.from(body ?? ''),
  );
}

const text = ({ body }: HttpAnswer): string => Buffer.from(body).toString().trimEnd();
const json = (answer: HttpAnswer): unknown => JSON.parse(text(answer));

describe('The host', () => {
  conforms(HOST, 'tells its state, its version and how long it has been up', () => {
    const answer = ask('GET', '/admin/host/status');
    expect(answer.status).toBe(200);
    expect(json(answer)).toEqual({
      id: 'the-host',
      state: 'Running',
      version: expect.stringMatching(/^4\./) as unknown,
      versionDetails: expect.any(String) as unknown,
      processUptime: expect.any(Number) as unknown,
    });
  });

  conforms(HOST, 'answers a ping, by GET and by POST, with nothing to keep', () => {
    for (const method of ['GET', 'POST']) {
      const answer = answerPing(method);
      expect([answer.status, text(answer)]).toEqual([200, '']);
      expect(answer.headers['cache-control']).toBe('no-store');
    }
    expect(answerPing('DELETE').status).toBe(405);
  });
});

describe('Functions', () => {
  conforms(FUNCTIONS, 'are listed, those that are switched off as well', () => {
    expect(json(ask('GET', '/admin/functions'))).toMatchObject([
      { name: 'hello', isDisabled: false },
      { name: 'off', isDisabled: true },
      { name: 'Sweep', isDisabled: false },
      { name: 'work', isDisabled: false },
    ]);
  });

  conforms(FUNCTIONS, 'are described one by one, their names in any case of letters', () => {
    const answer = ask('GET', '/admin/functions/SWEEP/');
    expect(json(answer)).toMatchObject({
      name: 'Sweep',
      href: 'http://127.0.0.1:7071/admin/functions/Sweep',
      invoke_url_template: null,
      config: { bindings: [{ name: 'timer', type: 'timerTrigger', schedule: '%WHEN%' }] },
    });
    expect(json(ask('GET', '/admin/functions/hello'))).toMatchObject({
      invoke_url_template: 'http://127.0.0.1:7071/api/hello/{name}',
    });
  });

  conforms(FUNCTIONS, 'have a status without errors', () => {
    expect(json(ask('GET', '/admin/functions/Sweep/status'))).toEqual({});
    expect(ask('GET', '/admin/functions/nobody/status').status).toBe(404);
    expect(ask('POST', '/admin/functions/Sweep/status', '{}').status).toBe(405);
  });

  conforms(FUNCTIONS, 'that are not there are not found', () => {
    expect(ask('GET', '/admin/functions/nobody').status).toBe(404);
    expect(ask('POST', '/admin/functions/nobody', '{}').status).toBe(404);
  });
});

describe('A function that is run by hand', () => {
  conforms(MANUALLY, 'is given the input, and nobody waits for it', () => {
    expect(ask('POST', '/admin/functions/Sweep', '{"input":"test"}').status).toBe(202);
    expect(ask('POST', '/admin/functions/Sweep', '{}').status).toBe(202);
    expect(ran).toEqual([
      ['Sweep', 'test'],
      ['Sweep', undefined],
    ]);
  });

  conforms(FUNCTIONS, 'asks for JSON that is called so', () => {
    expect(ask('POST', '/admin/functions/Sweep').status).toBe(415);
    expect(ask('POST', '/admin/functions/Sweep', '{}', 'text/plain').status).toBe(415);
    for (const body of ['', 'null', '[]', '"x"', '{']) {
      expect(ask('POST', '/admin/functions/Sweep', body).status).toBe(400);
    }
    expect(ran).toEqual([]);
  });

  conforms(MANUALLY, 'has no HTTP trigger', () => {
    const answer = ask('POST', '/admin/functions/hello', '{}');
    expect([answer.status, text(answer)]).toEqual([
      400,
      'hello has an HTTP trigger: call /api/hello/{name}.',
    ]);
  });

  conforms(MANUALLY, 'is none that only an orchestration can call', () => {
    expect(ask('POST', '/admin/functions/work', '{}').status).toBe(400);
  });

  conforms(DISABLE, 'is not one that a setting has switched off, and that is said', () => {
    const answer = ask('POST', '/admin/functions/off', '{}');
    expect([answer.status, text(answer)]).toEqual([
      404,
      'The function off is disabled by AzureWebJobs.off.Disabled.',
    ]);
    expect(ran).toEqual([]);
  });
});
