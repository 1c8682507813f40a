import { makeHandOverReport } from '../../../../functions/activities/notify/hand-over-report.ts';
import { makeNotifyLedger } from '../../../../shared/azure/notify-ledger.ts';
import { makeFiguresLedger } from '../../../../shared/azure/figures.ts';
import { TerminalError } from '../../../../shared/domain/errors.ts';
import { makeMemoryTable } from '../../../support/memory-table.ts';
import { finding, report } from '../../../support/notify/samples.ts';

describe('handing a report over', () => {
  const made = report([finding('a')]);
  const table = makeMemoryTable();
  const notes = makeNotifyLedger(table);
  const figures = makeFiguresLedger(table);
  const handOver = makeHandOverReport({
    reader: {
      read: async (id, each) => {
        if (id === 'odd') throw new TerminalError({ code: 'RECORD_UNREADABLE', message: 'odd' });
        if (id !== made.id) return undefined;
        for (const one of made.certificates) each?.(one);
        return made;
      },
    },
    ...{ notes, figures, places: ['slack', 'teams:ops'] },
  });

  it('has it measured, and every place asked for', async () => {
    expect(await figures.read()).toBeUndefined();
    const asked: string[] = [];
    const request = async (place: string) => void asked.push(place);
    expect(await handOver({ report: made.id }, request)).toEqual({ places: 2 });
    expect(asked).toEqual(['slack', 'teams:ops']);
    expect(await notes.handedOver('slack')).toMatchObject({ report: made.id });
    expect(await figures.read()).toMatchObject({ findings: [{ code: 'EXPIRES_SOON', count: 1 }] });
  });

  it('asks for nobody when it is gone, and says when it cannot be read', async () => {
    const request = jest.fn();
    expect(await handOver({ report: 'gone' }, request)).toEqual({ places: 0 });
    await expect(handOver({ report: 'odd' }, request)).rejects.toThrow(TerminalError);
    expect(request).not.toHaveBeenCalled();
  });
});
