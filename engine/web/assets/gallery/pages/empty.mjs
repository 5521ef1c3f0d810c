export function page(w) {
  const { t, icon } = w;
  const rows = [["Sunita Verma", "Lead", "Asha Nair", "teal", "2026-11-20T10:12:00Z", "29 days"], ["Manoj Tiwari", "Lead", "Ravi Kumar", "indigo", "2026-11-12T15:40:00Z", "21 days"], ["Outgoing", "Call", "Asha Nair", "teal", "2026-10-27T09:01:00Z", "5 days"]];
  return w.frame("Bin", `
<main id="main" class="page" tabindex="-1">
  <div class="notice is-banner">${icon("info")}<div>${t("What is in the bin is kept for 30 days, then it goes for good.")}</div></div>
  <div class="page-head"><h1>${t("Bin")} <span class="count">3</span></h1></div>
  <div class="table-scroll"><table class="table is-cards"><thead><tr><th class="cell-title">${t("Name")}</th><th class="cell-stage">${t("Kind")}</th><th>${t("Deleted by")}</th><th>${t("When")}</th><th class="num">${t("Goes in")}</th><th><span class="sr-only">${t("Deeds")}</span></th></tr></thead><tbody>
  ${rows.map(([name, kind, by, hue, at, left]) => `<tr><td class="cell-title"><a href="/record">${t(name)}</a></td><td class="cell-stage">${t(kind)}</td><td data-label="${t("Deleted by")}">${w.person(by, hue)}</td><td data-label="${t("When")}"><time datetime="${at}" data-ago>${at.slice(0, 10)}</time></td><td class="num" data-label="${t("Goes in")}">${t(left)}</td><td class="num"><form method="post" action="/bin"><button class="button is-small">${icon("archive-restore")}${t("Restore")}</button></form></td></tr>`).join("")}
  </tbody></table></div>
  <div class="empty"><span class="empty-mark">${icon("users")}</span><h2>${t("No leads yet")}</h2><p>${t("Leads arrive from your website and your calls, or you can bring them in from a file.")}</p><div class="row"><a class="button is-primary" href="/form">${icon("plus")}${t("New lead")}</a><a class="button" href="/import">${icon("upload")}${t("Import")}</a></div></div><hr>
  <div class="empty"><span class="empty-mark">${icon("list-filter")}</span><h2>${t("Nothing matches these filters")}</h2><p>${t("Stage is any of")} <b>${t("DEMO CONFIRMED")}</b>, ${t("Owner")} ${t("is")} <b>${t("me or my team")}</b>.</p><div class="row"><a class="button" href="?">${t("Clear filters")}</a></div></div><hr>
  <div class="empty is-closed"><span class="empty-mark">${icon("lock")}</span><h2>${t("Your role does not see tickets")}</h2><p>${t("Tele-callers have no right to read tickets. Dev, your administrator, can change that.")}</p></div>
</main>`, "empty");
}
