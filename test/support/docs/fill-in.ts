/** What stands in documents where a reader puts something of their own, and what a test puts there. */
import type { AppUnderTest } from '../system/app-under-test.ts';

/** Of every file that documents read or upload. */
export const PASSWORD = 'of-the-documents';

/**
 * What is to be put in place of what, found when a script is about to run.
 * @param text the script; what is not in it is not looked for
 */
export async function fillIn(text: string, { system, wire }: AppUnderTest): Promise<string> {
  const findingId = async (): Promise<string> => {
    const { body } = await wire.api('/audits/latest');
    // A report, as docs/http-api.md has it.
    return (body as { findings: { id: string }[] }).findings[0]?.id ?? 'none';
  };
  const rows: readonly (readonly [string, string | (() => Promise<string>)])[] = [
    ['http://127.0.0.1:7071', system.hostUrl],
    ['http://127.0.0.1:7072', system.azureUrl],
    ['https://certkeeper-contoso.azurewebsites.net', system.hostUrl],
    ['{address}', system.hostUrl],
    // Made by the README, in two versions.
    ['{vault}/{name}', 'contoso-kv/mine'],
    // The CA certificate that a page uploads before it removes one.
    [
      '37180B78457D8CB0660AAEC9F42732EF5C12AE82',
      '$(openssl x509 -in root.cer -noout -fingerprint -sha1 | cut -d= -f2 | tr -d :)',
    ],
    ['{target}', 'contoso-gw/certificates/mine'],
    ['{appId}', () => applicationOf({ system })],
    ['{finding}', findingId],
    ['password=…', `password=${PASSWORD}`],
    ['--reason "…"', '--reason "known"'],
    // A day that is ahead whenever this runs.
    ['2027-01-31', new Date(Date.now() + 60 * 86_400_000).toISOString().slice(0, 10)],
    ['{client id of Certkeeper}', '00000000-0000-4000-8000-000000000000'],
    ["{object id of Certkeeper's identity}", '00000000-0000-4000-8000-000000000000'],
    ['{resource id of the vault}', '/subscriptions/x'],
    ['{resource id of a vault}', '/subscriptions/x'],
    ['{resource id of an API Management service}', '/subscriptions/x'],
  ];
  let filled = text;
  for (const [place, value] of rows) {
    if (!filled.includes(place)) continue;
    filled = filled.replaceAll(place, typeof value === 'string' ? value : await value());
  }
  return filled;
}

async function applicationOf({ system }: Pick<AppUnderTest, 'system'>): Promise<string> {
  const filter = encodeURIComponent("displayName eq 'contoso-deploy'");
  const answer = await fetch(
    `${system.azureUrl}/graph.microsoft.com/v1.0/applications?$filter=${filter}`,
    { headers: { authorization: 'Bearer test' } },
  );
  return ((await answer.json()) as { value: { appId: string }[] }).value[0]?.appId ?? 'none';
}
