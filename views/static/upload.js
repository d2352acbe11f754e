// Forms with a file (data-upload) show how much of it is sent. Without scripts they are sent all the same.
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
    bar.hidden = false;
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
      if (request.status !== 422) return fail("This could not be sent. Reload the page and try again.");
      form.outerHTML = request.responseText;
      document.getElementById(form.id)?.querySelector('[aria-invalid="true"]')?.focus();
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
