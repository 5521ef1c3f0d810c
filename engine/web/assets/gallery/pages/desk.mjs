export function page(w) {
  const { t, icon } = w;
  return w.frame("Today", `
<main id="main" class="page" tabindex="-1">
  <div class="page-head"><h1>${t("Today")}</h1><span class="count faint">${t("Saturday, 21 November")}</span></div>
  <div class="page-body stack-wide">
    <div class="tiles">${[["Hot leads", "12", "3 more than yesterday", "is-up", ""], ["Missed follow-up", "4", "Oldest: 2 days", "", "is-alert"], ["Calls today", "38", "of 60", "", ""], ["Demos this week", "9", "2 fewer than last week", "is-down", ""]].map(([label, number, note, way, alert]) => `<a class="tile ${alert}" href="/list"><span class="tile-label">${t(label)}</span><span class="tile-number">${number}</span><span class="tile-note ${way}">${t(note)}</span></a>`).join("")}</div>
    <table class="bars"><caption>${t("Leads today by source")}</caption><tbody>${[["Google", 42], ["Website", 31], ["Referral", 18], ["WhatsApp", 11], ["Hoarding", 2]].map(([source, n]) => `<tr><th scope="row">${t(source)}</th><td><progress class="progress" max="42" value="${n}" aria-hidden="true"></progress></td><td><a href="/list">${n}</a></td></tr>`).join("")}</tbody></table>
  </div>
</main>`, "desk");
}
