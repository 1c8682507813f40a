import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCorsSettings } from '../../../local/host/cors-settings.ts';
import type { CorsSettings } from '../../../local/host/http/cors.ts';
import { readLocalSettings } from '../../../local/host/local-settings.ts';
import { conforms } from '../../support/conformance.ts';
import {
  cleanUpHosts,
  startHostProcess,
  type ServingHost,
} from '../../support/host/host-process.ts';
import { httpApp } from '../../support/host/http-app.ts';
import { temporaryFolder } from '../../support/host/temporary-folder.ts';

const LOCAL_SETTINGS =
  'https://learn.microsoft.com/azure/azure-functions/functions-develop-local#local-settings-file';
const OPTION =
  'https://learn.microsoft.com/azure/azure-functions/functions-core-tools-reference#func-start';
const STARTUP = 'Azure/azure-functions-core-tools src/Cli/func/Actions/HostActions/Startup.cs';
const SERVICE = 'dotnet/aspnetcore src/Middleware/CORS/src/Infrastructure/CorsService.cs';

const [page, other] = ['https://page.example', 'http://other.example:8080'];
let host: ServingHost;
beforeAll(async () => {
  host = await startHostProcess({
    files: {
      'app.cjs': httpApp,
      'local.settings.json': JSON.stringify({
        IsEncrypted: false,
        Values: {},
        Host: { CORS: `${page},${other}/`, CORSCredentials: true },
      }),
    },
    args: ['--require-keys'],
  });
});
afterAll(cleanUpHosts);

const from = (origin: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${host.url}/api/one?code=${host.keys.functionDefault}`, {
    method,
    headers: { origin, ...headers },
  });
const corsHeaders = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => /^access-control|^vary/.test(name)));

describe('A page of an allowed origin', () => {
  conforms(LOCAL_SETTINGS, 'gets answers that it may read, with credentials', async () => {
    for (const origin of [page, other]) {
      const answer = await from(origin);
      expect(await answer.text()).toBe('one');
      expect(corsHeaders(answer)).toEqual({
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        vary: 'Origin',
      });
    }
  });

  conforms(STARTUP, 'may use any method and any header', async () => {
    const answer = await from(
      page,
      {
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'x-functions-key,content-type',
      },
      'OPTIONS',
    );
    expect(answer.status).toBe(204);
    expect(corsHeaders(answer)).toEqual({
      'access-control-allow-origin': page,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'PATCH',
      'access-control-allow-headers': 'x-functions-key,content-type',
      vary: 'Origin',
    });
  });

  conforms(SERVICE, 'needs no key to ask beforehand, and one to call', async () => {
    const headers = { origin: page, 'access-control-request-method': 'GET' };
    const asked = await fetch(`${host.url}/api/one`, { method: 'OPTIONS', headers });
    expect(asked.status).toBe(204);
    const called = await fetch(`${host.url}/api/one`, { headers: { origin: page } });
    expect(called.status).toBe(401);
    expect(called.headers.get('access-control-allow-origin')).toBe(page);
  });

  conforms(SERVICE, 'that asks with OPTIONS for itself gets what the function says', async () => {
    const answer = await fetch(`${host.url}/api/seen`, {
      method: 'OPTIONS',
      headers: { origin: page },
    });
    expect(await answer.json()).toMatchObject({ method: 'OPTIONS' });
  });
});

describe('A page of another origin', () => {
  // ASP.NET Core would run the function and only not let the page read the answer.
  conforms(SERVICE, 'reads nothing, and nothing is run for it', async () => {
    for (const origin of ['https://page.example.evil', 'http://page.example', 'null']) {
      const answer = await from(origin);
      expect(answer.status).toBe(403);
      expect(corsHeaders(answer)).toEqual({});
      const asked = await from(origin, { 'access-control-request-method': 'GET' }, 'OPTIONS');
      expect(corsHeaders(asked)).toEqual({});
    }
  });
});

describe('Allowed origins', () => {
  const folder = temporaryFolder();
  const read = (
    sources: { given?: CorsSettings; local?: string; environment?: Record<string, string> } = {},
  ) => {
    writeFileSync(join(folder, 'local.settings.json'), sources.local ?? '{}');
    const given = sources.given ?? readLocalSettings(folder).cors;
    return readCorsSettings(sources.environment ?? {}, given);
  };
  const local = (Host: unknown) => JSON.stringify({ Host });

  conforms(OPTION, 'are those of the command line where it names some', async () => {
    const given = { origins: [page], credentials: false };
    expect(read({ given, local: local({ CORS: other, CORSCredentials: true }) })).toEqual(given);
  });

  conforms(LOCAL_SETTINGS, 'may be all, without credentials', async () => {
    expect(read({ local: local({ CORS: '*' }) })).toEqual({ origins: ['*'], credentials: false });
    expect(() => read({ local: local({ CORS: '*', CORSCredentials: true }) })).toThrow(
      '"*" cannot be combined with credentials',
    );
  });

  conforms(
    'Azure/azure-functions-host src/WebJobs.Script.WebHost/Configuration/HostCorsOptionsSetup.cs',
    'may be a JSON list in a setting',
    async () => {
      const environment = {
        CORS_ALLOWED_ORIGINS: JSON.stringify([page, other]),
        CORS_SUPPORT_CREDENTIALS: 'true',
      };
      expect(read({ environment })).toEqual({ origins: [page, other], credentials: true });
      expect(() => read({ environment: { CORS_ALLOWED_ORIGINS: page } })).toThrow('JSON list');
    },
  );

  conforms(LOCAL_SETTINGS, 'are none when nobody names any', async () => {
    const none = { origins: [], credentials: false };
    expect(read()).toEqual(none);
    expect(read({ local: local({ CORS: '' }) })).toEqual(none);
  });

  conforms(SERVICE, 'are origins, not addresses or names', async () => {
    for (const origin of ['page.example', `${page}/path`, 'ftp://page.example']) {
      expect(() => read({ local: local({ CORS: origin }) })).toThrow('is no origin');
    }
    expect(read({ local: local({ CORS: 'HTTPS://Page.Example:443/' }) }).origins).toEqual([page]);
  });
});
