import {
  GROUP,
  makeFleetWorld,
  type Answer,
  type ArmWorld,
} from '../../support/azure/arm-world.ts';
import { makeTestCertificate, type TestCertificate } from '../../support/azure/make-pfx.ts';

const SERVICE = `${GROUP}/providers/Microsoft.ApiManagement/service/contoso-gw`;
const NEXT_UPDATE = '/services/contoso-gw/next-update';

describe('the update of a service', () => {
  let arm: ArmWorld;
  let mine: TestCertificate;
  let foreign: TestCertificate;
  beforeAll(async () => {
    mine = await makeTestCertificate('CN=Mine');
    foreign = await makeTestCertificate('CN=Foreign');
  });
  beforeEach(async () => {
    arm = await makeFleetWorld();
    arm.put({ 'apiManagement.operationSeconds': 0 });
    await arm.ask('PUT', SERVICE, {
      body: {
        location: 'westeurope',
        sku: { name: 'Developer', capacity: 1 },
        properties: { publisherEmail: 'a@contoso.com', publisherName: 'Contoso' },
      },
    });
    arm.put({ 'apiManagement.operationSeconds': 900 });
  });
  afterEach(() => arm.close());

  const entry = ({ der }: TestCertificate) => ({
    storeName: 'Root',
    encodedCertificate: der.toString('base64'),
  });
  const change = (...certificates: TestCertificate[]) => ({
    properties: { certificates: certificates.map(entry) },
  });
  const patch = (...certificates: TestCertificate[]): Promise<Answer> =>
    arm.ask('PATCH', SERVICE, { body: change(...certificates) });
  const thumbprints = async (): Promise<unknown> => {
    const answer = await arm.ask('GET', SERVICE);
    const certificates = (answer.at('properties', 'certificates') ?? []) as {
      certificate: { thumbprint: string };
    }[];
    return certificates.map(({ certificate }) => certificate.thumbprint);
  };
  const stateOf = async (started: Answer, header: string): Promise<Answer> =>
    arm.ask('GET', String(started.headers[header]).replace('https://management.azure.com', ''));
  const state = async (): Promise<unknown> =>
    (await arm.ask('GET', SERVICE)).at('properties', 'provisioningState');

  it('counts when it is over, and keeps others out until then', async () => {
    expect((await patch(mine)).status).toBe(202);
    expect(await thumbprints()).toEqual([]);
    const second = await patch(foreign);
    expect([second.status, second.at('error', 'code')]).toEqual([409, 'ServiceLocked']);
    arm.advance(901);
    expect(await thumbprints()).toEqual([mine.thumbprint]);
  });

  it('begins once when two are asked for at the same moment', async () => {
    const answers = await Promise.all([patch(mine), patch(foreign)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    arm.put({ 'apiManagement.operationSeconds': 0 });
    arm.advance(901);
    const quick = await Promise.all([patch(mine), patch(foreign)]);
    expect(quick.map((one) => one.at('error', 'code') ?? one.status)).toEqual([
      200,
      'PessimisticConcurrencyConflict',
    ]);
  });

  it('fails when it was said so, leaves everything as it was, and can be tried again', async () => {
    const fails = { code: 'ActivationFailed', message: 'The certificates were not installed.' };
    await arm.control('PUT', NEXT_UPDATE, { fails });
    const started = await patch(mine);
    expect(started.status).toBe(202);
    expect((await stateOf(started, 'azure-asyncoperation')).at('status')).toBe('InProgress');
    arm.advance(901);
    expect((await stateOf(started, 'azure-asyncoperation')).body).toMatchObject({
      status: 'Failed',
      error: fails,
    });
    expect((await stateOf(started, 'location')).at('error', 'code')).toBe('ActivationFailed');
    expect([await thumbprints(), await state()]).toEqual([[], 'Failed']);
    await patch(mine);
    arm.advance(901);
    expect([await thumbprints(), await state()]).toEqual([[mine.thumbprint], 'Succeeded']);
  });

  it('can fail although it was done', async () => {
    await arm.control('PUT', NEXT_UPDATE, { fails: {}, applied: true });
    const started = await patch(mine);
    arm.advance(901);
    expect((await stateOf(started, 'azure-asyncoperation')).at('error', 'code')).toBe(
      'InternalServerError',
    );
    expect(await thumbprints()).toEqual([mine.thumbprint]);
  });

  it('also fails by an operation when operations take no time', async () => {
    arm.put({ 'apiManagement.operationSeconds': 0 });
    await arm.control('PUT', NEXT_UPDATE, { fails: {} });
    const started = await patch(mine);
    expect(started.status).toBe(202);
    expect((await stateOf(started, 'azure-asyncoperation')).at('status')).toBe('Failed');
  });

  it('overwrites what somebody else installed just before it', async () => {
    await arm.control('PUT', NEXT_UPDATE, { before: change(foreign) });
    await patch(mine);
    expect(await thumbprints()).toEqual([foreign.thumbprint]);
    arm.advance(901);
    expect(await thumbprints()).toEqual([mine.thumbprint]);
  });

  it('is overwritten by what somebody else installs just after it', async () => {
    await arm.control('PUT', NEXT_UPDATE, { after: change(foreign) });
    const started = await patch(mine);
    arm.advance(901);
    expect((await stateOf(started, 'azure-asyncoperation')).at('status')).toBe('Succeeded');
    expect(await thumbprints()).toEqual([foreign.thumbprint]);
    await patch(mine, foreign);
    arm.advance(901);
    expect(await thumbprints()).toEqual([mine.thumbprint, foreign.thumbprint]);
  });

  it('ends as it was said after a restart too', async () => {
    await arm.control('PUT', NEXT_UPDATE, { after: change(foreign) });
    const again = arm.restarted();
    await again.ask('PATCH', SERVICE, { body: change(mine) });
    again.advance(901);
    const answer = await again.ask('GET', SERVICE);
    expect(answer.at('properties', 'certificates', 0, 'certificate', 'thumbprint')).toBe(
      foreign.thumbprint,
    );
  });

  it('is left alone when it was taken back, and is not said of a service that there is not', async () => {
    await arm.control('PUT', NEXT_UPDATE, { fails: {} });
    await arm.control('DELETE', NEXT_UPDATE);
    const started = await patch(mine);
    arm.advance(901);
    expect((await stateOf(started, 'azure-asyncoperation')).at('status')).toBe('Succeeded');
    const nowhere = await arm.control('PUT', '/services/nowhere/next-update', { fails: {} });
    expect(nowhere.status).toBe(404);
  });
});
