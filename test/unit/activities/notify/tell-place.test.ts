import fc from 'fast-check';
import { SEVERITIES } from '../../../../shared/domain/audit/audit-report.ts';
import { TerminalError, TransientError } from '../../../../shared/domain/errors.ts';
import { finding, report } from '../../../support/notify/samples.ts';
import { linesOf, makeTellWorld, PowerCut, type Fate } from '../../../support/notify/tell-world.ts';

const many = (count: number, more: Parameters<typeof finding>[1] = {}) =>
  Array.from({ length: count }, (_, index) => finding(`f${String(index)}`, more));

describe('telling a place of findings', () => {
  it('tells each once, in a message of its own, with a link to the report', async () => {
    const world = makeTellWorld('findings => slack');
    await world.audit(report([finding('a'), finding('b', { severity: 'critical' })]));
    expect(await world.tell()).toEqual({ sent: 2, more: false });
    expect(world.taken).toMatchObject([
      { kind: 'news', items: [{ finding: { id: 'b' } }], leftOut: 0 },
      { link: 'https://certkeeper.example/api/audits/20261128T020000Z-3f9c1a' },
    ]);
    await world.audit(report([finding('a'), finding('b', { severity: 'critical' })]));
    expect(await world.tell()).toEqual({ sent: 0, more: false });
  });

  it('tells a flood in one message, the gravest first, and counts the others', async () => {
    const world = makeTellWorld('findings => slack');
    await world.audit(report([...many(11), finding('z', { severity: 'critical' })]));
    await world.tell();
    expect(world.taken).toMatchObject([{ kind: 'news', items: { length: 8 }, leftOut: 4 }]);
    expect(linesOf(world.taken)[0]).toBe('z appeared');
    await world.audit(report([]));
    await world.tell();
    expect(world.taken[1]).toMatchObject({ leftOut: 4 });
  });

  it('tells a program everything, some at a time', async () => {
    const world = makeTellWorld('findings => webhook (digest)', 'webhook');
    await world.audit(report(many(1_234)));
    expect(await world.tell()).toEqual({ sent: 20, more: true });
    expect(await world.tell()).toEqual({ sent: 5, more: false });
    expect(new Set(linesOf(world.taken)).size).toBe(1_234);
    expect(linesOf(world.taken)).toHaveLength(1_234);
  });

  it('gathers a digest, with the headline, and events that waited for it', async () => {
    const world = makeTellWorld('findings>=high => slack; findings, events => slack (digest)');
    await world.post('e1', { digest: true });
    await world.tell();
    expect(world.taken).toEqual([]);
    await world.audit(report([finding('a'), finding('m', { severity: 'medium' })]));
    await world.tell();
    expect(world.taken).toMatchObject([
      { kind: 'news', items: [{ finding: { id: 'a' } }] },
      {
        kind: 'digest',
        headline: { health: 'attention', sentence: 'Some certificates need somebody.' },
        items: [{ kind: 'event', event: { id: 'e1' } }, { finding: { id: 'm' } }],
      },
    ]);
  });

  it('says nothing where nothing is new', async () => {
    const world = makeTellWorld('findings => slack (digest)');
    await world.audit(report([]));
    expect(await world.tell()).toEqual({ sent: 0, more: false });
    expect(await world.ledger.handedOver('slack')).toBeUndefined();
  });

  it('passes over a report that is there no longer', async () => {
    const world = makeTellWorld('findings => slack');
    await world.audit(report([finding('a')]));
    world.forget(report([]).id);
    expect(await world.tell()).toEqual({ sent: 0, more: false });
    expect(await world.ledger.handedOver('slack')).toBeUndefined();
  });
});

describe('telling a place of events', () => {
  it('tells each once, however often it is posted', async () => {
    const world = makeTellWorld('events => slack');
    await world.post('e1');
    await world.post('e1');
    await world.tell();
    await world.post('e1');
    await world.tell();
    expect(linesOf(world.taken)).toEqual(['e1']);
  });

  test.each(['slack', 'teams'])(
    'tells %s all of a flood, a few at a time: no report has them',
    async (place) => {
      const world = makeTellWorld(`events => ${place}`, place);
      const ids = Array.from({ length: 12 }, (_, index) => `e${String(index)}`);
      for (const id of ids) await world.post(id);
      expect(await world.tell()).toEqual({ sent: 2, more: false });
      expect(linesOf(world.taken).sort()).toEqual([...ids].sort());
      expect(world.taken).toMatchObject([
        { items: { length: 8 }, leftOut: 0 },
        { items: { length: 4 }, leftOut: 0 },
      ]);
      expect(new Set(world.taken.map(({ id }) => id)).size).toBe(2);
    },
  );

  test.each([
    ['at once', 'findings, events => slack', false],
    ['in a digest', 'findings, events => slack (digest)', true],
  ])('counts only findings where both come in a flood, %s', async (_name, rules, digest) => {
    const world = makeTellWorld(rules);
    const ids = Array.from({ length: 12 }, (_, index) => `e${String(index)}`);
    for (const id of ids) await world.post(id, { digest });
    await world.audit(report(many(20, { severity: 'medium' })));
    await world.tell();
    // The events are graver, so the first message has room for no finding; it counts them all.
    expect(world.taken).toMatchObject([
      { leftOut: 20, link: 'https://certkeeper.example/api/audits/20261128T020000Z-3f9c1a' },
      { leftOut: 0, items: { length: 4 } },
    ]);
    expect(linesOf(world.taken).sort()).toEqual([...ids].sort());
    expect(await world.tell()).toEqual({ sent: 0, more: false });
  });

  it('of a flood, an event that was refused with its message stays news', async () => {
    const world = makeTellWorld('events => slack');
    const ids = Array.from({ length: 12 }, (_, index) => `e${String(index)}`);
    for (const id of ids) await world.post(id);
    world.fate('refused');
    await expect(world.tell()).rejects.toThrow(TerminalError);
    expect(linesOf(world.taken)).toHaveLength(4);
    await world.tell();
    expect(linesOf(world.taken).sort()).toEqual([...ids].sort());
  });

  it('gives up what nobody could be told for a week', async () => {
    const world = makeTellWorld('events => slack');
    await world.post('e1');
    world.pass(8 * 86_400_000);
    await world.post('e2');
    await world.tell();
    expect(linesOf(world.taken)).toEqual(['e2']);
  });
});

describe('when a place does not take it', () => {
  it('goes on where it broke off', async () => {
    const world = makeTellWorld('findings => slack');
    await world.audit(report(many(3)));
    world.fate('taken', 'undelivered');
    await expect(world.tell()).rejects.toThrow(TransientError);
    await world.tell();
    expect(linesOf(world.taken)).toEqual(['f0 appeared', 'f1 appeared', 'f2 appeared']);
    expect(world.counted).toEqual(['slack sent', 'slack undelivered', 'slack sent', 'slack sent']);
  });

  it('a message that is refused holds up no other, and stays news', async () => {
    const world = makeTellWorld('findings, events => slack');
    await world.post('e1');
    await world.audit(report(many(2)));
    world.fate('refused');
    await expect(world.tell()).rejects.toThrow(TerminalError);
    expect(linesOf(world.taken)).toHaveLength(2);
    await world.tell();
    expect(linesOf(world.taken).sort()).toEqual(['e1', 'f0 appeared', 'f1 appeared']);
  });

  it('twenty that are refused do not keep the others waiting', async () => {
    const world = makeTellWorld('findings => webhook (digest)', 'webhook');
    await world.audit(report(many(50 * 45)));
    world.fate(...Array.from({ length: 20 }, () => 'refused' as const));
    await expect(world.tell()).rejects.toThrow(TerminalError);
    expect(linesOf(world.taken)).toHaveLength(50 * 25);
    expect(await world.tell()).toEqual({ sent: 20, more: false });
    expect(new Set(linesOf(world.taken)).size).toBe(50 * 45);
  });

  it('a place that takes none of a hundred is left in peace until the next occasion', async () => {
    const world = makeTellWorld('findings => webhook (digest)', 'webhook');
    await world.audit(report(many(50 * 105)));
    world.fate(...Array.from({ length: 100 }, () => 'refused' as const));
    await expect(world.tell()).rejects.toThrow(TerminalError);
    expect(world.taken).toEqual([]);
    expect(await world.tell()).toEqual({ sent: 20, more: true });
  });

  it('one that is refused late in a call lets the ones after that call through', async () => {
    const world = makeTellWorld('findings => webhook (digest)', 'webhook');
    await world.audit(report(many(50 * 30)));
    world.fate(...Array.from({ length: 19 }, () => 'taken' as const), 'refused');
    await expect(world.tell()).rejects.toThrow(TerminalError);
    expect(linesOf(world.taken)).toHaveLength(50 * 29);
  });

  it('what is no longer so is not told at all', async () => {
    const world = makeTellWorld('findings => slack');
    await world.audit(report([finding('a')], { id: '1' }));
    world.fate('undelivered');
    await expect(world.tell()).rejects.toThrow(TransientError);
    await world.audit(report([], { id: '2' }));
    await world.tell();
    expect(world.taken).toEqual([]);
  });

  it('what was taken right before a power cut comes once more, under the same id', async () => {
    const world = makeTellWorld('findings => slack');
    await world.audit(report([finding('a')]));
    world.fate('taken-and-cut-off');
    await expect(world.tell()).rejects.toThrow(PowerCut);
    await world.tell();
    const [first, second] = world.taken;
    expect(second).toEqual(first);
    expect(world.taken).toHaveLength(2);
  });

  it('that it failed is forgotten when something gets through', async () => {
    const world = makeTellWorld('findings => slack');
    const problem = { code: 'NOTIFICATION_UNDELIVERED', message: 'no answer' } as const;
    const clear = jest.spyOn(world.ledger, 'clearFailure');
    await world.ledger.noteFailure('slack', { problem, at: '2026-11-28T02:00:00.000Z' });
    await world.tell();
    expect(clear).not.toHaveBeenCalled();
  });
});

describe('whatever happens on the way', () => {
  /**
   * After a power cut it is tried again until it is told: only a place that refuses a message which
   * it has taken before could be left with a finding of which it never hears the end.
   */
  const COURSES = {
    'nobody answers, and the power goes': ['taken', 'taken-and-cut-off', 'undelivered'],
    'nobody answers, and messages are refused': ['taken', 'undelivered', 'refused'],
  } as const satisfies Record<string, readonly Fate[]>;

  const anyCourse = (fates: readonly Fate[]) =>
    fc.array(
      fc.record({
        findings: fc.uniqueArray(
          fc.record({
            id: fc.constantFrom('a', 'b', 'c'),
            severity: fc.constantFrom(...SEVERITIES),
          }),
          { selector: ({ id }) => id },
        ),
        events: fc.uniqueArray(fc.constantFrom('e1', 'e2', 'e3'), { maxLength: 3 }),
        fates: fc.array(fc.constantFrom(...fates), { maxLength: 6 }),
      }),
      { maxLength: 6 },
    );

  /** The reports that audits make of it: what was there before has been there since then. */
  function toReports(course: readonly { readonly findings: readonly Found[] }[]) {
    let since = new Map<string, string>();
    return course.map(({ findings }, index) => {
      const id = `audit-${String(index)}`;
      since = new Map(findings.map((one) => [one.id, since.get(one.id) ?? id]));
      const found = findings.map((one) =>
        finding(one.id, { severity: one.severity, since: since.get(one.id) ?? id }),
      );
      return report(found, { id });
    });
  }
  type Found = Pick<ReturnType<typeof finding>, 'id' | 'severity'>;

  const places = ['findings, events => slack', 'findings, events => slack (digest)'];
  const cases = Object.entries(COURSES).flatMap(([name, fates]) =>
    places.map((rules) => [name, rules, fates] as const),
  );
  it.each(cases)('%s: nothing is lost, nothing counts twice: %s', async (_name, rules, fates) => {
    await fc.assert(
      fc.asyncProperty(anyCourse(fates), async (course) => {
        const world = makeTellWorld(rules);
        // At the end nothing goes wrong any more: whatever is still to be told is told now.
        const last = { findings: course.at(-1)?.findings ?? [], events: [], fates: [] };
        const all = [...course, last];
        const reports = toReports(all);
        for (const [index, { events, fates: next }] of all.entries()) {
          for (const id of events) await world.post(id, { digest: rules.endsWith('(digest)') });
          const made = reports[index];
          if (made !== undefined) await world.audit(made);
          world.fate(...next);
          await world.tellAll();
        }

        const arrived = new Map(
          world.taken.flatMap(({ items }) => items.map((item) => [item.id, item] as const)),
        );
        const knows = new Map<string, string>();
        for (const item of arrived.values()) {
          if (item.kind === 'event') continue;
          const { id, severity } = item.finding;
          if (item.change === 'appeared') expect(knows.has(id)).toBe(false);
          else expect(knows.has(id)).toBe(true);
          if (item.change === 'cleared') knows.delete(id);
          else knows.set(id, severity);
        }
        // Who reads every message knows which findings there are.
        expect([...knows.keys()].sort()).toEqual(last.findings.map(({ id }) => id).sort());
        // And has heard of each event that was posted.
        const heard = [...arrived.keys()].filter((id) => /^e\d$/.test(id));
        const posted = new Set(course.flatMap(({ events }) => events));
        expect(heard.sort()).toEqual([...posted].sort());
      }),
      { numRuns: 150 },
    );
  });
});
