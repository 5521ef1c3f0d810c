export function page(w) {
  const { t, icon } = w;
  return w.frame("Priya Deshmukh", `
<main id="main" class="page" tabindex="-1">
  <header class="record-head">
    <div class="page-head">
      <nav class="crumbs" aria-label="${t("Path")}"><ol class="crumbs"><li><a href="/list">${t("Leads")}</a></li><li><bdi>LEAD-2026-01284</bdi></li></ol></nav>
      <div class="stack-tight"><h1>${t("Priya Deshmukh")} ${w.pill("FOLLOW-UP", "blue")}</h1>
      <p class="sub"><span>${t("Deshmukh Coaching, Pune")}</span>${w.person("Asha Nair", "teal")}<span class="due is-today">${icon("calendar-clock")}${t("Today 15:00")}</span></p></div>
      <div class="actions">
        <span class="button-pair desk-only"><a class="button is-icon is-quiet" href="?" aria-label="${t("Before")}">${icon("chevron-up")}</a><a class="button is-icon is-quiet" href="?" aria-label="${t("Next")}">${icon("chevron-down")}</a></span>
        <a class="button" href="tel:+919820010342">${icon("phone")}${t("Log call")}</a>
        <a class="button" href="/form" data-edit>${icon("pencil")}${t("Edit")}</a>
        <span class="button-pair"><a class="button is-primary" href="/form" data-dialog>${t("Confirm demo")}</a><button type="button" class="button is-primary is-icon" popovertarget="moves" aria-label="${t("Other moves")}">${icon("chevron-down")}</button></span>
        <div popover id="moves" class="popover menu is-end"><a class="menu-item" href="/form" data-dialog>${icon("arrow-right", "is-directional")}${t("Confirm demo")}</a><button type="button" class="menu-item" aria-disabled="true" popovertarget="why-proposal">${icon("lock")}${t("Send proposal")}</button><a class="menu-item" href="/form" data-dialog>${icon("pause")}${t("Hold")}</a><hr><a class="menu-item is-danger" href="/form" data-dialog>${icon("x")}${t("Lost")}</a></div>
        <button type="button" class="button is-quiet is-icon" popovertarget="record-more" aria-label="${t("More")}">${icon("ellipsis")}</button>
        <div popover id="record-more" class="popover menu is-end"><a class="menu-item" href="/print">${icon("printer")}${t("Print")}</a><button class="menu-item is-danger">${icon("trash-2")}${t("Move to bin")}</button></div>
      </div>
    </div>
    ${stageBar(w)}
  </header>
  <div class="record">
    <section class="record-side" aria-labelledby="facts-title">
      <div><div class="facts-head"><h2 id="facts-title">${t("Key facts")}</h2></div>
      <dl class="facts">${facts(w)}</dl></div>
      <div><div class="facts-head"><h2>${t("Interest")}</h2></div>
      <dl class="facts">
        <div class="fact"><dt>${t("Source")}</dt><dd>${w.pill("Google", "grey", "")}</dd></div>
        <div class="fact"><dt>${t("Products")}</dt><dd class="pills">${w.pill("Attendance app", "teal", "")} ${w.pill("Fee ledger", "indigo", "")}</dd></div>
        <div class="fact"><dt>${t("Budget")}</dt><dd>₹1,20,000</dd></div>
        <div class="fact"><dt>${t("Hot")}</dt><dd><span class="yes">${icon("check")} ${t("Yes")}</span></dd></div>
        <div class="fact"><dt>${t("Discount")}</dt><dd><span class="no-right">${icon("lock")}${t("Not yours to see")}</span></dd></div>
        <div class="fact"><dt>${t("Campaign")}</dt><dd><span class="nil" aria-label="${t("empty")}">–</span></dd></div>
        <div class="fact is-long"><dt>${t("Note")}</dt><dd>${t("Runs three branches. Wants fees and attendance in one place before the June intake.")}</dd></div>
      </dl></div>
    </section>
    <div class="record-main">
      <nav class="tabs" aria-label="${t("Parts of this record")}"><a class="tab" href="?tab=history" aria-current="page">${t("History")}</a><a class="tab" href="?tab=calls">${t("Calls")} <span class="count">4</span></a><a class="tab" href="?tab=appointments">${t("Appointments")} <span class="count">1</span></a><a class="tab" href="?tab=files">${t("Files")} <span class="count">2</span></a></nav>
      <section class="panel" aria-labelledby="calls-title"><div class="panel-head"><h2 id="calls-title">${t("Calls")} <span class="count">4</span></h2><a class="button is-small" href="/form">${icon("plus")}${t("Log call")}</a></div>
        <div class="table-scroll"><table class="table is-inset is-cards"><thead><tr><th class="cell-title">${t("Call")}</th><th class="cell-stage">${t("Outcome")}</th><th>${t("When")}</th><th class="num">${t("Length")}</th><th>${t("By")}</th></tr></thead><tbody>
        ${[["Outgoing", "Answered", "green", "2026-11-21T09:40:00Z", "4:12"], ["Outgoing", "Number busy", "amber", "2026-11-20T12:05:00Z", "–"], ["Incoming", "Missed", "red", "2026-11-19T17:31:00Z", "–"]].map(([kind, outcome, hue, at, length]) => `<tr><td class="cell-title"><a href="#call">${t(kind)}</a></td><td class="cell-stage">${w.pill(outcome, hue, "")}</td><td data-label="${t("When")}"><time datetime="${at}" data-ago>${at.slice(0, 10)}</time></td><td class="num" data-label="${t("Length")}">${length === "–" ? `<span class="nil">–</span>` : length}</td><td data-label="${t("By")}">${w.person("Asha Nair", "teal")}</td></tr>`).join("")}
        </tbody></table></div></section>
      <section class="panel" aria-labelledby="history-title"><div class="panel-head"><h2 id="history-title">${t("History")}</h2></div>${timeline(w)}</section>
    </div>
  </div>
</main>`, "list");
}

function stageBar(w) {
  const { t, icon } = w;
  return `<nav class="stage-bar" aria-label="${t("Stage")}"><ol class="steps">
    <li><span class="step is-done">${icon("check")}<b>${t("NOT ATTEMPTED")}</b><small>${t("2 days")}</small></span></li>
    <li data-hue="blue"><span class="step is-current" aria-current="step"><span class="step-mark"></span><b>${t("FOLLOW-UP")}</b><small>${t("since 3 days")}</small></span></li>
    <li><a class="step" href="/form" data-dialog><span class="step-mark"></span><b>${t("DEMO CONFIRMED")}</b><small>${t("Confirm demo")}</small></a></li>
    <li><button type="button" class="step" aria-disabled="true" popovertarget="why-proposal" aria-describedby="why-proposal">${icon("lock")}<b>${t("PROPOSAL SENT")}</b><small>${t("Not yet")}</small></button></li>
    <li><button type="button" class="step" aria-disabled="true" popovertarget="why-proposal">${icon("lock")}<b>${t("CLOSE TO WON")}</b><small>${t("Not yet")}</small></button></li>
    <li><a class="step" href="/form" data-dialog><span class="step-mark"></span><b>${t("CLOSE TO LOOSE")}</b><small>${t("Lost")}</small></a></li>
  </ol></nav>
  <div popover id="why-proposal" class="popover reason"><h3>${icon("lock")}${t("Not yet PROPOSAL SENT")}</h3><ul><li>${t("Demo date is empty.")} <a href="/form#demo">${t("Fill it in")}</a></li><li>${t("Log an answered call first.")}</li></ul><small>${t("Meera may do it without the call.")}</small></div>`;
}

function facts(w) {
  const { t } = w;
  return [["Mobile", `<a href="tel:+919820010342"><bdi dir="ltr">+91 98200 10342</bdi></a>`], ["Email", `<a href="mailto:priya@example.org"><bdi>priya@example.org</bdi></a>`], ["Owner", w.person("Asha Nair", "teal")], ["Next follow-up", `<span class="due is-today">${t("Today 15:00")}</span>`], ["Account", `<a href="/record">${t("Deshmukh Coaching, Pune")}</a>`], ["Created", `<time datetime="2026-11-16T08:12:00Z" data-ago>16 Nov 2026</time>`]].map(([label, value]) => `<div class="fact"><dt>${t(label)}</dt><dd>${value}</dd></div>`).join("");
}

function timeline(w) {
  const { t, icon } = w;
  const entry = (mark, hue, body, at, more = "") => `<li class="entry ${more}"><span class="entry-mark"${hue ? ` data-hue="${hue}"` : ""}>${icon(mark, mark.startsWith("arrow") ? "is-directional" : "")}</span><div class="entry-body">${body}</div><time datetime="${at}" data-ago>${at.slice(11, 16)}</time></li>`;
  return `<ol class="timeline"><li class="day">${t("Today")}</li>
    ${entry("phone-outgoing", "", `<b>${t("Asha Nair")}</b> ${t("called")} <span class="muted">${t("Answered")}, 4:12</span><p class="entry-text">${t("Asked for a demo after the exams. Prefers mornings; her partner joins.")}</p>`, "2026-11-21T09:40:00Z")}
    ${entry("pencil", "", `<b>${t("Asha Nair")}</b> ${t("changed")}<dl class="changes"><div><dt>${t("Next follow-up")}</dt><dd><del>${t("Yesterday 16:30")}</del> ${icon("arrow-right", "is-directional")} <ins>${t("Today 15:00")}</ins></dd></div><div><dt>${t("Budget")}</dt><dd><del>₹80,000</del> <ins>₹1,20,000</ins></dd></div></dl>`, "2026-11-21T09:44:00Z")}
    <li class="day">${t("18 November")}</li>
    ${entry("arrow-right", "blue", `<b>${t("Asha Nair")}</b> ${t("moved it to")} ${w.pill("FOLLOW-UP", "blue")}`, "2026-11-18T11:02:00Z")}
    ${entry("ban", "", `<b>${t("Ravi Kumar")}</b> ${t("was refused")} <span class="muted">${t("PROPOSAL SENT")}: ${t("Demo date is empty.")}</span>`, "2026-11-18T10:31:00Z", "is-refused")}
    ${entry("plus", "", `<b>${t("Website")}</b> ${t("made this lead")}`, "2026-11-16T08:12:00Z")}</ol>`;
}
