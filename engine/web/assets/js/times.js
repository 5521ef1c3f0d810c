// <time datetime data-ago>: "3 minutes ago" for a week, then the server's own words; those stay in the title.
const steps = [['second', 60], ['minute', 60], ['hour', 24], ['day', 7]];
const minute = 60000;

export function watchTimes() {
  tell();
  setInterval(tell, minute);
  document.addEventListener('crm:added', tell);
}

function tell() {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'auto', style: 'short' });
  for (const time of document.querySelectorAll('time[data-ago]')) {
    const said = ago(Date.parse(time.dateTime) - Date.now(), format);
    time.title ||= time.textContent;
    time.textContent = said ?? time.title;
  }
}

function ago(milliseconds, format) {
  let amount = Math.round(milliseconds / 1000);
  for (const [unit, size] of steps) {
    if (Math.abs(amount) < size) return format.format(unit === 'second' ? 0 : amount, unit === 'second' ? 'minute' : unit);
    amount = Math.round(amount / size);
  }
  return null;
}
