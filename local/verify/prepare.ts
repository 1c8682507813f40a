/** What has to be there before the first question; who lacks it is told which option, and the cure. */
import { isRestError } from '@azure/core-rest-pipeline';
import { briefly, isSuccess, type Answer } from './answer.ts';
import { groupIdOf, serviceIdOf } from './make-world.ts';
import type { Place, Subject } from './place.ts';
import type { Wire } from './wire.ts';
import { askArm, armUrl, nameOf, type ServiceFacts } from './world.ts';

/** Thrown when no question can be asked at all. The message names the option and the cure. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

/** Thrown when something is missing, or Azure cannot be reached: CannotRun. */
export async function prepare(
  ...[wire, place, subject, run]: Parameters<typeof findFacts>
): Promise<ServiceFacts> {
  try {
    return await findFacts(wire, place, subject, run);
  } catch (error) {
    if (!isRestError(error)) throw error;
    throw new CannotRun(`Azure cannot be reached from here: ${error.message}`, { cause: error });
  }
}

async function findFacts(
  wire: Wire,
  place: Place,
  subject: Subject,
  run: string,
): Promise<ServiceFacts> {
  const { tenantId, objectId } = await signedIn(place);
  const { subscriptionId, resourceGroup, service } = subject;
  const ask = (path: string) => askArm({ wire }, 'GET', path);

  require(await ask(
    `/subscriptions/${subscriptionId}`,
  ), `--subscription: there is no subscription ${subscriptionId} for who is signed in.`, 'az account list --output table');
  require(await ask(
    groupIdOf(subject),
  ), `--resource-group: there is no resource group ${resourceGroup} in the subscription.`, `az group create --name ${resourceGroup} --location westeurope`);
  const found = require(await ask(
    serviceIdOf(subject),
  ), `--service: there is no API Management service ${service} in ${resourceGroup}.`, `az apim create --name ${service} --resource-group ${resourceGroup} --sku-name Developer --publisher-name Me --publisher-email me@example.com --enable-managed-identity true`);
  await requireWriting(wire, subject, run);
  const principalId = found.text('identity', 'principalId');
  return {
    ...{ tenantId, callerId: objectId },
    location: found.text('location'),
    tier: found.text('sku', 'name'),
    principalId: principalId === '' ? undefined : principalId,
  };
}

async function signedIn(place: Place) {
  try {
    return await place.whoAsks();
  } catch (error) {
    throw new CannotRun('Nobody is signed in to Azure here. Sign in first:\n  az login', {
      cause: error,
    });
  }
}

function require(answer: Answer, missing: string, cure: string): Answer {
  if (isSuccess(answer)) return answer;
  if (answer.status === 403) throw forbidden('read', answer);
  if (answer.status === 404) throw new CannotRun(`${missing}\n  ${cure}`);
  throw new CannotRun(`${missing}\n  Azure says: ${briefly(answer)} ${answer.message}\n  ${cure}`);
}

/** Whether the caller may change the service shows itself in a change: of a backend of the run's own. */
async function requireWriting(wire: Wire, subject: Subject, run: string): Promise<void> {
  const url = armUrl(`${serviceIdOf(subject)}/backends/${nameOf(run, 'may-write')}`);
  const body = { properties: { url: 'https://ckverify.invalid', protocol: 'http' } };
  // Stopped meanwhile, it may have been made all the same.
  const answer = await wire
    .ask('PUT', url, { body })
    .finally(() => wire.unstoppable.ask('DELETE', url, { headers: { 'if-match': '*' } }));
  if (isSuccess(answer)) return;
  if (answer.status === 403) throw forbidden('change', answer);
  throw new CannotRun(
    `--service: ${subject.service} does not take a backend: ${briefly(answer)} ${answer.message}`,
  );
}

function forbidden(what: string, answer: Answer): CannotRun {
  return new CannotRun(
    `Who is signed in may not ${what} it: ${answer.message}\n  An Owner of the resource group gives the role:\n  az role assignment create --role Contributor --assignee YOU --scope THE-RESOURCE-GROUP`,
  );
}
