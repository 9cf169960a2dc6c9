// Small comforts on every page. Each page does all its work without this file.
import "./app.css";

const root = document.documentElement;

// Theme: a cookie so that the server renders the right page at once, and the same in storage
// for a browser that drops cookies at its end.
function remember(theme) {
  root.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Storage may be forbidden; the cookie is enough.
  }
  const year = 365 * 24 * 3600;
  document.cookie = `theme=${theme}; path=/; max-age=${year}; samesite=lax`;
  document.dispatchEvent(new CustomEvent("themechange"));
}

function shownTheme() {
  if (root.dataset.theme) return root.dataset.theme;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function stored() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

if (!root.dataset.theme && ["light", "dark"].includes(stored())) remember(stored());

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  button.hidden = false;
  button.addEventListener("click", () => remember(shownTheme() === "dark" ? "light" : "dark"));
}

// A select that acts when changed; its own button is for pages without script.
for (const select of document.querySelectorAll("select[data-submit]")) {
  const button = select.form.querySelector("button");
  if (button) button.hidden = true;
  select.addEventListener("change", () => select.form.requestSubmit());
}

// The summary of errors gets the focus, so that a screen reader starts there.
document.querySelector(".summary")?.focus();

// A form that was changed is not left by mistake.
for (const form of document.querySelectorAll("form[data-keep]")) {
  let changed = false;
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => (changed = false));
  addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}

// A form is sent once, however often its button is pressed on a slow network.
for (const form of document.querySelectorAll("form[method=post]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => (sent = false));
}

// All rows of a list at once.
for (const all of document.querySelectorAll("input[data-all]")) {
  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll(`input[name="${all.dataset.all}"]`)) {
      box.checked = all.checked;
    }
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
    button.textContent = button.dataset.copied;
  });
}
