// The film's page: a player and a strip that move together, keys, and what happens live.
"use strict";

const film = () => $("film");
const player = () => $("player");
const all = (selector) => [...document.querySelectorAll(selector)];
let current = null; // index of the beat that is looked at

function lay() {
  // Widths by script: the page's policy allows no inline style.
  for (const tick of all(".tick")) tick.style.flexGrow = tick.dataset.seconds;
  const video = player();
  if (video && !video.dataset.bound) {
    video.dataset.bound = "1";
    video.addEventListener("timeupdate", follow);
    video.addEventListener("seeked", follow);
    video.addEventListener("play", () => requestAnimationFrame(move));
  }
  follow();
}

function at(seconds) {
  const ticks = all(".tick");
  return ticks.findLast((tick) => +tick.dataset.start <= seconds + 0.02) || ticks[0];
}

function follow() {
  const video = player();
  const tick = video ? at(video.currentTime) : null;
  if (tick && (current === null || !video.paused || video.currentTime > 0)) mark(+tick.dataset.index, false);
  place();
}

function place() {
  const video = player();
  const strip = $("strip");
  if (!video || !strip) return;
  const tick = at(video.currentTime);
  const into = Math.min(1, (video.currentTime - tick.dataset.start) / tick.dataset.seconds);
  $("playhead").style.translate = `${tick.offsetLeft + into * tick.offsetWidth}px`;
}

function move() {
  place();
  const video = player();
  if (video && !video.paused) requestAnimationFrame(move);
}

function mark(index, show) {
  if (index !== current) {
    current = index;
    for (const each of all(".tick, .card")) {
      const own = +each.dataset.index === index;
      each.classList.toggle("now", own);
      if (each.matches(".tick")) each.setAttribute("aria-pressed", own);
    }
  }
  if (show) $(`beat-${index}`)?.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

function seek(index) {
  const tick = all(".tick").find((each) => +each.dataset.index === index);
  const video = player();
  if (video && tick) video.currentTime = +tick.dataset.start + 0.01;
  mark(index, true);
}

function step(by) {
  const order = all(".tick").map((tick) => +tick.dataset.index);
  const here = Math.max(0, order.indexOf(current));
  const next = order[Math.min(order.length - 1, Math.max(0, here + by))];
  if (next !== undefined) seek(next);
}

function toggle() {
  const video = player();
  if (video) video.paused ? video.play() : video.pause();
}

const KEYS = {
  " ": toggle,
  k: toggle,
  j: () => player() && (player().currentTime -= 2),
  l: () => player() && (player().currentTime += 2),
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  ArrowUp: () => step(-1),
  ArrowDown: () => step(1),
  e: () => press("[data-edit]"),
  r: () => press("[data-redo]"),
};

function press(selector) {
  $(`beat-${current ?? 0}`)?.querySelector(selector)?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || sheet.open) return;
  if (event.target.closest("input, textarea, select, summary")) return;
  // A button takes the space for itself; a video that has the focus would do all of it twice.
  if (event.key === " " && event.target.closest("button, a")) return;
  if (event.altKey && event.key.startsWith("Arrow")) {
    event.preventDefault();
    shift(event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 1);
    return;
  }
  const act = event.altKey ? null : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  const time = event.target.closest("[data-at]");
  if (time && player()) player().currentTime = +time.dataset.at;
  const goal = event.target.closest("[data-seek], .tick");
  if (!goal) return;
  const index = +(goal.dataset.index ?? goal.closest(".card").dataset.index);
  seek(index);
});

// --- order: a card is dragged, or moved with alt and an arrow -------------------

let dragged = null;

function moveBeat(index, before) {
  const target = before === null ? "" : `?before=${before}`;
  htmx.ajax("GET", `${film().dataset.where}/move/${index}${target}`, { target: "#sheet-body" });
}

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.(".card[draggable]");
  if (!card) return;
  dragged = card;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.dataset.index);
  card.classList.add("dragged");
});
document.addEventListener("dragover", (event) => {
  const over = dragged && event.target.closest?.(".card[draggable]");
  for (const card of all(".drop")) card.classList.remove("drop");
  if (!over || over === dragged) return;
  event.preventDefault();
  over.classList.add("drop");
});
document.addEventListener("drop", (event) => {
  const over = dragged && event.target.closest?.(".card[draggable]");
  if (!over || over === dragged) return;
  event.preventDefault();
  const cards = all(".card[draggable]");
  // Dropped on a card after its own place, it goes behind it; else before it.
  const behind = cards.indexOf(over) > cards.indexOf(dragged);
  const next = behind ? cards[cards.indexOf(over) + 1] : over;
  moveBeat(dragged.dataset.index, next ? next.dataset.index : null);
});
document.addEventListener("dragend", () => {
  for (const card of all(".drop, .dragged")) card.classList.remove("drop", "dragged");
  dragged = null;
});

function shift(by) {
  const cards = all(".card[draggable]");
  const here = cards.findIndex((card) => +card.dataset.index === current);
  const there = here + by;
  if (here < 0 || there < 0 || there >= cards.length) return;
  const next = by < 0 ? cards[there] : cards[there + 1];
  moveBeat(current, next ? next.dataset.index : null);
}

// --- live ---------------------------------------------------------------------

let source = null;

function refresh() {
  if (sheet.open) {
    sheet.addEventListener("close", refresh, { once: true });
    return;
  }
  htmx.ajax("GET", location.pathname, { target: "#film", select: "#film", swap: "outerHTML" });
}

function listen() {
  if (source || document.hidden || !film()) return;
  source = new EventSource(`${film().dataset.where}/live`);
  source.addEventListener("hello", (event) => {
    // The studio was started again: its pages know another secret now.
    if (JSON.parse(event.data).boot !== document.body.dataset.boot) location.reload();
  });
  source.addEventListener("progress", (event) => show(JSON.parse(event.data)));
  source.addEventListener("made", (event) => {
    const { beat, stage } = JSON.parse(event.data);
    if (beat !== null && (stage === "images" || stage === "speech")) renew(beat);
    else if (!all(".card").length) refresh();
  });
}

function hush() {
  source?.close();
  source = null;
}

function show(told) {
  if (told.state !== film().dataset.state || (told.steps && !all(".card").length)) refresh();
  $("way").hidden = !["queued", "working"].includes(told.state);
  $("way").querySelector("progress").value = told.share;
  $("way-words").textContent = `${told.ended}/${told.steps} ${told.said || told.running[0] || ""}`;
  for (const card of all(".card")) {
    const stage = told.beats[card.dataset.index];
    card.classList.toggle("making", Boolean(stage));
    const chip = card.querySelector(".stage");
    chip.hidden = !stage;
    chip.textContent = stage ? film().dataset[`stage${stage[0].toUpperCase()}${stage.slice(1)}`] || stage : "";
  }
}

function renew(beat) {
  const card = $(`beat-${beat}`);
  if (card) htmx.ajax("GET", `${film().dataset.where}/beats/${beat}`, { target: card, swap: "outerHTML" });
}

document.addEventListener("visibilitychange", () => (document.hidden ? hush() : listen()));
document.addEventListener("changed", refresh);
document.addEventListener("htmx:afterSettle", () => {
  lay();
  if (current !== null) {
    const index = current;
    current = null;
    mark(index, false);
  }
});
addEventListener("resize", place);
addEventListener("pagehide", hush);
lay();
listen();
