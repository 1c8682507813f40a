import {
  errorOf,
  makeServiceWorld,
  SERVICE,
  WORKSPACE,
  type ServiceWorld,
} from '../../support/azure/service-world.ts';

describe('tags', () => {
  let world: ServiceWorld;
  beforeEach(async () => {
    world = await makeServiceWorld();
  });
  afterEach(() => world.close());

  it.each([
    ['a service', SERVICE, 'Microsoft.ApiManagement/service/tags'],
    ['a workspace', WORKSPACE, 'Microsoft.ApiManagement/service/workspaces/tags'],
  ])('of %s are made, read, changed and deleted', async (_, at, type) => {
    const id = `${at}/tags/team`;
    const made = await world.put(id, { displayName: 'Team A' });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({ id, type, name: 'team', properties: { displayName: 'Team A' } });
    expect((await world.get(id)).headers['etag']).toBe(made.headers['etag']);
    const etag = made.headers['etag'] ?? '';
    const change = (ifMatch: string) =>
      world.ask('PUT', id, { properties: { displayName: 'Team B' } }, { 'if-match': ifMatch });
    expect((await change(etag)).status).toBe(200);
    expect((await change(etag)).status).toBe(412);
    expect((await world.remove(id, '*')).status).toBe(200);
    expect((await world.get(id)).status).toBe(404);
  });

  it('have a name of 1 to 160 characters', async () => {
    for (const displayName of ['', 'x'.repeat(161), undefined]) {
      const answer = await world.put(`${SERVICE}/tags/team`, { displayName });
      expect(answer.status).toBe(400);
      expect(errorOf(answer)).toBeDefined();
    }
  });

  it.each([
    ['refuse', 412],
    ['accept', 200],
  ])('%s to be written over without If-Match, as is assumed', async (choice, status) => {
    world.arm.put({ 'assumptions.updateWithoutIfMatch': choice });
    const id = `${SERVICE}/tags/team`;
    await world.put(id, { displayName: 'A' });
    expect((await world.put(id, { displayName: 'B' })).status).toBe(status);
  });
});
