// Building courses: parts of the outline are dragged and renamed where they stand, and what is typed into a lesson is kept in this
// browser until it is saved. Without scripts, buttons and pages do the first two.
(() => {
  "use strict";
  document.documentElement.classList.add("scripts");

  // Dragging by a grip: the part moves along in the page, and where it is let go is sent. Buttons do the same for the keyboard.
  let dragged, list, before, scroll;
  const orderOf = () => [...list.querySelectorAll("[data-module], [data-lesson]")].map((part) => part.dataset.module ?? part.dataset.lesson).join(" ");
  const place = (x, y) => {
    const under = document.elementFromPoint(x, y);
    if (!under || !list.contains(under) || dragged.contains(under)) return;
    const isLesson = dragged.matches("[data-lesson]");
    const over = under.closest(isLesson ? "[data-lesson]" : "[data-module]");
    if (over) {
      const box = over.getBoundingClientRect();
      over.parentElement.insertBefore(dragged, y > box.y + box.height / 2 ? over.nextSibling : over);
    } else if (isLesson) {
      const module = under.closest("[data-module]");
      if (!module || module.contains(dragged)) return;
      const lessons = module.querySelector("[data-lessons]"), above = under.closest(".outline-head");
      lessons.insertBefore(dragged, above ? lessons.firstChild : null);
    }
  };
  const edges = () => {
    if (!dragged) return;
    const step = scroll.y < 80 ? -12 : scroll.y > innerHeight - 80 ? 12 : 0;
    if (step) { scrollBy(0, step); place(scroll.x, scroll.y); }
    requestAnimationFrame(edges);
  };
  const move = (event) => { scroll = { x: event.clientX, y: event.clientY }; place(event.clientX, event.clientY); };
  const drop = (event) => {
    if (event.type === "pointerup") place(event.clientX, event.clientY); // moves come with frames, which a busy browser leaves out
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", drop);
    removeEventListener("pointercancel", drop);
    dragged.classList.remove("outline-dragged");
    document.documentElement.classList.remove("outline-dragging");
    dragged = undefined;
    const order = orderOf(), form = document.getElementById(list.dataset.arrange);
    if (order === before) return;
    form.elements.order.value = order;
    form.requestSubmit();
  };
  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest?.("[data-grip]");
    if (!grip || event.button) return;
    event.preventDefault();
    list = grip.closest("[data-arrange]");
    dragged = grip.closest("[data-lesson], [data-module]");
    before = orderOf();
    scroll = { x: event.clientX, y: event.clientY };
    dragged.classList.add("outline-dragged");
    document.documentElement.classList.add("outline-dragging");
    addEventListener("pointermove", move);
    addEventListener("pointerup", drop);
    addEventListener("pointercancel", drop);
    requestAnimationFrame(edges);
  });

  // Renaming: the title becomes a field; Escape leaves it as it was.
  const endRename = (form) => {
    const text = form.previousElementSibling, link = text.parentElement.querySelector("[data-rename]");
    text.hidden = false;
    form.remove();
    link?.focus();
  };
  const rename = (link) => {
    const text = link.closest("[data-module], [data-lesson]").querySelector(".outline-text");
    const form = document.getElementById("outline-rename").content.firstElementChild.cloneNode(true);
    form.action = link.dataset.rename;
    form.setAttribute("hx-post", link.dataset.rename);
    form.elements.title.value = text.querySelector("[data-title]").textContent;
    text.hidden = true;
    text.after(form);
    htmx.process(form);
    form.elements.title.select();
  };
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.(".outline-rename");
    if (form && event.key === "Escape") endRename(form);
  });

  // What is typed into a lesson: kept under its address until the answer to saving it brings another stamp.
  const kept = `draft:${location.pathname}`;
  const typed = (form) => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "_token" && name !== "stamp"));
  let clean, saving;
  const remember = (form) => {
    try {
      if (typed(form) === clean) localStorage.removeItem(kept); else localStorage.setItem(kept, typed(form));
    } catch { /* no room, or not allowed: then nothing is kept */ }
  };
  const offer = () => {
    const form = document.querySelector("form[data-draft]");
    if (!form) return;
    const refused = form.querySelector('[aria-invalid="true"], [role="alert"]');
    if (refused) return; // what was typed is in it
    clean = typed(form);
    let found;
    try { found = localStorage.getItem(kept); } catch { return; }
    form.querySelector("[data-draft-found]").hidden = !found || found === clean;
  };
  const forget = (form) => {
    try { localStorage.removeItem(kept); } catch { /* as above */ }
    form.querySelector("[data-draft-found]").hidden = true;
  };
  const putBack = (form) => {
    const values = new Map(JSON.parse(localStorage.getItem(kept)));
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden" || field.type === "submit") continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = values.get(field.name) === field.value;
      else if (values.has(field.name)) field.value = values.get(field.name);
    }
    form.querySelector("[data-draft-found]").hidden = true;
    form.dispatchEvent(new Event("input", { bubbles: true }));
  };
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form) return;
    form.querySelector("[data-draft-found]").hidden = true;
    clearTimeout(saving);
    saving = setTimeout(() => remember(form), 300);
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const form = document.querySelector("form[data-draft]"), status = event.detail.ctx.response?.status;
    if (!form || event.detail.ctx.sourceElement !== form || status !== 200) return;
    clean = typed(form);
    forget(form);
  });

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest?.(selector);
    const link = at("[data-rename]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); rename(link); }
    else if (at("[data-rename-cancel]")) endRename(at("form"));
    else if (at("[data-draft-use]")) putBack(at("form"));
    else if (at("[data-draft-drop]")) forget(at("form"));
    else if (at('[aria-disabled="true"]')) event.preventDefault();
  });
  offer();
})();
