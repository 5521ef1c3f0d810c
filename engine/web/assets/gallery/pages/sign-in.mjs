export function page(w) {
  const { t, icon } = w;
  return w.document("Sign in", `
<main id="main">
  <a class="brand-mark" href="/"><span class="brand-tile" aria-hidden="true">R</span><span>RSoft CRM</span></a>
  <h1>${t("Sign in")}</h1>
  <div class="notice is-danger" role="alert">${icon("circle-alert")}<div>${t("The email or the password is not right. Two more tries, then a pause of a minute.")}</div></div>
  <form class="form" method="post" action="/sign-in">
    <div class="field"><label class="label" for="email">${t("Email")}</label><input class="input" type="email" id="email" name="email" autocomplete="username" value="asha@rsoft.example" required></div>
    <div class="field"><label class="label" for="password">${t("Password")}</label><input class="input" type="password" id="password" name="password" autocomplete="current-password" required autofocus></div>
    <label class="option"><input type="checkbox" class="check" name="stay"><span>${t("Stay signed in on this computer")}</span></label>
    <button class="button is-primary is-wide">${t("Sign in")}</button>
  </form>
  <p class="faint">${t("Forgotten your password? Ask Dev, your administrator.")}</p>
</main>
<footer><a href="?lang=en" lang="en">English</a><a href="?lang=ar" lang="ar">العربية</a><a href="?lang=hi" lang="hi">हिन्दी</a></footer>`, "alone");
}
