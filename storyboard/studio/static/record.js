// Voices: heard by a click, recorded with the microphone into the file field of a form.
"use strict";

let recorder = null;

async function record(button) {
  if (recorder) {
    recorder.stop();
    return;
  }
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    say(button.dataset.refused);
    return;
  }
  const said = button.textContent;
  const parts = [];
  recorder = new MediaRecorder(stream);
  recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
  recorder.addEventListener("stop", () => {
    for (const track of stream.getTracks()) track.stop();
    const webm = recorder.mimeType.includes("webm");
    recorder = null;
    button.textContent = said;
    const kept = new DataTransfer();
    kept.items.add(new File(parts, webm ? "recorded.webm" : "recorded.mp4", { type: parts[0]?.type }));
    const field = $(button.dataset.record);
    field.files = kept.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  recorder.start();
  button.textContent = `■ ${button.dataset.stop}`;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-record]");
  if (button) record(button);
  if (event.target.closest("[data-together]")) {
    for (const video of document.querySelectorAll(".cuts video")) {
      video.currentTime = 0;
      video.play();
    }
  }
});

// It is made by then, if it can be.
document.addEventListener("htmx:afterRequest", (event) => {
  const hear = event.target.closest("[data-hear]");
  if (!hear || !event.detail.successful) return;
  const player = $("heard");
  player.src = hear.dataset.where + encodeURIComponent($(hear.dataset.hear).value);
  player.play().catch((error) => say(String(error.message)));
});
