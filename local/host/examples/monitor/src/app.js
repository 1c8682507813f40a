/**
 * Monitor: asks again and again until something is so, or until the time is over.
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-overview#monitoring
 * and https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-monitor
 *
 * App settings: JOBS_URL, where `{JOBS_URL}/{job}` answers with a job's status, and takes a POST to
 * `{JOBS_URL}/{job}/alert`; POLLING_SECONDS (default 30); EXPIRY_SECONDS (default 6 hours); a
 * request may ask for less.
 */
import * as df from 'durable-functions';

const addressOf = (jobId) => `${process.env.JOBS_URL}/${encodeURIComponent(jobId)}`;

const getJobStatus = df.app.activity('GetJobStatus', {
  handler: async (jobId) => {
    const answer = await fetch(addressOf(jobId));
    if (!answer.ok) throw new Error(`The job's status is ${answer.status}.`);
    return answer.text();
  },
});

const sendAlert = df.app.activity('SendAlert', {
  handler: async (jobId) => {
    await fetch(`${addressOf(jobId)}/alert`, { method: 'POST' });
  },
});

df.app.orchestration('MonitorJobStatus', function* (context) {
  const { jobId, pollingSeconds, expirySeconds } = context.df.getInput();
  const later = (seconds) => new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);
  const expiry = later(expirySeconds);

  while (context.df.currentUtcDateTime < expiry) {
    const status = yield getJobStatus(jobId);
    if (status === 'Completed') {
      yield sendAlert(jobId);
      return 'Alerted';
    }
    yield context.df.createTimer(later(pollingSeconds));
  }
  return 'Expired';
});

/** Settings are read here: an orchestrator must see the same ones whenever it is replayed. */
df.app.client.http('StartMonitor', {
  route: 'monitors/{jobId}',
  methods: ['POST'],
  handler: async (request, client) => {
    const most = Number(process.env.EXPIRY_SECONDS ?? 6 * 3600);
    const input = {
      jobId: request.params.jobId,
      pollingSeconds: Number(process.env.POLLING_SECONDS ?? 30),
      expirySeconds: Math.min(Number(request.query.get('seconds') ?? most), most),
    };
    const instanceId = await client.startNew('MonitorJobStatus', { input });
    return client.createCheckStatusResponse(request, instanceId);
  },
});
