import path from 'node:path';
import { repositoryRoot } from '../../../local/repository.ts';

/** Where the campaign's own files are. */
export function campaignFolder(): string {
  return path.join(repositoryRoot(), 'test/support/campaign');
}
