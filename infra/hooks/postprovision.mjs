/** Once the app has an address: it becomes the one that browsers come back to after signing in. */
import { applicationUrl, signInBody } from './application.mjs';
import { rest, runHook, say } from './command-line.mjs';

await runHook((environment) => {
  const { CERTKEEPER_ENTRA_APPLICATION, CERTKEEPER_ENTRA_CLIENT_ID, CERTKEEPER_URL } = environment;
  if (environment.CERTKEEPER_AUTHENTICATION !== 'entra') return;
  const callback = `${CERTKEEPER_URL}/.auth/login/aad/callback`;
  if (!CERTKEEPER_ENTRA_APPLICATION) {
    say(`Your Entra application has to have the redirect URI ${callback}, and to issue ID tokens.`);
    return;
  }
  const body = signInBody(CERTKEEPER_ENTRA_CLIENT_ID, CERTKEEPER_URL);
  rest('patch', applicationUrl(CERTKEEPER_ENTRA_APPLICATION), body);
  say(`Browsers sign in at ${CERTKEEPER_URL}/api/dashboard`);
});
