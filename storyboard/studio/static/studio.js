// What every page does: language, dark and light, dialogs, errors as a note.
"use strict";

const $ = (id) => document.getElementById(id);

function say(text) {
  const toast = $("toast");
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (toast.hidden = true), 9000);
}

$("language").addEventListener("change", (event) => {
  document.cookie = `lang=${event.target.value}; path=/; max-age=31536000; samesite=strict`;
  location.reload();
});

$("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // Kept for this page alone.
  }
});

document.addEventListener("htmx:responseError", (event) => {
  say(event.detail.xhr.responseText.slice(0, 600) || event.detail.xhr.statusText);
});
document.addEventListener("htmx:sendError", () => say(document.body.dataset.away || "…"));

const sheet = $("sheet");
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "sheet-body" && !sheet.open) sheet.showModal();
});
document.addEventListener("click", (event) => {
  if (event.target === sheet || event.target.closest("[data-close]")) sheet.close();
});
document.addEventListener("close-sheet", () => sheet.close());
