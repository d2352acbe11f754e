// The search of the admin side: Ctrl-K or the search button opens it, arrow keys choose, Enter goes there.
// The focus stays in the input; aria-activedescendant says which line is chosen.
(() => {
  "use strict";
  const palette = document.getElementById("palette");
  if (!palette) return;
  const input = palette.querySelector("input");
  const list = document.getElementById("palette-list");
  const lines = () => [...list.querySelectorAll("a")];
  const chosen = () => list.querySelector('[aria-selected="true"]');

  const choose = (line) => {
    chosen()?.setAttribute("aria-selected", "false");
    if (!line) return input.removeAttribute("aria-activedescendant");
    line.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", line.id);
    line.scrollIntoView({ block: "nearest" });
  };
  const open = () => {
    if (palette.open) return;
    palette.showModal();
    input.select();
    htmx.trigger(input, "palette:open");
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || !event.target.closest("[data-palette]")) return;
    event.preventDefault();
    open();
  });
  input.addEventListener("keydown", (event) => {
    const all = lines();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(all[(at + (event.key === "ArrowDown" ? 1 : all.length - (at < 0 ? 0 : 1))) % all.length]);
    } else if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      chosen().click();
    } else if (event.key === "Escape") { // browsers clear the words first, and close with the next press
      event.preventDefault();
      palette.close();
    }
  });
  list.addEventListener("htmx:after:settle", () => {
    lines().forEach((line, index) => {
      line.id = `palette-line-${index}`;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", "false");
    });
    choose(lines()[0]);
  });
})();
