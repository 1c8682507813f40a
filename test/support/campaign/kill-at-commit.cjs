/**
 * Loaded into a host before everything else: kills the process, as `kill -9` would, right before or
 * right after its nth commit, so that the moments that matter most are met often.
 */
const process = require('node:process');
const { DatabaseSync } = require('node:sqlite');

const [moment, count] = (process.env.CAMPAIGN_KILL_AT_COMMIT ?? 'never:0').split(':');
const { exec } = DatabaseSync.prototype;
let commits = 0;

DatabaseSync.prototype.exec = function (sql) {
  const isTheOne = sql === 'COMMIT' && ++commits === Number(count);
  if (isTheOne && moment === 'before') process.kill(process.pid, 'SIGKILL');
  const result = Reflect.apply(exec, this, [sql]);
  if (isTheOne && moment === 'after') process.kill(process.pid, 'SIGKILL');
  return result;
};
