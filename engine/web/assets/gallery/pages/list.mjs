import { leads, stages } from "../leads.mjs";

export function page(w) {
  const { t, icon } = w;
  return w.frame("Leads", `
<main id="main" class="page is-list" tabindex="-1">
  <div class="page-head">
    <h1>${t("My leads")} <span class="count">${w.lang === "ar" ? "١٬٢٨٤" : "1,284"}</span></h1>
    <div class="actions">
      <div class="segments desk-only" role="group" aria-label="${t("View")}"><a href="?view=list" aria-current="true">${icon("list")}${t("List")}</a><a href="?view=board">${icon("square-kanban")}${t("Board")}</a></div>
      <a class="button desk-only" href="/import">${icon("upload")}${t("Import")}</a>
      <button type="button" class="button is-icon" popovertarget="list-more" aria-label="${t("More")}">${icon("ellipsis")}</button>
      <div popover id="list-more" class="popover menu is-end"><a class="menu-item" href="?export=csv">${icon("download")}${t("Export")}</a><a class="menu-item" href="/columns">${icon("columns-3")}${t("Columns")}</a><a class="menu-item" href="/bin">${icon("trash-2")}${t("Bin")}</a></div>
    </div>
  </div>
  <form class="list" method="post" action="/lead/bulk">
    <div class="toolbar">
      <span class="filter"><button type="button" popovertarget="filter-stage">${t("Stage")} ${t("is any of")} <b>${t("FOLLOW-UP")}, ${t("DEMO CONFIRMED")}</b></button><a class="filter-off" href="?" aria-label="${t("Remove filter")}">${icon("x")}</a></span>
      <span class="filter"><button type="button" popovertarget="filter-stage">${t("Owner")} ${t("is")} <b>${t("me or my team")}</b></button><a class="filter-off" href="?" aria-label="${t("Remove filter")}">${icon("x")}</a></span>
      <button type="button" class="button is-small filter-add" popovertarget="filter-add">${icon("plus")}${t("Filter")}</button>
      <span class="push"><button type="button" class="button is-quiet is-small" popovertarget="sort">${icon("arrow-up-down")}${t("Newest first")}</button><a class="button is-quiet is-small" href="/save">${icon("bookmark")}${t("Save view")}</a></span>
    </div>
    <div class="bulk"><span class="bulk-count" data-count="${t("{n} ticked")}">${t("Ticked rows")}</span>
      <button class="button is-small" name="do" value="assign">${icon("user-check")}${t("Assign")}</button><button class="button is-small" name="do" value="move">${icon("arrow-right", "is-directional")}${t("Move stage")}</button><button class="button is-small" name="do" value="edit">${icon("pencil")}${t("Edit")}</button><button class="button is-small is-danger" name="do" value="delete">${icon("trash-2")}${t("Move to bin")}</button>
    </div>
    <div class="table-scroll" role="region" aria-label="${t("My leads")}" tabindex="0">
      <table class="table is-pinned is-cards" data-rows>
        <thead><tr>
          <th class="cell-check"><input type="checkbox" class="check" data-tick-all aria-label="${t("Tick all on this page")}"></th>
          <th class="cell-title"><a href="?sort=title">${t("Name")}</a></th><th class="cell-stage"><a href="?sort=stage">${t("Stage")}</a></th><th><a href="?sort=phone">${t("Mobile")}</a></th>
          <th><a href="?sort=source">${t("Source")}</a></th><th aria-sort="ascending"><a href="?sort=-due">${t("Next follow-up")}</a></th><th class="num"><a href="?sort=budget">${t("Budget")}</a></th>
          <th>${t("Owner")}</th><th>${t("Reference")}</th><th><a href="?sort=-created">${t("Created")}</a></th>
        </tr></thead>
        <tbody>${leads.map((lead, n) => row(w, lead, n)).join("")}</tbody>
      </table>
    </div>
    <nav class="pages" aria-label="${t("Pages")}"><span>${t("50 of 1,284")}</span><span class="push"><a class="button is-small" aria-disabled="true">${icon("chevron-left", "is-directional")}${t("Before")}</a><a class="button is-small" href="?after=x" rel="next">${t("Next")}${icon("chevron-right", "is-directional")}</a></span></nav>
  </form>
  ${filters(w)}
</main>`, "list");
}

function row(w, lead, n) {
  const { t, icon } = w;
  const end = { green: " is-won", red: " is-lost" }[lead.stage[1]] ?? "";
  const budget = lead.hidden ? `<span class="no-right">${icon("lock")}<span class="sr-only">${t("Not yours to see")}</span></span>` : lead.budget ? `₹${lead.budget}` : `<span class="nil" aria-label="${t("empty")}">–</span>`;
  return `<tr><td class="cell-check"><input type="checkbox" class="check" name="id" value="${n}" aria-label="${t(lead.name)}"></td><td class="cell-title"><a href="/record">${t(lead.name)}</a></td><td class="cell-stage">${w.pill(lead.stage[0], lead.stage[1], "is-stage" + end)}</td><td data-label="${t("Mobile")}"><bdi dir="ltr">${lead.phone}</bdi></td><td data-label="${t("Source")}" class="is-extra">${t(lead.source)}</td><td data-label="${t("Next follow-up")}">${lead.due ? `<span class="due ${lead.due[0]}">${t(lead.due[1])}</span>` : `<span class="nil" aria-label="${t("empty")}">–</span>`}</td><td data-label="${t("Budget")}" class="num">${budget}</td><td data-label="${t("Owner")}" class="is-extra">${w.person(...lead.owner)}</td><td data-label="${t("Reference")}" class="is-extra muted"><bdi>${lead.reference}</bdi></td><td data-label="${t("Created")}" class="is-extra muted"><time datetime="${lead.ago}" data-ago>${lead.ago.slice(0, 10)}</time></td></tr>`;
}

function filters(w) {
  const { t, icon } = w;
  const field = (label, name, body) => `<details name="filter"><summary>${icon(name)}${t(label)}</summary><form action="?" method="get"><select class="input" name="op" aria-label="${t("Condition")}"><option>${t("is any of")}</option><option>${t("is none of")}</option><option>${t("is empty")}</option></select>${body}<button class="button is-primary is-small">${t("Apply")}</button></form></details>`;
  const chips = `<div class="chips">${stages.map(([stage]) => `<label class="chip"><input type="checkbox" name="v" value="${stage}">${icon("check")}${t(stage)}</label>`).join("")}</div>`;
  return `<div popover id="filter-add" class="popover filter-pop"><input class="input needs-script" type="search" placeholder="${t("Find a field")}" aria-label="${t("Find a field")}" data-sift="details" autofocus>
    ${field("Stage", "circle-dot", chips)}${field("Source", "megaphone", `<input class="input" name="v" aria-label="${t("Source")}">`)}${field("Next follow-up", "calendar-clock", `<input class="input" type="date" name="v" aria-label="${t("Next follow-up")}">`)}${field("Budget", "wallet", `<input class="input is-number" name="v" inputmode="decimal" aria-label="${t("Budget")}">`)}${field("Owner", "user", `<input class="input" name="v" aria-label="${t("Owner")}">`)}</div>
  <div popover id="filter-stage" class="popover filter-pop"><form action="?" class="dialog-body"><select class="input" name="op" aria-label="${t("Condition")}"><option>${t("is any of")}</option></select>${chips}<button class="button is-primary is-small">${t("Apply")}</button></form></div>
  <div popover id="sort" class="popover menu is-end"><a class="menu-item" href="?sort=-created">${icon("arrow-down")}${t("Newest first")}</a><a class="menu-item" href="?sort=due">${icon("calendar-clock")}${t("Next follow-up")}</a></div>`;
}
