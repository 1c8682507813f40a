/** What the engine is measured with: an orchestration of activities that do nothing, one by one. */
const df = require('durable-functions');

df.app.activity('Step', { handler: () => performance.timeOrigin + performance.now() });

df.app.orchestration('Chain', function* (context) {
  const begun = [];
  const { steps } = context.df.getInput();
  while (begun.length < steps) begun.push(yield context.df.callActivity('Step'));
  return begun;
});
