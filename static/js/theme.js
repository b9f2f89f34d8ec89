// Light, dark or the system's choice. The dark colours are a stylesheet of their own, so a choice is only its media.
(() => {
  const MEDIA = {
    auto: "screen and (prefers-color-scheme: dark)",
    dark: "screen",
    light: "not all",
  };
  // Until charts.js has run, its tables are hidden and its boxes keep their room: nothing shifts.
  document.documentElement.classList.add("draws");
  const sheet = document.querySelector("[data-theme-sheet]");

  function stored() {
    try {
      const theme = localStorage.getItem("theme");
      return theme in MEDIA ? theme : "auto";
    } catch {
      return "auto"; // storage can be forbidden; the system's choice remains
    }
  }

  function apply(theme) {
    sheet.media = MEDIA[theme];
    for (const button of document.querySelectorAll("[data-theme-switch] button")) {
      button.setAttribute("aria-pressed", String(button.dataset.theme === theme));
    }
    document.dispatchEvent(new CustomEvent("themechange"));
  }

  sheet.media = MEDIA[stored()];
  document.addEventListener("DOMContentLoaded", () => {
    const control = document.querySelector("[data-theme-switch]");
    apply(stored());
    if (!control) return; // a frame on another site has no footer
    control.hidden = false;
    control.addEventListener("click", ({ target }) => {
      const theme = target.dataset.theme;
      if (!theme) return;
      try {
        localStorage.setItem("theme", theme);
      } catch {
        // forbidden storage: the choice holds for this page only
      }
      apply(theme);
    });
  });
})();
