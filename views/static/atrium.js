// Behaviour every frame shares. Nothing here is needed to get something done: it makes pages smoother.
// Listeners stand on the document, so what htmx swaps in later needs no setting up.
(() => {
  "use strict";
  const root = document.documentElement;
  const announce = (text) => { document.getElementById("live").textContent = text; };

  // Copying: <button data-copy="value"> says "Copied" for two seconds. Without the clipboard (plain http) the text is selected instead.
  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      const field = button.parentElement.querySelector("input");
      field?.select();
      if (!field || !document.execCommand("copy")) return announce("Press Ctrl C to copy");
    }
    button.classList.add("copied");
    announce("Copied");
    setTimeout(() => { button.classList.remove("copied"); announce(""); }, 2000);
  };

  // Passwords: <button data-reveal="id of the input"> shows and hides.
  const reveal = (button) => {
    const input = document.getElementById(button.dataset.reveal);
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    const use = button.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, show ? "#eye-off" : "#eye"));
  };

  // Browsers without invoker commands: <button command="show-modal|close" commandfor="id of a dialog">.
  const command = (button) => {
    const dialog = document.getElementById(button.getAttribute("commandfor"));
    if (button.getAttribute("command") === "show-modal") { if (!dialog.open) dialog.showModal(); } else dialog?.close();
  };
  const commandsMissing = !("command" in HTMLButtonElement.prototype);

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button, [data-copy]");
    if (!button) return;
    if (button.dataset.copy !== undefined) copy(button);
    else if (button.dataset.reveal) reveal(button);
    else if (button.dataset.dismiss) button.closest(button.dataset.dismiss)?.remove();
    else if (commandsMissing && button.hasAttribute("commandfor")) command(button);
  });

  // A logo the page swallows, such as white on white, stands on a plate of the other side. Its pixels say whether: an opaque picture
  // brings a ground of its own, and of any other at least half of what can be seen has to differ from what is behind it.
  const luminance = (pixel) => [0.2126, 0.7152, 0.0722].reduce((sum, part, i) => {
    const value = pixel[i] / 255;
    return sum + part * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  }, 0);
  const swallowed = (img) => {
    const width = 80, height = 32;
    const paint = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
    let ground = img.parentElement;
    while (ground !== root && /, 0\)$/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
    paint.fillStyle = getComputedStyle(ground).backgroundColor;
    paint.fillRect(0, 0, 1, 1);
    const behind = luminance(paint.getImageData(0, 0, 1, 1).data);
    paint.clearRect(0, 0, 1, 1);
    paint.drawImage(img, 0, 0, width, height);
    const { data } = paint.getImageData(0, 0, width, height);
    let seen = 0, lost = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] < 64) continue;
      const own = luminance(data.subarray(i, i + 3));
      seen++;
      if ((Math.max(own, behind) + 0.05) / (Math.min(own, behind) + 0.05) < 1.5) lost++;
    }
    return seen < width * height && lost > seen / 2;
  };
  const plates = () => {
    for (const img of document.querySelectorAll(".logo img, .brand-picture")) {
      img.decode().then(() => img.classList.toggle("on-plate", swallowed(img)), () => {});
    }
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", plates);

  // What only works with scripts is hidden until there are some.
  const arm = () => {
    for (const control of document.querySelectorAll("[data-reveal][hidden], [data-check-all][hidden]")) control.hidden = false;
    plates();
  };

  // Choosing a whole page of a list: <input type="checkbox" data-check-all="name of the boxes">.
  document.addEventListener("change", (event) => {
    const { checkAll } = event.target.dataset;
    if (checkAll) for (const box of event.target.form.querySelectorAll(`input[name="${checkAll}"]`)) box.checked = event.target.checked;
  });

  // The double submit: a form is busy from its submit until the answer, and a second submit meanwhile is dropped. A plain form stays busy
  // until the page goes; pageshow covers the page coming back from the browser's memory.
  const busyForms = new Set();
  const settle = (form) => {
    busyForms.delete(form);
    for (const button of form.elements) button.removeAttribute("aria-busy"); // those beside the form as well
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || form.hasAttribute("data-repeatable")) return;
    if (busyForms.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    busyForms.add(form);
    event.submitter?.setAttribute("aria-busy", "true");
    if (!form.matches("[hx-post],[hx-get],[hx-put],[hx-patch],[hx-delete]")) wait();
  }, true);
  // What a page with data-afresh asks for may be paid by then.
  addEventListener("pageshow", (event) => { if (event.persisted) { for (const form of busyForms) settle(form); done(); if (document.querySelector("[data-afresh]")) location.reload(); } });

  // The thin bar: shown once something takes longer than 150 ms. Polling (data-quiet) never shows it.
  let running = 0, timer;
  const wait = () => { running++; timer ??= setTimeout(() => root.classList.add("is-busy"), 150); };
  const done = () => {
    running = Math.max(0, running - 1);
    if (running) return;
    clearTimeout(timer);
    timer = undefined;
    root.classList.remove("is-busy");
  };
  const loud = (event) => !event.detail.ctx.sourceElement?.closest?.("[data-quiet]");
  document.addEventListener("htmx:before:request", (event) => {
    const { ctx } = event.detail;
    if (!loud(event)) return;
    ctx.waiting = true;
    wait();
    if (ctx.request.method !== "GET") document.querySelector("#notice .flash-error")?.remove(); // it is about the try before
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.waiting) { ctx.waiting = false; done(); }
    if (ctx.request.form && !ctx.hx?.redirect) settle(ctx.request.form);
  });

  // Failures: an answer of 500 and up never replaces what was typed. The server may send its own message with HX-Retarget: #notice;
  // a proxy's error page, or none at all, gives way to ours.
  const failure = (kind) => {
    const notice = document.getElementById("notice");
    notice.replaceChildren(document.getElementById(`failure-${kind}`).content.cloneNode(true));
  };
  document.addEventListener("htmx:response:error", (event) => {
    const { ctx } = event.detail;
    if (ctx.response.status < 500 || ctx.hx.retarget) return;
    ctx.hx.reswap = "none";
    if (loud(event)) failure("server");
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx && loud(event) && !event.detail.ctx.response) failure("network");
  });

  // What is changed where it stands: <details class="edit"> opens with the focus in its field.
  document.addEventListener("toggle", (event) => {
    if (event.target.matches("details.edit[open]")) event.target.querySelector("input:not([type=hidden]), textarea")?.focus();
  }, true);

  // After a failed form: the first invalid field gets the focus, on a whole page and after a swap.
  const focusInvalid = (within) => within.querySelector('[aria-invalid="true"]')?.focus();
  document.addEventListener("htmx:after:swap", (event) => {
    arm();
    if (event.detail.ctx.response?.status === 422) focusInvalid(document);
  });

  // A code sends itself when its last digit is there, pasted with spaces or not: <form data-autosubmit="6">.
  document.addEventListener("input", (event) => {
    const { form, value } = event.target;
    if (form?.dataset.autosubmit && value.replace(/\D/g, "").length === Number(form.dataset.autosubmit)) form.requestSubmit();
  });

  // In a low window the place one is at may be below the edge of the sidebar, which scrolls.
  document.querySelector(".places [aria-current]")?.scrollIntoView({ block: "nearest" });

  arm();
  focusInvalid(document);
})();
