import { environmentSchema } from './environment.ts';

/** What the app is started with. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that needs attention; the problem never quotes its value. */
export interface SettingProblem {
  readonly name: string;
  readonly problem: string;
}

const SHORTEST_GRACE_SECONDS = 900;
const STORAGE_SETTINGS = [
  'AzureWebJobsStorage',
  'AzureWebJobsStorage__tableServiceUri',
  'AzureWebJobsStorage__accountName',
];

/** What no setting shows by itself: those that need another one, or must not stand beside it. */
export function findContradictions(environment: Environment): readonly SettingProblem[] {
  const bad: SettingProblem[] = [];
  const has = (name: string): boolean => isSet(environment[name]);
  if (!STORAGE_SETTINGS.some(has)) {
    bad.push({
      name: 'AzureWebJobsStorage',
      problem:
        'is missing (or AzureWebJobsStorage__accountName or AzureWebJobsStorage__tableServiceUri for identity-based access)',
    });
  }
  if (
    has('AzureWebJobsStorage__tableServiceUri') &&
    !has('AzureWebJobsStorage__blobServiceUri') &&
    !has('AzureWebJobsStorage__accountName')
  ) {
    bad.push({
      name: 'AzureWebJobsStorage__blobServiceUri',
      problem: 'is missing beside AzureWebJobsStorage__tableServiceUri',
    });
  }
  const isLocal = has('CERTKEEPER_LOCAL_AZURE');
  // On Azure the platform sets WEBSITE_SITE_NAME: there a simulated Azure must be impossible.
  if (isLocal && has('WEBSITE_SITE_NAME')) {
    bad.push({ name: 'CERTKEEPER_LOCAL_AZURE', problem: 'must not be set on Azure' });
  }
  // So long may a certificate that is deleted or recovered at this moment have no trace in its vault.
  const grace = environmentSchema.shape.CERTKEEPER_CLEANUP_GRACE.safeParse(
    environment['CERTKEEPER_CLEANUP_GRACE'],
  );
  const isShort = grace.success && grace.data < SHORTEST_GRACE_SECONDS;
  // Nothing is lost where Azure is simulated, and nobody wants to wait there.
  if (isShort && !isLocal) {
    bad.push({ name: 'CERTKEEPER_CLEANUP_GRACE', problem: 'must be 15m at least' });
  }
  return bad;
}

/** Left empty counts as not set. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '';
}
