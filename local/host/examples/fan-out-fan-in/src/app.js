/**
 * Fan out, fan in: many functions at once, then one that goes on with all their results.
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-overview#fan-in-out
 * and https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-cloud-backup
 *
 * App setting: BACKUP_FOLDER, where copies go.
 */
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { app } from '@azure/functions';
import * as df from 'durable-functions';

const listFiles = df.app.activity('ListFiles', {
  handler: async (folder) => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  },
});

/** Copying again does no harm, as it must be: an activity may run twice. */
const copy = df.app.activity('CopyFile', {
  handler: async ({ folder, file }) => {
    const target = join(process.env.BACKUP_FOLDER, relative(folder, file));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(file, target);
    return (await stat(target)).size;
  },
});

/** Copies everything in a folder and says how many bytes that was. */
df.app.orchestration('BackUpFolder', function* (context) {
  const folder = context.df.getInput();
  const files = yield listFiles(folder);
  const sizes = yield context.df.Task.all(files.map((file) => copy({ folder, file })));
  return sizes.reduce((total, size) => total + size, 0);
});

app.http('HttpStart', {
  route: 'backups',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const instanceId = await client.startNew('BackUpFolder', { input: await request.json() });
    return client.createCheckStatusResponse(request, instanceId);
  },
});
