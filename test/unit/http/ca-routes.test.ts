import {
  makeAddCaRoute,
  makeListCaRoute,
  makeRemoveCaRoute,
} from '../../../functions/triggers/ca/ca-routes.ts';
import type { CaRoutePorts } from '../../../functions/triggers/ca/ca-ports.ts';
import { parseConsent } from '../../../shared/domain/consent.ts';
import { withHolders } from '../../../shared/domain/ca-record.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import type { Caller } from '../../../shared/http/caller.ts';
import type { Route } from '../../../shared/http/route.ts';
import { askRoute, type Ask } from '../../support/ask-route.ts';
import { SERVICE } from '../../support/ca-service.ts';
import { makeCaWorld, type CaWorldOptions } from '../../support/ca-world.ts';
import { sampleCa } from '../../support/sample-ca.ts';
import { makeBinding, makeLooks, SOURCE } from '../../support/domain-samples.ts';

const PAT: Caller = { kind: 'entra', id: 'p', name: 'Pat', roles: ['Certkeeper.Manage'] };
const KEY: Caller = { kind: 'function-key' };
const PATH = `/services/${SERVICE}/ca-certificates`;
const fileOf = (...numbers: readonly number[]) =>
  Buffer.from(JSON.stringify(numbers)).toString('base64');

function world(options: CaWorldOptions = {}, more: Partial<CaRoutePorts> = {}) {
  const service = makeCaWorld(options);
  const updates: string[] = [];
  const ports: CaRoutePorts = {
    ...service.routePorts,
    services: new Set([SERVICE]),
    requestUpdate: (_client, name) => {
      updates.push(name);
      return Promise.resolve({ id: 'ca-1' });
    },
    ...more,
  };
  const routes = {
    add: makeAddCaRoute({ ...ports, once: (_call, _what, run) => run() }),
    list: makeListCaRoute(ports),
    remove: makeRemoveCaRoute(ports),
  };
  const ask = (route: Route, below: string, params: Record<string, string>, one: Ask) =>
    askRoute(route, `${PATH}${below}`, {
      caller: PAT,
      ...one,
      params: { service: SERVICE, ...params },
    });
  return {
    service,
    updates,
    add: (body: object, one: Ask = {}) => ask(routes.add, '', {}, { body, ...one }),
    list: () => ask(routes.list, '', {}, {}),
    remove: (number: number, query = '', one: Ask = {}) => {
      const { store, thumbprint } = sampleCa(number).entry;
      const params = { store, thumbprint: thumbprint.toLowerCase() };
      return ask(routes.remove, `/${store}/${thumbprint}${query}`, params, one);
    },
  };
}

describe('adding', () => {
  it('answers what becomes of each certificate, and where the update is followed', async () => {
    const { add, updates } = world();
    const answer = await add({ file: fileOf(1, 2) });
    expect(answer).toMatchObject({
      status: 202,
      body: {
        ...{ id: 'ca-1', operation: '/api/operations/ca-1', service: SERVICE },
        estimate: 'usually 15 to 45 minutes',
        entries: [
          { store: 'CertificateAuthority', outcome: 'queued' },
          { store: 'Root', outcome: 'queued' },
        ],
      },
    });
    expect(updates).toEqual([SERVICE]);
  });

  it('starts nothing when the service holds all of it', async () => {
    const { add, updates } = world({ entries: [sampleCa(1).entry] });
    const answer = await add({ file: fileOf(1) });
    expect(answer).toMatchObject({ status: 200, body: { entries: [{ outcome: 'adopted' }] } });
    expect(updates).toEqual([]);
  });

  it('lets what waited for an adopted entry go on', async () => {
    const { add, remove, service, updates } = world();
    await add({ file: fileOf(2, 4) });
    await service.finish();
    await remove(4);
    service.others((entries) => [...entries, sampleCa(6).entry]);
    service.pass(2_000);
    expect(await add({ file: fileOf(6) })).toMatchObject({ status: 200 });
    expect(updates).toEqual([SERVICE, SERVICE, SERVICE]);
  });

  it('puts a certificate where it is told to, and warns when that is unusual', async () => {
    const { add } = world();
    const answer = await add({ file: fileOf(1), store: 'Root' });
    expect(answer.body).toMatchObject({
      entries: [{ store: 'Root', warnings: [{ code: 'CA_STORE_UNUSUAL' }] }],
    });
  });

  test.each<[string, object, string]>([
    ['a store that is none', { file: fileOf(1), store: 'My' }, 'store'],
    ['a field that is not known', { file: fileOf(1), target: 'x' }, 'target'],
    ['no file', {}, 'file'],
    ['a yes that is not true', { file: fileOf(1), acceptDowntime: 'yes' }, 'acceptDowntime'],
  ])('refuses %s by its name', async (_, body, field) => {
    expect(await world().add(body)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it('refuses a service that is not under care', async () => {
    const { add } = world({}, { services: new Set() });
    expect(await add({ file: fileOf(1) })).toMatchObject({
      status: 404,
      body: { code: 'SERVICE_NOT_CONFIGURED' },
    });
  });
});

describe('who may', () => {
  const { rules } = parseConsent('none/ca-certificates => contoso-gw/ca/Root; none/* => *');

  it('needs a rule that names the store, unless it has the role to go beyond', async () => {
    const { add, remove } = world({}, { rules });
    expect(await add({ file: fileOf(1) }, { caller: KEY })).toMatchObject({
      status: 403,
      body: { code: 'BINDING_NOT_ALLOWED' },
    });
    expect(await add({ file: fileOf(2) }, { caller: KEY })).toMatchObject({ status: 202 });
    expect(await add({ file: fileOf(1) })).toMatchObject({ status: 202 });
    expect(await remove(1, '', { caller: KEY })).toMatchObject({ status: 403 });
    expect(await remove(2, '', { caller: KEY })).toMatchObject({ status: 202 });
  });

  it('says which rule is missing', async () => {
    const { body } = await world().add({ file: fileOf(2) }, { caller: KEY });
    expect(JSON.stringify(body)).toContain('none/ca-certificates => contoso-gw/ca/Root');
  });
});

describe('listing', () => {
  it('shows entries with their copies and holders, what waits, and what came of it', async () => {
    const { add, list, remove, service } = world();
    await add({ file: fileOf(1, 2) });
    await service.finish();
    await remove(1);
    service.others((entries) => [...entries, sampleCa(3).entry]);
    service.pass(2_000);
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ service: SERVICE, limit: 10, tier: 'Premium', state: 'Succeeded' },
      entries: [
        { known: true, heldFor: [{ kind: 'hand', by: { kind: 'entra', name: 'Pat' } }] },
        { known: true },
        { known: false, heldFor: [] },
      ],
      waiting: [{ change: 'remove', subject: 'CN=ca-1' }],
      recent: [{ outcome: 'added' }, { outcome: 'added' }],
    });
  });

  it('shows what waits until something else is changed', async () => {
    const { list, service } = world();
    await service.upload([2, 4]);
    service.losesNext((next) => next.slice(1));
    await service.advance();
    service.becomes('Developer');
    await service.finish();
    expect((await list()).body).toMatchObject({
      waiting: [{ change: 'add', waitsFor: { code: 'CA_UPDATE_DOWNTIME' } }],
    });
  });

  it('says that an entry stays whose certificate is gone from its vault', async () => {
    const target = { kind: 'ca-certificate', service: SERVICE, store: 'Root' } as const;
    const problem = { code: 'SOURCE_NOT_FOUND', message: 'gone' } as const;
    const binding = makeBinding({ target, claimed: true, status: 'blocked', problem });
    const { list, service } = world({ entries: [sampleCa(2).entry] });
    service.routePorts.ledger.binding = () => Promise.resolve(binding);
    await service.ledger.change(SERVICE, (record) => ({
      next: withHolders(record, sampleCa(2).entry, [{ kind: 'source', source: SOURCE, at: '' }]),
      result: null,
    }));
    const { body } = await list();
    expect(body).toMatchObject({
      entries: [{ heldFor: [{ kind: 'source' }] }],
      problems: [
        {
          code: 'SOURCE_NOT_FOUND',
          cure: expect.stringContaining(
            'certkeeper detach contoso-kv/gateway-client -t contoso-gw/ca/Root',
          ) as string,
        },
      ],
    });
  });

  it('shows the update that is on its way, and a tier that does not consult the store', async () => {
    const { add, list, service } = world();
    await add({ file: fileOf(1) });
    await service.advance();
    expect((await list()).body).toMatchObject({ update: { changes: [{ subject: 'CN=ca-1' }] } });
    expect((await world({ tier: 'BasicV2' }).list()).body).toMatchObject({
      problems: [{ code: 'CA_STORE_WITHOUT_EFFECT' }],
    });
  });
});

describe('removing', () => {
  it('warns of what is bound there and was issued by it', async () => {
    const looks = makeLooks({ issuer: 'O=Contoso, CN=ca-1' });
    const record = { source: SOURCE, problems: [], verified: { version: 'v', looks } };
    const ledger = {
      binding: () => Promise.resolve(undefined),
      claimsOf: () => Promise.resolve(new Map([['contoso-gw/certificates/x', SOURCE]])),
      record: () => Promise.resolve(record),
    };
    const entry = { ...sampleCa(1).entry, subject: 'CN=ca-1, O=Contoso' };
    const { remove } = world({ entries: [entry] }, { ledger });
    const answer = await remove(1, '?unknown=drop');
    expect(answer).toMatchObject({
      status: 202,
      body: { warnings: [{ code: 'CA_MAY_BE_NEEDED' }] },
    });
    expect(JSON.stringify(answer.body)).toContain('the certificate contoso-kv/gateway-client');
  });

  it('warns of what is bound there and whose chain leads to it', async () => {
    const looks = makeLooks({ issuer: 'CN=ca-3' });
    const record = { source: SOURCE, problems: [], verified: { version: 'v', looks } };
    const ledger = {
      binding: () => Promise.resolve(undefined),
      claimsOf: () => Promise.resolve(new Map([['contoso-gw/certificates/x', SOURCE]])),
      record: () => Promise.resolve(record),
    };
    const { add, remove, service } = world({}, { ledger });
    await add({ file: fileOf(2) });
    await service.finish();
    const { thumbprint, subject } = sampleCa(3).entry;
    const copy = { thumbprint, subject, issuer: 'CN=ca-2', notBefore: '', notAfter: '' };
    await service.copies.keep(SERVICE, copy, new Uint8Array());
    expect(JSON.stringify((await remove(2)).body)).toContain(
      'the certificate contoso-kv/gateway-client, whose chain leads to it',
    );
  });

  it('says when backends could not be asked, and removes all the same', async () => {
    const base = makeCaWorld({ entries: [sampleCa(1).entry] });
    const stores = {
      ...base.stores,
      usesOf: () =>
        Promise.reject(new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'no' })),
    };
    const { remove } = world({}, { stores, copies: base.copies });
    expect(await remove(1, '?unknown=drop')).toMatchObject({
      status: 202,
      body: { warnings: [{ code: 'USAGE_UNKNOWN' }] },
    });
  });

  test.each<[string, CaWorldOptions, string, number, string]>([
    ['an entry that is not there', {}, '', 404, 'CA_ENTRY_NOT_FOUND'],
    ['one without a copy', { entries: [sampleCa(1).entry] }, '', 409, 'CA_ENTRIES_UNKNOWN'],
    [
      'one of a Developer service, unasked',
      { entries: [sampleCa(1).entry], tier: 'Developer' },
      '?unknown=drop',
      409,
      'CA_UPDATE_DOWNTIME',
    ],
    ['with a word that is not known', { entries: [] }, '?unknown=yes', 400, 'INVALID_REQUEST'],
  ])('refuses %s', async (_, options, query, status, code) => {
    const { remove, updates } = world(options);
    expect(await remove(1, query)).toMatchObject({ status, body: { code } });
    expect(updates).toEqual([]);
  });

  it('drops several without a copy one by one: each waits for the others', async () => {
    const { remove, list, service } = world({ entries: [sampleCa(1).entry, sampleCa(2).entry] });
    expect(await remove(1, '?unknown=drop')).toMatchObject({
      status: 202,
      body: { warnings: [{ code: 'CA_ENTRIES_UNKNOWN' }] },
    });
    await service.finish();
    await service.finish();
    expect(service.patches).toHaveLength(0);
    expect((await list()).body).toMatchObject({
      waiting: [{ change: 'remove', subject: 'CN=ca-1', waitsFor: { code: 'CA_ENTRIES_UNKNOWN' } }],
      recent: [{ outcome: 'refused', subject: 'CN=ca-1' }],
    });
    expect(await remove(2, '?unknown=drop')).toMatchObject({ status: 202, body: { warnings: [] } });
    await service.finish();
    expect(service.keys()).toEqual([]);
  });

  it('lets what waits go once the other is uploaded', async () => {
    const { remove, add, service } = world({ entries: [sampleCa(1).entry, sampleCa(2).entry] });
    await remove(1, '?unknown=drop');
    await service.finish();
    expect(await add({ file: fileOf(2) })).toMatchObject({ status: 200 });
    await service.finish();
    expect(service.keys()).toEqual([`Root/${sampleCa(2).entry.thumbprint}`]);
  });

  test.each([
    ['refuses one that a certificate of Key Vault keeps there', makeBinding(), 409],
    ['takes one whose binding was given up and not detached', undefined, 202],
  ])('%s', async (_, binding, status) => {
    const ledger = { ...makeCaWorld().routePorts.ledger, binding: () => Promise.resolve(binding) };
    const { remove, service } = world({ entries: [sampleCa(1).entry] }, { ledger });
    await service.ledger.change(SERVICE, (record) => ({
      next: {
        ...record,
        held: [
          {
            ...sampleCa(1).entry,
            holders: [{ kind: 'source', source: SOURCE, at: '2026-11-27T12:00:00.000Z' }],
          },
        ],
      },
      result: null,
    }));
    expect(await remove(1, '?unknown=drop')).toMatchObject({
      status,
      ...(status === 409 ? { body: { code: 'CA_ENTRY_BOUND' } } : {}),
    });
  });
});
