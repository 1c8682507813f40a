import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeScheduleStatusStore } from '../../../local/host/timers/schedule-status.ts';
import { temporaryFolder } from '../../support/host/temporary-folder.ts';

const stateDir = temporaryFolder();
const next = new Date('2026-01-01T01:00:00Z');
const lastUpdated = new Date('2026-01-01T00:30:00Z');

describe('What is remembered of a timer', () => {
  const store = makeScheduleStatusStore(stateDir);

  test.each([[{ last: undefined, next, lastUpdated }], [{ last: lastUpdated, next, lastUpdated }]])(
    'comes back as it was written: %j',
    (status) => {
      store.write('tick', status);
      expect(makeScheduleStatusStore(stateDir).read('tick')).toEqual(status);
      expect(readdirSync(join(stateDir, 'timers'))).toContain('tick.json');
    },
  );

  test.each([
    '',
    'null',
    '[]',
    '{"next":"soon","lastUpdated":"now"}',
    '{"next":1,"lastUpdated":2}',
  ])('is nothing when the file holds %p', (text) => {
    store.write('damaged', { last: undefined, next, lastUpdated });
    writeFileSync(join(stateDir, 'timers', 'damaged.json'), text);
    expect(store.read('damaged')).toBeUndefined();
  });

  test('is nothing for a timer that never ran', () => {
    expect(store.read('unknown')).toBeUndefined();
  });
});
