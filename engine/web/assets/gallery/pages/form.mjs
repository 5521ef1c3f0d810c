export function page(w) {
  const { t, icon } = w;
  const label = (text, id, needed) => `<label class="label" for="${id}">${t(text)}${needed ? ` <span class="needed" aria-hidden="true">*</span>` : ""}</label>`;
  const error = (id, text) => `<p class="error" id="${id}-error">${icon("circle-alert")}${t(text)}</p>`;
  return w.frame("Edit lead", `
<main id="main" class="page" tabindex="-1">
  <div class="page-head"><nav class="crumbs" aria-label="${t("Path")}"><ol class="crumbs"><li><a href="/list">${t("Leads")}</a></li><li><a href="/record">${t("Priya Deshmukh")}</a></li></ol></nav><h1>${t("Edit lead")}</h1></div>
  <div class="page-body">
  <form class="form" method="post" action="/form" data-guard novalidate>
    <div class="error-summary" role="alert" tabindex="-1" autofocus><h2>${t("Three things to put right before this can be saved")}</h2><ul><li><a href="#first_name">${t("First name is empty.")}</a></li><li><a href="#phone">${t("98-20 is not a telephone number; give ten digits.")}</a></li><li><a href="#budget">${t("Budget: “12o000” is not an amount.")}</a></li></ul></div>
    <div class="notice is-warn">${icon("copy")}<div><b>${t("This may be somebody you know.")}</b> ${t("Rahul Deshmukh has the same email.")} <a href="/record">${t("Open")}</a></div></div>
    <section class="section"><div class="section-head"><h2>${t("Who")}</h2></div><div class="fields">
      <div class="field">${label("First name", "first_name", true)}<input class="input" id="first_name" name="first_name" required aria-invalid="true" aria-describedby="first_name-error" autocomplete="off">${error("first_name", "First name is empty.")}</div>
      <div class="field">${label("Last name", "last_name")}<input class="input" id="last_name" name="last_name" value="${t("Deshmukh")}"></div>
      <div class="field">${label("Mobile", "phone", true)}<input class="input" type="tel" id="phone" name="phone" value="98-20" aria-invalid="true" aria-describedby="phone-error">${error("phone", "98-20 is not a telephone number; give ten digits.")}</div>
      <div class="field">${label("Email", "email")}<input class="input" type="email" id="email" name="email" value="priya@example.org"></div>
      <div class="field is-full">${label("Account", "account")}<select class="input" id="account" name="account" data-pick="/account/pick"><option value=""></option><option value="3" selected>${t("Deshmukh Coaching, Pune")}</option><option value="4">Delta Coaching</option></select><p class="help">${t("Type a few letters of the name, the telephone or the reference.")}</p></div>
    </div></section>
    <section class="section"><div class="section-head"><h2>${t("Interest")}</h2></div><div class="fields">
      <div class="field">${label("Source", "source")}<select class="input" id="source" name="source"><option>${t("Google")}</option><option>${t("Website")}</option><option>${t("Referral")}</option></select></div>
      <div class="field">${label("Budget", "budget")}<div class="affix"><span>₹</span><input class="input is-number" id="budget" name="budget" inputmode="decimal" value="12o000" aria-invalid="true" aria-describedby="budget-error"></div>${error("budget", "“12o000” is not an amount.")}</div>
      <fieldset class="field is-full"><legend class="label">${t("Products")}</legend><div class="chips">${["Attendance app", "Fee ledger", "Exam desk", "Website"].map((one, n) => `<label class="chip"><input type="checkbox" name="products" value="${n}"${n < 2 ? " checked" : ""}>${icon("check")}${t(one)}</label>`).join("")}</div></fieldset>
      <div class="field">${label("Next follow-up", "follow")}<input class="input" type="datetime-local" id="follow" name="follow" value="2026-11-21T15:00"><p class="help">${t("Asia/Kolkata")}</p></div>
      <div class="field">${label("Tags", "tags")}<input class="input" id="tags" name="tags" value="june intake, three branches" data-tags></div>
      <div class="field is-full">${label("Note", "note")}<textarea class="input" id="note" name="note" rows="3">${t("Runs three branches. Wants fees and attendance in one place before the June intake.")}</textarea></div>
      <div class="field is-full"><label class="option"><input type="checkbox" class="check" name="hot" checked><span>${t("Call before others")}<span class="help">${t("Stays at the top of the list until it moves on.")}</span></span></label></div>
    </div></section>
    <div class="form-actions"><button class="button is-primary">${t("Save")}<kbd class="desk-only needs-script">Ctrl ↵</kbd></button><a class="button" href="/record">${t("Cancel")}</a><span class="state" data-guard-state="${t("Not saved yet")}"></span></div>
  </form>
  </div>
</main>`, "list");
}
