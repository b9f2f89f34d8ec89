// Suggestions under a search box: htmx fills the list of links, the arrow keys walk through it, Escape closes it.
(() => {
  for (const form of document.querySelectorAll("[data-suggest]")) {
    const input = form.querySelector("input");
    const list = form.querySelector(".suggestions");
    const status = form.querySelector("[data-suggest-count]");
    const links = () => [...list.querySelectorAll("a")];

    function close() {
      list.hidden = true;
    }

    function open() {
      const found = links().length;
      list.hidden = list.children.length === 0 || input.value.trim() === "";
      status.textContent = list.hidden || !found ? "" : status.dataset.some.replace("%s", found);
    }

    function walk(step) {
      const stops = [input, ...links()];
      const now = stops.indexOf(document.activeElement);
      stops[(now + step + stops.length) % stops.length].focus();
    }

    // A late answer replaces the list under the reader: the link that had the focus keeps it, or the box takes it back.
    let focused = null;
    list.addEventListener("htmx:beforeSwap", () => {
      focused = list.contains(document.activeElement) ? document.activeElement.href : null;
    });
    list.addEventListener("htmx:afterSwap", () => {
      if (focused || form.contains(document.activeElement)) open();
      if (focused) (links().find(({ href }) => href === focused) ?? input).focus();
    });
    input.addEventListener("focus", open);
    form.addEventListener("focusout", ({ relatedTarget }) => {
      if (!form.contains(relatedTarget)) close();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !list.hidden) {
        input.focus(); // which opens the list
        close();
        event.preventDefault();
      }
      if (list.hidden || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
      event.preventDefault();
      walk(event.key === "ArrowDown" ? 1 : -1);
    });
  }
})();
