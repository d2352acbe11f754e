// Building courses: parts of the outline are dragged and renamed where they stand, and what is typed into a lesson is kept in this
// browser until it is saved. Without scripts, the page of a part does the first two.
(() => {
  "use strict";
  document.documentElement.classList.add("scripts");

  // What can be done with a lesson is drawn into its row here: sent along, it would be most of a long outline. A part that is swapped in has
  // none of it, and whoever pressed one of its buttons goes on from there.
  const idOf = (part) => part.id ? part.id.slice("module-".length) : part.querySelector("[data-title]").pathname.split("/").pop();
  const actsOf = (row, acts) => {
    const drawn = acts.content.cloneNode(true), title = row.querySelector("[data-title]"), path = title.getAttribute("href"), id = idOf(row);
    const act = (name) => drawn.querySelector(`[data-act="${name}"]`);
    for (const named of drawn.querySelectorAll("[aria-label]")) named.setAttribute("aria-label", named.getAttribute("aria-label").replace("{}", () => title.textContent));
    act("rename").href = path;
    act("rename").dataset.rename = `${path}/rename`;
    if (row.querySelector(".badge")) act("publish").setAttribute("formaction", `${path}/publish`);
    else act("publish").remove();
    const module = row.closest("[data-module]");
    for (const [way, beside] of [["up", "previousElementSibling"], ["down", "nextElementSibling"]]) {
      act(way).id = `${way}-${id}`;
      act(way).value = `${id}:${way}`;
      if (!row[beside] && !module[beside]) act(way).setAttribute("aria-disabled", "true");
    }
    return drawn;
  };
  const draw = () => {
    const acts = document.getElementById("outline-acts");
    if (!acts) return;
    for (const row of document.querySelectorAll("[data-lesson]")) {
      if (row.querySelector(".outline-acts")) continue;
      const drawn = actsOf(row, acts);
      row.prepend(drawn.querySelector(".outline-grip"));
      row.append(drawn.querySelector(".outline-acts"));
    }
  };
  let pressed;
  document.addEventListener("htmx:before:swap", () => {
    pressed = document.activeElement?.closest(".outline-acts") ? document.activeElement.id : "";
  });
  document.addEventListener("htmx:after:swap", () => {
    draw();
    if (pressed) document.getElementById(pressed)?.focus();
  });

  // Dragging by a grip: the part moves along in the page, and where it is let go is sent. Buttons do the same for the keyboard.
  let dragged, finger, list, before, scroll;
  const orderOf = () => [...list.querySelectorAll("[data-module], [data-lesson]")].map(idOf).join(" ");
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
  const move = (event) => { if (event.pointerId !== finger) return; scroll = { x: event.clientX, y: event.clientY }; place(event.clientX, event.clientY); };
  const drop = (event) => {
    if (event.pointerId !== finger) return; // of another finger
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
    if (!grip || event.button || dragged) return;
    event.preventDefault();
    finger = event.pointerId;
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

  // What is typed into a lesson is kept under its address, with what stood there, until the answer to saving it. Whoever comes back finds it
  // in the form again, and beside the button that it is not saved: what was only offered would be overlooked, and older text published.
  const kept = `draft:${location.pathname}`;
  const valuesOf = (form, stored) => {
    const values = {};
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden" || field.type === "submit") continue;
      if (field.type !== "radio" && field.type !== "checkbox") values[field.name] = stored ? field.defaultValue : field.value;
      else if (stored ? field.defaultChecked : field.checked) values[field.name] = field.value;
    }
    return values;
  };
  const same = (a, b) => [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => a[name] === b[name]);
  let was, saving; // was: what is stored, as far as this page knows; without it, the form came back with what was typed
  const remember = (form) => {
    clearTimeout(saving);
    saving = undefined;
    const now = valuesOf(form);
    try {
      if (was && same(now, was)) localStorage.removeItem(kept); else localStorage.setItem(kept, JSON.stringify({ was, now }));
      return true;
    } catch { return false; /* no room, or not allowed: then nothing is kept */ }
  };
  const forget = () => {
    clearTimeout(saving);
    try { localStorage.removeItem(kept); } catch { /* as above */ }
  };
  const putBack = (form) => {
    let found;
    try { found = JSON.parse(localStorage.getItem(kept)); } catch { /* as above */ }
    if (!found) return false;
    if (Array.isArray(found)) found = { now: Object.fromEntries(found) }; // as it was kept before
    const stored = was, before = found.was ?? {};
    const changed = (name) => found.now[name] !== before[name] && found.now[name] !== stored[name];
    let back = false, over = false;
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden" || field.type === "submit" || !changed(field.name)) continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = found.now[field.name] === field.value;
      else if (field.name in found.now) field.value = found.now[field.name];
      else continue;
      back = true;
      over ||= before[field.name] !== stored[field.name];
    }
    if (!back) {
      forget();
      return false;
    }
    form.querySelector("[data-draft-over]").hidden = !over;
    form.querySelector("[data-draft-found]").hidden = false;
    form.dispatchEvent(new Event("input", { bubbles: true })); // for the preview
    return true;
  };
  const open = () => {
    const form = document.querySelector("form[data-draft]");
    if (!form || form.querySelector('[aria-invalid="true"], [role="alert"]')) return; // refused: what was typed is in it
    was = valuesOf(form, true); // not what a browser put into the fields when it came back to the page
    if (!putBack(form) && !same(valuesOf(form), was)) remember(form);
  };
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form) return;
    clearTimeout(saving);
    saving = setTimeout(() => remember(form), 300);
  });
  addEventListener("pagehide", () => {
    if (saving) remember(document.querySelector("form[data-draft]"));
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement, response } = event.detail.ctx;
    if (!sourceElement.matches("form[data-draft]") || response?.status !== 200) return;
    const next = response.headers.get("HX-Redirect");
    if (!next || next.startsWith(location.pathname)) forget(); // and is not asked to sign in first
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const form = document.querySelector("form[data-draft]"), { sourceElement, response } = event.detail.ctx;
    if (form && sourceElement === form && response?.status === 200) was = valuesOf(form);
  });

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest?.(selector);
    const link = at("[data-rename]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); rename(link); }
    else if (at("[data-rename-cancel]")) endRename(at("form"));
    else if (at("[data-draft-drop]")) {
      at("[data-draft-found]").hidden = true;
      at("form").reset();
      at("form").dispatchEvent(new Event("input", { bubbles: true }));
      forget();
    } else if (at("[data-beside]")) {
      if (!remember(document.querySelector("form[data-draft]"))) return; // then the form is sent, and says what is missing
      event.preventDefault();
      location.assign(at("[data-beside]").dataset.beside);
    }
    else if (at('[aria-disabled="true"]')) event.preventDefault();
  });
  draw();
  open();
})();
