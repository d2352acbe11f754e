// Forms with a file (data-upload) show how much of it is sent. Without scripts they are sent all the same. One inside a part of a page
// (data-upload-panel) changes that part alone, so that what is typed beside it stays.
(() => {
  "use strict";
  const begin = (form) => {
    const bar = form.querySelector(".upload-progress"), button = form.querySelector("button:not([type=button])"), request = new XMLHttpRequest();
    const say = (percent, text) => {
      bar.querySelector("progress").value = percent;
      bar.querySelector("p").textContent = text;
    };
    const fail = (text) => {
      button.removeAttribute("aria-busy");
      say(0, text);
    };
    const show = (text) => {
      const old = form.closest("[data-upload-panel]") ?? form;
      old.outerHTML = text;
      const now = document.getElementById(old.id);
      window.htmx?.process(now);
      (now?.querySelector('[aria-invalid="true"]') ?? now?.querySelector("[autofocus]"))?.focus();
    };
    bar.hidden = false;
    // What the server would refuse after minutes is told at once.
    const input = form.querySelector('input[type="file"]'), file = input.files[0], { most, others } = input.dataset;
    if (file?.size > Number(most)) return fail(`This file is larger than ${most / 2 ** 30} GB, so it was not sent.`);
    if (others && file?.type && !input.accept.split(",").includes(file.type)) return fail(others);
    button.setAttribute("aria-busy", "true");
    say(0, "Sending…");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const percent = Math.floor((event.loaded / event.total) * 100);
      say(percent, percent < 100 ? `${percent}% sent` : "Reading the file…");
    });
    request.addEventListener("load", () => {
      const next = request.getResponseHeader("HX-Redirect");
      if (next) return location.assign(next);
      if (request.status !== 422 && request.status !== 200) return fail("This could not be sent. Reload the page and try again.");
      show(request.responseText);
    });
    request.addEventListener("error", () => fail("The connection broke off. Nothing was kept; please send it again."));
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.send(new FormData(form));
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-upload]")) return;
    event.preventDefault();
    if (!form.querySelector("[aria-busy]")) begin(form);
  });
})();
