// The lab's form: which pictures go in, and boxes that are drawn with the mouse.
"use strict";

const COLOURS = 6;
let boxes = [];
let drawn = null;

function chosen() {
  return document.querySelector("#request [name=kind]:checked");
}

function kept() {
  return $("again").value.split(" ").filter(Boolean);
}

function show() {
  const kind = chosen();
  $("hint").textContent = kind.dataset.hint;
  $("given").hidden = kind.dataset.most === "0";
  $("layout").hidden = kind.value !== "layout";
  const list = $("thumbs");
  list.replaceChildren();
  for (const name of kept()) list.append(thumb(`/lab/sheets/${name}`, name));
  for (const file of $("pictures").files) list.append(thumb(URL.createObjectURL(file), ""));
}

function thumb(source, name) {
  const item = document.createElement("li");
  const image = document.createElement("img");
  image.src = source;
  image.alt = name;
  item.append(image);
  if (name) {
    const away = document.createElement("button");
    away.type = "button";
    away.className = "quiet icon";
    away.textContent = "✕";
    away.setAttribute("aria-label", `✕ ${name}`);
    away.addEventListener("click", () => {
      $("again").value = kept().filter((each) => each !== name).join(" ");
      show();
    });
    item.append(away);
  }
  return item;
}

// --- boxes: left, right, top, bottom, each 0 to 1 -----------------------------

function at(event) {
  const frame = $("frame").getBoundingClientRect();
  const within = (value) => Math.min(1, Math.max(0, value));
  return [within((event.clientX - frame.left) / frame.width), within((event.clientY - frame.top) / frame.height)];
}

function paint() {
  const frame = $("frame");
  frame.replaceChildren();
  const all = drawn ? [...boxes, boxOf(drawn.from, drawn.to)] : boxes;
  for (const [number, [left, right, top, bottom]] of all.entries()) {
    const box = document.createElement("div");
    box.className = `box voice-${(number % COLOURS) + 1}`;
    box.textContent = number + 1;
    box.style.left = `${100 * left}%`;
    box.style.top = `${100 * top}%`;
    box.style.width = `${100 * (right - left)}%`;
    box.style.height = `${100 * (bottom - top)}%`;
    frame.append(box);
  }
}

function boxOf(a, b) {
  const round = (value) => Math.round(value * 1000) / 1000;
  return [Math.min(a[0], b[0]), Math.max(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[1], b[1])].map(round);
}

function keep(next) {
  boxes = next;
  $("boxes").value = boxes.length ? JSON.stringify(boxes) : "";
  paint();
}

const frame = $("frame");
frame.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  frame.setPointerCapture(event.pointerId);
  drawn = { from: at(event), to: at(event) };
});
frame.addEventListener("pointermove", (event) => {
  if (!drawn) return;
  drawn.to = at(event);
  paint();
});
frame.addEventListener("pointerup", () => {
  if (!drawn) return;
  const box = boxOf(drawn.from, drawn.to);
  drawn = null;
  keep(box[1] - box[0] > 0.02 && box[3] - box[2] > 0.02 ? [...boxes, box] : boxes);
});
frame.addEventListener("pointercancel", () => {
  drawn = null;
  paint();
});
frame.addEventListener("keydown", (event) => {
  if (event.key !== "Backspace" && event.key !== "Delete") return;
  event.preventDefault();
  keep(boxes.slice(0, -1));
});
$("boxes").addEventListener("change", () => {
  try {
    const given = JSON.parse($("boxes").value || "[]");
    if (Array.isArray(given) && given.every((box) => Array.isArray(box) && box.length === 4)) keep(given);
  } catch {
    // Said by the server, in words.
  }
});

document.addEventListener("click", (event) => {
  const again = event.target.closest("[data-again]");
  if (!again) return;
  $("again").value = [...new Set([...kept(), again.dataset.again])].join(" ");
  if (chosen().dataset.most === "0") document.querySelector("#request [value=edit]").checked = true;
  show();
  $("prompt").focus();
});
$("request").addEventListener("change", show);
show();
