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

  // What is typed into a lesson is kept for who typed it, with what stood there and which state of the lesson that was, until the answer to
  // saving it. Whoever comes back finds it in the form again, and beside the button that it is not saved: what was only offered would be
  // overlooked, and older text published.
  const kept = `draft:${document.querySelector("form[data-draft]")?.dataset.person}:${location.pathname}`;
  const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "submit");
  const chosen = (field) => field.type === "radio" || field.type === "checkbox";
  const valuesOf = (form, stored) => {
    const values = {};
    for (const field of fieldsOf(form)) {
      if (!chosen(field)) values[field.name] = stored ? field.defaultValue : field.value;
      else if (stored ? field.defaultChecked : field.checked) values[field.name] = field.value;
    }
    return values;
  };
  const alike = (a, b) => a?.trim() === b?.trim(); // what is around a text is not stored
  const same = (a, b) => [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => alike(a[name], b[name]));
  const put = (form, values, wanted) => {
    const fields = fieldsOf(form).filter((field) => wanted(field.name));
    for (const field of fields) {
      if (chosen(field)) field.checked = values[field.name] === field.value;
      else field.value = values[field.name] ?? field.value;
    }
    return fields.map((field) => field.name);
  };
  let was, saving; // was: what is stored, as far as whoever types knows; without it, the form came back with what was typed
  const remember = (form) => {
    clearTimeout(saving);
    saving = undefined;
    const now = valuesOf(form), stamp = form.elements.stamp.value;
    try {
      if (was && same(now, was)) localStorage.removeItem(kept); else localStorage.setItem(kept, JSON.stringify({ was, now, stamp }));
      return true;
    } catch { return false; /* no room, or not allowed: then nothing is kept */ }
  };
  const forget = () => {
    clearTimeout(saving);
    saving = undefined;
    try { localStorage.removeItem(kept); } catch { /* as above */ }
  };
  // Over a colleague's newer text, it goes back with the old stamp: the next save is answered by the server's word about that.
  const putBack = (form) => {
    let found;
    try { found = JSON.parse(localStorage.getItem(kept)); } catch { /* as above */ }
    if (!found) return false;
    const { now } = found, before = found.was ?? {};
    const back = put(form, now, (name) => !alike(now[name], before[name]) && !alike(now[name], was[name]));
    if (!back.length) {
      forget();
      return false;
    }
    const over = found.was ? back.filter((name) => !alike(before[name], was[name])) : [];
    if (over.length || !found.was) form.elements.stamp.value = found.stamp;
    was = found.was && { ...was, ...Object.fromEntries(over.map((name) => [name, before[name]])) };
    form.querySelector("[data-draft-over]").hidden = !over.length;
    form.querySelector("[data-draft-found]").hidden = false;
    form.dispatchEvent(new Event("input", { bubbles: true })); // for the preview
    return true;
  };
  const open = () => {
    try { // what was kept without a person may be anybody's
      for (const key of Object.keys(localStorage)) if (key.startsWith("draft:/")) localStorage.removeItem(key);
    } catch { /* as above */ }
    const form = document.querySelector("form[data-draft]");
    if (!form || form.querySelector('[aria-invalid="true"], [role="alert"]')) return; // refused: what was typed is in it
    was = valuesOf(form, true); // not what a browser put into the fields when it came back to the page
    if (!putBack(form) && !same(valuesOf(form), was)) remember(form);
  };
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form) return;
    if (event.isTrusted) form.querySelector("[data-draft-drop]").hidden = true; // it would discard what is typed now as well
    clearTimeout(saving);
    saving = setTimeout(() => remember(form), 300);
  });
  addEventListener("pagehide", () => {
    if (saving) remember(document.querySelector("form[data-draft]"));
  });

  // An answer tells of what was sent. What has been typed since is neither stored nor in the form it brings, and goes back into it.
  let sent, typed;
  const ofDraft = (name, then) => document.addEventListener(`htmx:${name}`, (event) => {
    const { sourceElement, response } = event.detail.ctx;
    if (sourceElement.matches("form[data-draft]")) then(sourceElement, response);
  });
  ofDraft("before:request", (form) => { sent = valuesOf(form); });
  ofDraft("after:request", (form, response) => {
    const next = response?.headers.get("HX-Redirect");
    if (response?.status !== 200 || next && !next.startsWith(location.pathname)) return; // or is asked to sign in first
    was = sent;
    remember(form);
  });
  ofDraft("before:swap", (form) => { typed = valuesOf(form); });
  ofDraft("after:swap", (form, response) => {
    const since = put(form, typed, (name) => typed[name] !== sent[name]).length > 0;
    if (response?.status === 200) was = valuesOf(form, since);
    remember(form);
  });

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest?.(selector);
    const link = at("[data-rename]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); rename(link); }
    else if (at("[data-rename-cancel]")) endRename(at("form"));
    else if (at("[data-draft-drop]")) {
      at("[data-draft-found]").hidden = true;
      at("form").reset();
      at("form").elements.stamp.value = at("form").dataset.draft;
      was = valuesOf(at("form"));
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
