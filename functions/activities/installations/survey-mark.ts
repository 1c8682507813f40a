import type { ServiceHold } from './hold-service.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import { tellMark } from '../../../shared/domain/installation.ts';

/**
 * Which installation keeps a service, as far as people should know of it: one call for a service and
 * sweep, two where it bears no mark. It is remembered for the syncs, but for a dry run, which writes nothing.
 */
export function makeSurveyMark(hold: Pick<ServiceHold, 'look' | 'peek'>) {
  return async (input: {
    readonly service: string;
    readonly dryRun?: boolean;
  }): Promise<readonly Problem[]> => {
    const { service, dryRun = false } = input;
    const mark = dryRun ? await hold.peek(service) : await hold.look(service);
    const finding = tellMark(service, mark);
    return finding === undefined ? [] : [finding];
  };
}
