/**
 * Human interaction: waits for somebody's decision, and goes another way when none comes in time.
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-overview#human
 *
 * App setting: APPROVAL_SECONDS, how long a decision may take (default 72 hours); a request may ask
 * for less.
 */
import { app } from '@azure/functions';
import * as df from 'durable-functions';

const requestApproval = df.app.activity('RequestApproval', {
  handler: (expense, context) => context.log(`Please decide about ${expense.what}.`),
});
const processApproval = df.app.activity('ProcessApproval', {
  handler: ({ expense, approved }) => `${expense.what}: ${approved ? 'approved' : 'refused'}`,
});
const escalate = df.app.activity('Escalate', {
  handler: (expense) => `${expense.what}: escalated`,
});

df.app.orchestration('ApprovalWorkflow', function* (context) {
  const { expense, seconds } = context.df.getInput();
  yield requestApproval(expense);

  const due = new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);
  const timeout = context.df.createTimer(due);
  const approval = context.df.waitForExternalEvent('ApprovalEvent');
  const first = yield context.df.Task.any([approval, timeout]);
  if (first === timeout) return yield escalate(expense);

  // An orchestration is not over before its timers are.
  timeout.cancel();
  return yield processApproval({ expense, approved: approval.result });
});

app.http('RequestExpense', {
  route: 'expenses',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const { seconds, ...expense } = await request.json();
    const most = Number(process.env.APPROVAL_SECONDS ?? 72 * 3600);
    const input = { expense, seconds: Math.min(seconds ?? most, most) };
    const instanceId = await client.startNew('ApprovalWorkflow', { input });
    return client.createCheckStatusResponse(request, instanceId);
  },
});

/** What a link in a message would lead to; the built-in HTTP API takes the event, too. */
app.http('Decide', {
  route: 'expenses/{instanceId}/{decision:regex(^(approve|refuse)$)}',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const { instanceId, decision } = request.params;
    await df.getClient(context).raiseEvent(instanceId, 'ApprovalEvent', decision === 'approve');
    return { status: 202 };
  },
});
