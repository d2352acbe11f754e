// The page of a lesson: arrow keys, notes half written, videos that load on a click, and where they were left. Without scripts, videos
// from elsewhere open beside the page, and lessons are finished by their button.
(() => {
  "use strict";
  const every = 15; // seconds between two tellings of the position

  // The left and right arrow keys lead to the lesson before and after, unless they mean something where the focus is.
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target.closest?.("input, textarea, select, video, audio, iframe, dialog, [contenteditable]") || document.querySelector("dialog[open]")) return;
    if (document.documentElement.scrollWidth > document.documentElement.clientWidth) return; // they scroll
    document.querySelector(`[data-step="${event.key}"]`)?.click();
  });

  // Whoever leaves with a note half written is asked first; what finishes a lesson and leads on stands right above it.
  addEventListener("beforeunload", (event) => {
    if ([...document.querySelectorAll("#learning-notes textarea")].some((note) => note.value.trim() !== note.defaultValue.trim())) event.preventDefault();
  });

  // A video that does not play says so beside it, in words, and how to try again.
  const fail = () => { document.getElementById("learning-video-fault").hidden = false; };

  // Where a video is left: told while it plays, when it stops, and when the page goes; at its end the lesson may be finished.
  const keep = (video) => {
    if (video.error) fail(); // it did before this ran
    video.addEventListener("error", fail);
    const form = document.getElementById(video.dataset.keep);
    if (!form) return;
    let told = -1;
    const tell = () => {
      const seconds = Math.floor(video.currentTime);
      if (seconds === told || video.ended) return;
      told = seconds;
      form.elements.seconds.value = seconds;
      navigator.sendBeacon(form.action, new URLSearchParams(new FormData(form)));
    };
    video.addEventListener("timeupdate", () => { if (!video.paused && Math.abs(video.currentTime - told) >= every) tell(); });
    video.addEventListener("pause", tell);
    document.addEventListener("visibilitychange", () => { if (document.hidden && video.currentTime > 0) tell(); });
    addEventListener("pagehide", () => { if (video.currentTime > 0) tell(); });
    video.addEventListener("ended", () => {
      form.elements.ended.value = "on";
      if (form.hasAttribute("data-finishes")) form.requestSubmit();
      else navigator.sendBeacon(form.action, new URLSearchParams(new FormData(form)));
      form.elements.ended.value = "";
    });
  };

  // A video of somebody else's, in a frame of theirs. YouTube plays nothing without knowing which site asks, so it is told that.
  const frame = (link) => {
    const made = document.createElement("iframe");
    made.className = "video";
    made.title = `Video: ${link.dataset.title}`;
    made.allow = "autoplay; fullscreen; picture-in-picture; encrypted-media";
    made.referrerPolicy = "strict-origin-when-cross-origin";
    made.src = link.dataset.frame;
    link.replaceWith(made);
    made.focus();
  };

  // A video in parts. Phones of Apple's, which let no script feed a video, play it by themselves; others say they might, and most do it
  // better with hls.js, fetched now.
  const stream = (link) => {
    const { stream: source, player, title, keep: form, begin } = link.dataset;
    const video = Object.assign(document.createElement("video"), { className: "video", controls: true, playsInline: true });
    video.setAttribute("aria-label", `Video: ${title}`);
    if (form) video.dataset.keep = form;
    const start = Number(begin);
    const play = () => video.play().catch(() => {}); // where that needs another press, there are controls
    link.replaceWith(video);
    keep(video);
    video.focus();
    if (!("MediaSource" in window)) {
      video.addEventListener("loadedmetadata", () => { if (start) video.currentTime = start; }, { once: true });
      video.src = source;
      play();
      return;
    }
    const script = Object.assign(document.createElement("script"), { src: player });
    script.addEventListener("error", fail);
    script.addEventListener("load", () => {
      const { Hls } = window, hls = new Hls({ enableWorker: false, startPosition: start || -1 });
      hls.on(Hls.Events.MANIFEST_PARSED, play);
      hls.on(Hls.Events.ERROR, (_, { fatal }) => { if (fatal) { fail(); hls.destroy(); } }); // it has tried again by then
      hls.loadSource(source);
      hls.attachMedia(video);
    });
    document.head.append(script);
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-again]")) location.reload();
    const link = event.target.closest?.("[data-frame], [data-stream]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.frame) frame(link); else stream(link);
  });

  for (const video of document.querySelectorAll("video.video")) keep(video);
})();
