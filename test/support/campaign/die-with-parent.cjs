/** Loaded into a host: when the campaign itself is stopped, no host stays behind. */
const process = require('node:process');

process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
