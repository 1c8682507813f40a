import { environmentSchema } from './environment.ts';

/** A setting as the documents show it. */
export interface DescribedSetting {
  readonly name: string;
  readonly needed: string;
  /** A line of Markdown; links are relative to the repository's root. */
  readonly meaning: string;
}

const NEEDED: Readonly<Record<string, string>> = {
  CERTKEEPER_VAULTS: 'yes',
  CERTKEEPER_SERVICES: 'yes',
  AzureWebJobsStorage: 'one of',
  AzureWebJobsStorage__accountName: 'these three',
};

/** Of notifications and metrics, which have readers of their own; after the setting named. */
const OTHERS_AFTER = 'CERTKEEPER_EVENTS_TOPIC';
const OTHERS: readonly DescribedSetting[] = [
  {
    name: 'CERTKEEPER_NOTIFY',
    needed: '',
    meaning:
      'who is told of which findings and events: Teams, Slack, webhooks, the topic; see [notifications](docs/notifications.md). Default: nobody',
  },
  {
    name: 'CERTKEEPER_NOTIFY_{PLACE}',
    needed: '',
    meaning:
      'address of a place that `CERTKEEPER_NOTIFY` names, e.g. `CERTKEEPER_NOTIFY_TEAMS_OPS`; a secret, so make it a Key Vault reference',
  },
  {
    name: 'CERTKEEPER_NOTIFY_{PLACE}_SECRET',
    needed: '',
    meaning: 'of a webhook: the key that its messages are signed with',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    needed: '',
    meaning:
      'an OpenTelemetry collector that gets [metrics](docs/metrics.md); the other standard variables count too. Default: nothing is measured',
  },
  {
    name: 'APPLICATIONINSIGHTS_CONNECTION_STRING',
    needed: '',
    meaning: 'Azure Monitor gets them',
  },
  {
    name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
    needed: '',
    meaning:
      '`Authorization=AAD`: with a token of the identity, where Application Insights takes no key',
  },
];

/** Every setting there is, in the order in which the documents list them. */
export function describeSettings(): readonly DescribedSetting[] {
  return Object.entries(environmentSchema.shape).flatMap(([name, schema]) => {
    const own = { name, needed: NEEDED[name] ?? '', meaning: schema.description ?? '' };
    return name === OTHERS_AFTER ? [own, ...OTHERS] : [own];
  });
}

/** The table of all settings in Markdown. */
export function renderSettingsTable(): string {
  const rows = describeSettings().map(
    ({ name, needed, meaning }) => `| \`${name}\` | ${needed} | ${meaning} |`,
  );
  return ['| setting | needed | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}
