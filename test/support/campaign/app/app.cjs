/**
 * The app of the crash campaign: orchestrations that do what their input tells them (../program.ts
 * has the steps and what each of them must lead to), and activities that leave their effect in a
 * file outside the host.
 */
const fs = require('node:fs');
const process = require('node:process');
const df = require('durable-functions');

const effects = openEffects(process.env.CAMPAIGN_EFFECTS);
const hour = 3_600_000;

/** Effects so far, by key: what an activity sees of its earlier runs, those of killed hosts too. */
function openEffects(file) {
  const counts = new Map();
  const count = (key) => counts.set(key, (counts.get(key) ?? 0) + 1);
  const known = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  for (const line of known.split('\n')) if (line !== '') count(line);
  const handle = fs.openSync(file, 'a');
  const killAt = Number(process.env.CAMPAIGN_KILL_AT_EFFECT ?? 0);
  let written = 0;
  return {
    /** Leaves an effect; it is on the disk when this returns. */
    leave(key) {
      fs.writeSync(handle, `${key}\n`);
      fs.fsyncSync(handle);
      count(key);
      // The worst moment: it has happened, and nobody knows.
      if (++written === killAt) process.kill(process.pid, 'SIGKILL');
      return counts.get(key);
    },
  };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

df.app.activity('Effect', {
  handler: async ({ key, value, ms = 0, fails = 0 }) => {
    if (ms > 0) await pause(ms);
    if (effects.leave(key) <= fails) throw new Error(`failed ${key}`);
    return value;
  },
});

const retry = (attempts) => {
  const options = new df.RetryOptions(5, attempts);
  options.backoffCoefficient = 1.5;
  return options;
};

/** The tasks that can be waited for alone or together. */
function task({ df: durable }, step) {
  switch (step.op) {
    case 'call':
      return durable.callActivity('Effect', step);
    case 'caught':
      return durable.callActivity('Effect', { key: step.key, fails: 1e9 });
    case 'retried':
      return durable.callActivityWithRetry('Effect', retry(step.fails + 1), step);
    case 'exhausted':
      return durable.callActivityWithRetry('Effect', retry(step.attempts), {
        key: step.key,
        fails: 1e9,
      });
    case 'sub':
      return durable.callSubOrchestrator('Program', { steps: step.steps }, step.id);
    case 'subRetried':
      return durable.callSubOrchestratorWithRetry(
        'Program',
        retry(step.fails + 1),
        { steps: [{ ...step, op: 'call' }] },
        step.id,
      );
    default:
      throw new Error(`No task: ${step.op}`);
  }
}

const later = ({ df: durable }, ms) =>
  durable.createTimer(new Date(durable.currentUtcDateTime.getTime() + ms));

function* caught(waited, key) {
  try {
    yield waited;
  } catch (error) {
    return error.message.includes(`failed ${key}`) ? `caught ${key}` : error.message;
  }
  return `not caught ${key}`;
}

function* run(context, step) {
  const durable = context.df;
  switch (step.op) {
    case 'caught':
    case 'exhausted':
      return yield* caught(task(context, step), step.key);
    case 'all':
      return yield durable.Task.all(step.of.map((one) => task(context, one)));
    case 'allCaught':
      return yield* caught(
        durable.Task.all(step.of.map((one) => task(context, one))),
        step.of.find(({ op }) => op === 'caught').key,
      );
    case 'settled': {
      const tasks = step.of.map((one) => task(context, one));
      try {
        yield durable.Task.all(tasks);
      } catch {
        // Each of them is looked at below.
      }
      const results = [];
      for (const [index, { op, key }] of step.of.entries()) {
        const fails = op === 'caught' || op === 'exhausted';
        results.push(fails ? yield* caught(tasks[index], key) : yield tasks[index]);
      }
      return results;
    }
    case 'first': {
      const timer = later(context, hour);
      const call = durable.callActivity('Effect', step);
      const winner = yield durable.Task.any([timer, call]);
      timer.cancel();
      return winner === call ? call.result : 'timer';
    }
    case 'timeout': {
      const timer = later(context, step.ms);
      const winner = yield durable.Task.any([durable.waitForExternalEvent('never'), timer]);
      return winner === timer ? 'timeout' : 'event';
    }
    case 'timers': {
      const due = Math.max(...step.ms) + durable.currentUtcDateTime.getTime();
      yield durable.Task.all(step.ms.map((ms) => later(context, ms)));
      return durable.currentUtcDateTime.getTime() >= due ? 'in time' : 'early';
    }
    case 'status':
      durable.setCustomStatus(step.text);
      return step.text;
    case 'guid': {
      const value = durable.newGuid(step.key);
      const other = durable.newGuid(step.key);
      const back = yield durable.callActivity('Effect', { key: step.key, value });
      return back === value && other !== value;
    }
    case 'clock': {
      const value = durable.currentUtcDateTime.toISOString();
      return (yield durable.callActivity('Effect', { key: step.key, value })) === value;
    }
    case 'event':
      return yield durable.waitForExternalEvent(step.name);
    case 'entity': {
      const list = new df.EntityId('List', step.key);
      for (const value of step.values) {
        if (value % 2 === 0) durable.signalEntity(list, 'append', { value });
        else yield durable.callEntity(list, 'append', { value });
      }
      return yield durable.callEntity(list, 'get');
    }
    case 'transfer': {
      const [from, to] = accounts(step.from, step.to);
      const lock = yield durable.lock(from, to);
      const before = yield durable.Task.all([balance(durable, from), balance(durable, to)]);
      yield durable.Task.all([
        durable.callEntity(from, 'add', -step.amount),
        durable.callEntity(to, 'add', step.amount),
      ]);
      const after = yield durable.Task.all([balance(durable, from), balance(durable, to)]);
      lock.release();
      return before[0] - after[0] === step.amount && after[1] - before[1] === step.amount;
    }
    case 'lockForever':
      yield durable.lock(accounts(...step.accounts));
      return yield durable.waitForExternalEvent('never');
    case 'forever':
      return yield durable.waitForExternalEvent('never');
    default:
      return yield task(context, step);
  }
}

const accounts = (...keys) => keys.map((key) => new df.EntityId('Account', key));
const balance = (durable, account) => durable.callEntity(account, 'balance');

df.app.entity('List', ({ df: durable }) => {
  const values = durable.getState(() => []);
  if (durable.operationName === 'append') durable.setState([...values, durable.getInput().value]);
  else durable.return(values);
});

df.app.entity('Account', ({ df: durable }) => {
  const value = durable.getState(() => 0);
  if (durable.operationName === 'add') durable.setState(value + durable.getInput());
  else durable.return(value);
});

function* runAll(context, steps) {
  const results = [];
  for (const step of steps) results.push(yield* run(context, step));
  return results;
}

df.app.orchestration('Program', function* (context) {
  return yield* runAll(context, context.df.getInput().steps);
});

/** Takes numbered events until it has seen them all; senders may send one more than once. */
df.app.orchestration('Collect', function* (context) {
  const { key, steps, count } = context.df.getInput();
  const results = yield* runAll(context, steps);
  const seen = [];
  while (seen.length < count) yield* takeItem(context, key, seen);
  return { results, seen };
});

/** The same, starting over after every other event. */
df.app.orchestration('Eternal', function* (context) {
  const { key, count, seen } = context.df.getInput();
  context.df.setCustomStatus(`${seen.length} of ${count}`);
  for (let i = 0; i < 2 && seen.length < count; i++) yield* takeItem(context, key, seen);
  if (seen.length < count) context.df.continueAsNew({ key, count, seen });
  return seen;
});

function* takeItem(context, key, seen) {
  const item = yield context.df.waitForExternalEvent('item');
  if (seen.includes(item)) return;
  seen.push(item);
  yield context.df.callActivity('Effect', { key: `${key}.e${item}`, value: item });
}
