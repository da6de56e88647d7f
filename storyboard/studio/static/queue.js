// The queue's page: films are dragged into another order, or moved by a step; the browser's time zone.
"use strict";

let held = null;
const rows = () => [...document.querySelectorAll("#line [draggable]")];

function put(row, before) {
  const values = { film: row.dataset.film, before: before ? before.dataset.film : "" };
  htmx.ajax("POST", "/queue/order", { values, swap: "none" });
}

document.addEventListener("dragstart", (event) => {
  held = event.target.closest?.("#line [draggable]");
  if (!held) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", held.dataset.film);
  held.classList.add("dragged");
});
document.addEventListener("dragover", (event) => {
  const over = held && event.target.closest?.("#line [draggable]");
  for (const row of document.querySelectorAll(".drop")) row.classList.remove("drop");
  if (!over || over === held) return;
  event.preventDefault();
  over.classList.add("drop");
});
document.addEventListener("drop", (event) => {
  const over = held && event.target.closest?.("#line [draggable]");
  if (!over || over === held) return;
  event.preventDefault();
  const all = rows();
  // Dropped on a film after its own place, it goes behind it; else before it.
  const behind = all.indexOf(over) > all.indexOf(held);
  put(held, behind ? all[all.indexOf(over) + 1] : over);
});
document.addEventListener("dragend", () => {
  for (const row of document.querySelectorAll(".drop, .dragged")) row.classList.remove("drop", "dragged");
  held = null;
});
document.addEventListener("click", (event) => {
  const by = event.target.closest("[data-by]");
  if (!by) return;
  const all = rows();
  const here = all.indexOf(by.closest("[draggable]"));
  const there = here + Number(by.dataset.by);
  if (there < 0 || there >= all.length) return;
  put(all[here], Number(by.dataset.by) < 0 ? all[there] : all[there + 1]);
});

// A page that loads itself anew must not take away what is held, or written.
document.addEventListener("htmx:beforeRequest", (event) => {
  const writing = document.activeElement?.closest("#queue form, #queue details[open]");
  if (event.detail.elt.id === "queue" && (held || writing)) event.preventDefault();
});

function zone() {
  const field = document.querySelector("#schedule [name=zone]");
  if (field) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
document.addEventListener("htmx:afterSettle", zone);
zone();
