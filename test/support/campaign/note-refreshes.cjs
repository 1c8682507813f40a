/**
 * Loaded into the whole system before everything else: notes each refresh that API Management is
 * asked for in a file, so that they can be counted over many lives of the process.
 */
const fs = require('node:fs');
const http = require('node:http');
const process = require('node:process');

const file = process.env.CAMPAIGN_REFRESHES;
const { emit } = http.Server.prototype;

http.Server.prototype.emit = function (event, request, ...rest) {
  const id = /\/certificates\/([^/?]+)\/refreshSecret/.exec(request?.url ?? '')?.[1];
  if (event === 'request' && id !== undefined) fs.appendFileSync(file, `${id}\n`);
  return Reflect.apply(emit, this, [event, request, ...rest]);
};
