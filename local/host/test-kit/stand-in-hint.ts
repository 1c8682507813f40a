/** What is to be done when functions do not reach the kit. */
export const standInHint =
  'Is the app imported before the kit is made? And does the kit stand in for the host: is Node ' +
  'started with --import functions-host/test-kit/register or, in Jest, @azure/functions-core ' +
  'mapped to functions-host/test-kit/functions-core?';
