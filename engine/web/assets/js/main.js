// Each module finds its own markup by a data attribute and makes it nicer. Without any of them every page still works.
import { watchBuilder } from './builder.js';
import { watchBulk } from './bulk.js';
import { watchCells } from './cells.js';
import { watchComposer } from './composer.js';
import { watchCalls } from './calling.js';
import { watchCharts } from './charts.js';
import { watchDialogs } from './dialogs.js';
import { watchDrafts } from './drafts.js';
import { watchDrops } from './drops.js';
import { watchForms } from './forms.js';
import { watchKeys } from './keys.js';
import { watchKnown } from './known.js';
import { watchMerge } from './merge.js';
import { watchNews } from './news.js';
import { watchParts } from './parts.js';
import { watchPalette } from './palette.js';
import { watchPeek } from './peek.js';
import { watchPickers } from './picker.js';
import { watchRail } from './rail.js';
import { watchRows } from './rows.js';
import { watchShown } from './shown.js';
import { watchSifts } from './sift.js';
import { watchTags } from './tags.js';
import { watchTheme } from './theme.js';
import { watchTimes } from './times.js';
import { watchToasts } from './toasts.js';

document.documentElement.dataset.script = '';
watchTheme();
watchKeys();
watchPalette();
watchRail();
watchRows();
watchBuilder();
watchForms();
watchDialogs();
watchCalls();
watchParts();
watchComposer();
watchPeek();
watchToasts();
watchCharts();
watchNews();
watchTimes();
watchSifts();
watchMerge();
watchBulk();
watchCells();
enhance(document);
document.addEventListener('crm:added', (event) => enhance(event.target));

// Also run on what arrives later: a form fetched into a dialog announces itself by crm:added.
function enhance(root) {
  watchDrafts(root); // before the others build upon what the controls hold
  watchPickers(root);
  watchTags(root);
  watchDrops(root);
  watchShown(root);
  watchKnown(root);
}

// On a telephone the program may be put beside the others; it then says so itself where there is no network.
if ('serviceWorker' in navigator && matchMedia('(pointer: coarse), (display-mode: standalone)').matches) navigator.serviceWorker.register('/worker.js');

// Only some pages need these.
const parts = [];
const bring = (selector, part, watch) => {
  for (const one of document.querySelectorAll(selector)) parts.push(part().then((module) => watch(module, one)));
};
bring('[data-drafts]', () => import('./kept.js'), ({ tellKept }, box) => tellKept(box));
bring('[data-board]', () => import('./board.js'), ({ watchBoard }, board) => watchBoard(board));
bring('[data-calendar]', () => import('./calendar.js'), ({ watchCalendar }, one) => watchCalendar(one));
bring('.page.is-list', () => import('./lists.js'), ({ watchLists }) => watchLists());
bring('.page.is-list', () => import('./groups.js'), ({ watchGroups }) => watchGroups());
bring('.page.is-list', () => import('./columns.js'), ({ watchColumns }) => watchColumns());

// For whoever drives the page by a program: all that acts on it is there.
Promise.all(parts).then(() => { document.documentElement.dataset.whole = ''; });
