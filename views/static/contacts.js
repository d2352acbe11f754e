// A list that looks on by itself is heard by whoever cannot see it, and leaves the focus where it is: <a data-saying="Looking further…"> is
// said while it asks. What came is said by a live region among it, or by the seam that begins it.
(() => {
  "use strict";
  const announce = (text) => { document.getElementById("live").textContent = text; };

  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    const { saying } = ctx.sourceElement?.dataset ?? {};
    if (!saying) return;
    ctx.saying = { focus: ctx.sourceElement === document.activeElement, then: "" };
    announce(saying);
  });
  document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
    if (!ctx.saying || ctx.saying.focus) return; // a seam that takes the focus is heard already
    for (const seam of tasks.flatMap((task) => [...task.fragment.querySelectorAll("[autofocus]")])) {
      seam.removeAttribute("autofocus");
      ctx.saying.then = seam.textContent;
    }
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => { if (ctx.saying) announce(ctx.saying.then); });
})();
