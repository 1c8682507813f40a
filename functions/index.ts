/**
 * The composition root: settings → adapters → registration. The only file with side effects; it
 * throws, and the app does not start, when a setting is missing or bad.
 */
import { app } from '@azure/functions';
import { registerAccess } from './compose/access.ts';
import { registerAudits, registerNotifications } from './compose/audits.ts';
import { registerCaStores } from './compose/ca-stores.ts';
import { registerEvents } from './compose/events.ts';
import { registerHttp } from './compose/http.ts';
import { makeRegisterActivity } from './compose/register-activity.ts';
import { registerSweeps } from './compose/sweeps.ts';
import { registerSyncs } from './compose/syncs.ts';
import { registerUpkeep } from './compose/upkeep.ts';
import { makeWorld } from './compose/world.ts';

const world = makeWorld(process.env);
const activity = makeRegisterActivity(world);

app.hook.appStart(() => world.metrics.start());
app.hook.appTerminate(() => world.metrics.stop());

registerSyncs(world, activity);
registerAccess(world, activity);
registerSweeps(world, activity);
registerCaStores(world, activity);
registerAudits(world, activity);
registerNotifications(world, activity);
registerEvents(world);
registerUpkeep(world);
registerHttp(world);
