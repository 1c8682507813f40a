import { makeKeepCaTarget } from '../../../functions/activities/ca/keep-ca-target.ts';
import { makeSurveyCaStore } from '../../../functions/activities/ca/survey-ca-store.ts';
import { caKey } from '../../../shared/domain/ca-entry.ts';
import { CA_SOURCES, makeCaSources } from '../../support/ca-sources.ts';
import { SERVICE } from '../../support/ca-service.ts';
import { sampleCa } from '../../support/sample-ca.ts';
import { makeBinding, OTHER_SOURCE, SOURCE } from '../../support/domain-samples.ts';
import { refusalOf } from '../../support/refusal.ts';

const { TARGET, DAY } = CA_SOURCES;
const key = (number: number): string => `Root/${sampleCa(number).entry.thumbprint}`;
const keys = (...numbers: readonly number[]): readonly string[] => numbers.map(key).sort();
const world = makeCaSources;

describe('a certificate of Key Vault at a store', () => {
  it('is put there, and the answer says that it came there now', async () => {
    const { keep, present, observe } = world();
    expect(await keep(2)).toMatchObject({
      kind: 'present',
      installed: { thumbprint: sampleCa(2).entry.thumbprint, pushedVersion: 'v2' },
    });
    expect(present()).toEqual(keys(2));
    expect(await observe()).toMatchObject({ installed: { reference: { ofSource: true } } });
  });

  it('asks for one update, however often it is asked while that goes on', async () => {
    const { keepOnce, updates, service } = world();
    expect(await keepOnce(2)).toMatchObject({ kind: 'waiting' });
    expect(await keepOnce(2)).toMatchObject({ kind: 'waiting' });
    await service.advance();
    service.pass(240);
    expect(await keepOnce(2)).toMatchObject({
      says: 'The CA certificates of contoso-gw are being updated: usually 15 to 45 minutes; 4 min so far.',
    });
    expect(updates).toEqual(['request contoso-gw', 'ensure contoso-gw', 'ensure contoso-gw']);
  });

  it('that is there already is written down, and is others’ too', async () => {
    const { keep, letGo, present, service } = world({ entries: [{ ...sampleCa(2).entry }] });
    const state = await keep(2);
    expect(state).toMatchObject({ installed: { reference: { ofSource: true } } });
    expect(state).not.toHaveProperty('installed.pushedVersion');
    expect(await letGo()).toEqual({ kind: 'absent' });
    expect(present()).toEqual(keys(2));
    expect(service.patches).toHaveLength(0);
  });

  it('leaves when it is detached, and others stay', async () => {
    const { keep, letGo, present } = world();
    await keep(2);
    await keep(4, OTHER_SOURCE);
    expect(await letGo()).toEqual({ kind: 'absent' });
    expect(present()).toEqual(keys(4));
  });

  it('stays when it is detached and somebody uploaded it as well', async () => {
    const { keep, letGo, present, service } = world();
    await keep(2);
    await service.upload([2]);
    expect(await letGo()).toEqual({ kind: 'absent' });
    expect(present()).toEqual(keys(2));
  });

  it('does not go out when the vault shows another version than the wanted one', async () => {
    const { ports, updater } = world();
    const wanted = { version: 'v2', thumbprint: sampleCa(2).entry.thumbprint };
    const input = { source: SOURCE, target: TARGET, wanted, asker: 'a' };
    expect(await makeKeepCaTarget(ports)(input, updater)).toMatchObject({ kind: 'waiting' });
  });
});

describe('a new version', () => {
  it('comes beside the one before, which leaves after the overlap', async () => {
    const { keep, present, service } = world();
    await keep(2);
    await keep(4);
    expect(present()).toEqual(keys(2, 4));
    service.pass(29 * DAY);
    await service.finish();
    expect(present()).toEqual(keys(2, 4));
    service.pass(2 * DAY);
    await service.finish();
    expect(present()).toEqual(keys(4));
  });

  it('takes the place of the one before in one update, without an overlap', async () => {
    const { keep, present, service } = world({ overlap: 0 });
    await keep(2);
    await keep(4);
    expect(present()).toEqual(keys(4));
    expect(service.patches).toHaveLength(2);
  });

  it('takes the last place of a full store that way', async () => {
    const { keep, present, service } = world({ overlap: 0 });
    await keep(2);
    await service.upload([1, 3, 5, 6, 7, 8, 9, 10, 11]);
    await service.finish();
    await keep(4);
    expect(present()).toHaveLength(10);
    expect(present()).toContain(key(4));
    expect(present()).not.toContain(key(2));
  });

  it('does not take along what somebody uploaded too', async () => {
    const { keep, present, service } = world({ overlap: 0 });
    await keep(2);
    await service.upload([2]);
    await keep(4);
    expect(present()).toEqual(keys(2, 4));
  });

  it('replaces one that waited and was never sent', async () => {
    const { keepOnce, keep, present, service } = world();
    await keepOnce(2, 'first');
    await keep(4);
    expect(present()).toEqual(keys(4));
    expect(service.patches).toHaveLength(1);
  });

  it('that is an earlier one again holds that without end', async () => {
    const { keep, present, service } = world();
    await keep(2);
    await keep(4);
    await keep(2);
    service.pass(31 * DAY);
    await service.finish();
    expect(present()).toEqual(keys(2));
  });
});

describe('what stands in the way', () => {
  test.each<[string, Parameters<typeof world>[0], string]>([
    ['a tier that does not consult the store', { tier: 'PremiumV2' }, 'CA_STORE_WITHOUT_EFFECT'],
    ['downtime that nobody accepted', { tier: 'Developer' }, 'CA_UPDATE_DOWNTIME'],
    ['entries without a copy', { entries: [sampleCa(1).entry] }, 'CA_ENTRIES_UNKNOWN'],
  ])('is %s', async (_, options, code) => {
    const { keepOnce, service } = world(options);
    expect(await refusalOf(keepOnce(2))).toBe(code);
    expect((await service.ledger.read(SERVICE)).record.waiting).toEqual([]);
  });

  it('is a full store', async () => {
    const { keepOnce, service } = world();
    await service.upload([1, 2, 3, 5, 6, 7, 8, 9, 10, 11]);
    await service.finish();
    expect(await refusalOf(keepOnce(4))).toBe('CA_LIMIT_REACHED');
  });

  it('is what became of the update; the next sync asks anew', async () => {
    const { keepOnce, keep, present, service } = world();
    await keepOnce(2, 'first');
    service.failsNext();
    await service.finish();
    expect(await refusalOf(keepOnce(2, 'first'))).toBe('AZURE_REFUSED');
    await keep(2);
    expect(present()).toEqual(keys(2));
  });

  it('is none on the Developer tier when downtime is accepted by the settings', async () => {
    const { keep, present } = world({ tier: 'Developer', downtime: 'accept' });
    await keep(2);
    expect(present()).toEqual(keys(2));
  });
});

describe('the sweep', () => {
  const survey = ({ ports, updater, service }: ReturnType<typeof world>) =>
    makeSurveyCaStore({ ...ports, now: service.now })({ service: SERVICE }, updater);

  it('doubts what is bound and gone, so that it is synced', async () => {
    const all = world();
    await all.keep(2);
    const binding = {
      ...makeBinding({ target: TARGET, claimed: true, status: 'verified' }),
      targetThumbprint: sampleCa(2).entry.thumbprint,
    };
    await all.ledger.saveBinding(binding);
    expect(await survey(all)).toEqual({ doubted: 0 });
    all.service.others(() => []);
    all.service.pass(2_000);
    expect(await survey(all)).toEqual({ doubted: 1 });
    const known = await all.ledger.binding(SOURCE, TARGET);
    expect(known).toMatchObject({ status: 'pending' });
    expect(known).not.toHaveProperty('targetThumbprint');
    await all.keep(2);
    expect(all.present()).toEqual(keys(2));
  });

  it('sees to an overlap that is over, and to what was cut off', async () => {
    const all = world();
    await all.keep(2);
    await all.keep(4);
    all.updates.length = 0;
    await survey(all);
    expect(all.updates).toEqual([]);
    all.service.pass(31 * DAY);
    await survey(all);
    await all.keepOnce(6);
    await all.service.advance();
    await survey(all);
    expect(all.updates).toEqual(['ensure contoso-gw', 'request contoso-gw', 'ensure contoso-gw']);
  });

  it('asks nothing of a service in which nothing is held', async () => {
    const all = world();
    all.service.crash(2, true);
    expect(await survey(all)).toEqual({ doubted: 0 });
  });
});

it('the keys of these tests are those of roots', () => {
  expect(key(2)).toBe(caKey(sampleCa(2).entry));
});
