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
for (const box of document.querySelectorAll('[data-drafts]')) import('./kept.js').then(({ tellKept }) => tellKept(box));

// Only boards need this.
for (const board of document.querySelectorAll('[data-board]')) import('./board.js').then(({ watchBoard }) => watchBoard(board));

// Only calendars need this.
for (const one of document.querySelectorAll('[data-calendar]')) import('./calendar.js').then(({ watchCalendar }) => watchCalendar(one));

// Only lists need this.
if (document.querySelector('.page.is-list')) {
  import('./lists.js').then(({ watchLists }) => watchLists());
  import('./groups.js').then(({ watchGroups }) => watchGroups());
  import('./columns.js').then(({ watchColumns }) => watchColumns());
}
