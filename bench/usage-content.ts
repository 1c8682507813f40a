/** A service full of APIs and policies, some of which refer to a certificate. */
import type { AzureWire } from '../local/seed/azure-wire.ts';
import { readCertificate } from '../local/seed/certificates.ts';
import { API } from '../local/seed/fleet.ts';
import { inTurns, ROTATED, serviceOf } from './fleet.ts';

export interface ContentSize {
  readonly apis: number;
  /** Operations of each API; each has a policy, and so has each API. */
  readonly operations: number;
}

/** The service that is filled: the first of the fleet. */
export const FILLED = serviceOf(0);
/** One operation in so many presents the certificate, by its id. */
const EVERY = 10;

const CONTENT = (attribute: string): string =>
  `<policies><inbound><base />${attribute}</inbound><backend><base /></backend><outbound><base /></outbound></policies>`;
const presents = (attribute: string): string =>
  CONTENT(`<authentication-certificate ${attribute} />`);
const plain = (text: string): string =>
  CONTENT(`<set-header name="x-bench"><value>${text}</value></set-header>`);

/** @returns how many policies refer to the rotated certificate; one of them by its thumbprint */
export async function fillService(azure: AzureWire, size: ContentSize): Promise<number> {
  const { apis, operations } = size;
  const thumbprint = (await readCertificate(azure, 'contoso-kv', ROTATED))?.thumbprint ?? '';
  let refer = 0;
  const ids = Array.from({ length: apis }, (_, at) => `bench-api-${String(at).padStart(3, '0')}`);
  await inTurns(ids, async (api, at) => {
    await put(azure, `apis/${api}`, { displayName: api, path: api, protocols: ['https'] });
    await putPolicy(azure, `apis/${api}`, plain('api'));
    for (let one = 0; one < operations; one += 1) {
      const path = `apis/${api}/operations/op-${String(one)}`;
      const name = `op-${String(one)}`;
      await put(azure, path, { displayName: name, method: 'GET', urlTemplate: `/${name}` });
      const number = at * operations + one;
      if (number % EVERY === 0) refer += 1;
      const attribute = number === 0 ? `thumbprint="${thumbprint}"` : `certificate-id="${ROTATED}"`;
      await putPolicy(azure, path, number % EVERY === 0 ? presents(attribute) : plain('before'));
    }
  });
  return refer;
}

/** Changes one policy that refers to nothing, each time to something else. */
export async function changeOnePolicy(azure: AzureWire, time: number): Promise<void> {
  await putPolicy(azure, 'apis/bench-api-000/operations/op-1', plain(`after ${time}`));
}

async function putPolicy(azure: AzureWire, owner: string, value: string): Promise<void> {
  await put(azure, `${owner}/policies/policy`, { format: 'rawxml', value });
}

async function put(azure: AzureWire, path: string, properties: object): Promise<void> {
  const address = `management.azure.com${FILLED}/${path}?api-version=${API.apiManagement}`;
  await azure.ask('PUT', address, { body: { properties }, headers: { 'if-match': '*' } });
}
