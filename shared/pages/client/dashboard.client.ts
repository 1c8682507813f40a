/** The dashboard's script: see docs/adr/0022-the-dashboard.md. */
import { listenForActs } from './dashboard/acts.ts';
import { listenForClosing } from './dashboard/dialog.ts';
import { listenAtDoor } from './dashboard/door.ts';
import { byId } from './dashboard/element.ts';
import { takeKeyFromAddress } from './dashboard/key.ts';
import { startLive } from './dashboard/live.ts';
import { listenForLooking } from './dashboard/looking.ts';
import { listenForReport } from './dashboard/report.ts';
import { setUpTheme } from './theme.ts';

takeKeyFromAddress();
const theme = byId('theme', HTMLElement);
setUpTheme(theme);
theme.hidden = false;
// A page that only says why there is nothing to see has nothing that lives.
if (document.getElementById('live') !== null) {
  startLive();
  listenForActs();
  listenForClosing();
  listenForLooking();
  listenForReport();
  listenAtDoor();
}
