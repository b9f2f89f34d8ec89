// Light or dark, contrast, size of letters: as the system says until somebody chooses. Colours are stylesheets of their
// own, so a choice is only their media; a size is an attribute of the root. Kept in this browser, told to nobody.
(() => {
  const DARK = { auto: "(prefers-color-scheme: dark)", dark: "all", light: "" };
  const CONTRAST = { auto: "(prefers-contrast: more)", more: "all", less: "" };
  const SIZES = { "-1": 87.5, 0: 100, 1: 112.5, 2: 125, 3: 150 };
  const root = document.documentElement;
  // Until charts.js has run, its tables are hidden and its boxes keep their room: nothing shifts.
  root.classList.add("scripted", "draws");
  const sheets = Object.fromEntries([...document.querySelectorAll("[data-theme-sheet]")].map((sheet) => [sheet.dataset.themeSheet, sheet]));
  const chosen = { theme: stored("theme", DARK, "auto"), contrast: stored("contrast", CONTRAST, "auto"), text: stored("text", SIZES, "0") };

  function stored(name, known, fallback) {
    try {
      const value = localStorage.getItem(name);
      return Object.hasOwn(known, value) ? value : fallback;
    } catch {
      return fallback; // storage can be forbidden; the system's choice remains
    }
  }

  function choose(name, value) {
    chosen[name] = value;
    try {
      localStorage.setItem(name, value);
    } catch {
      // forbidden storage: the choice holds for this page only
    }
    apply();
    show();
    document.dispatchEvent(new CustomEvent("themechange"));
  }

  // An empty condition is never true, "all" always is.
  function media(...conditions) {
    if (conditions.includes("")) return "not all";
    return ["screen", ...conditions.filter((condition) => condition !== "all")].join(" and ");
  }

  function apply() {
    const [dark, contrast] = [DARK[chosen.theme], CONTRAST[chosen.contrast]];
    sheets.dark.media = media(dark);
    sheets.contrast.media = media(contrast);
    sheets["contrast-dark"].media = media(dark, contrast);
    root.dataset.text = chosen.text;
  }

  const isContrast = () => window.matchMedia(sheets.contrast.media).matches;

  function show() {
    for (const button of document.querySelectorAll("[data-theme-switch] button")) {
      button.setAttribute("aria-pressed", String(button.dataset.theme === chosen.theme));
    }
    document.querySelector("[data-contrast]")?.setAttribute("aria-pressed", String(isContrast()));
    for (const button of document.querySelectorAll("[data-reading-tools] [data-text]")) {
      button.setAttribute("aria-disabled", String(step(button) === chosen.text));
    }
  }

  // The size that a button leads to: one smaller, the usual one, one larger, within what there is.
  function step({ dataset }) {
    if (dataset.text === "0") return "0";
    const next = String(Number(chosen.text) + Number(dataset.text));
    return Object.hasOwn(SIZES, next) ? next : chosen.text;
  }

  function resize(button) {
    choose("text", step(button));
    const status = document.querySelector("[data-text-size]");
    status.textContent = status.dataset.said.replace("%s", SIZES[chosen.text].toLocaleString(root.lang));
  }

  apply();
  document.addEventListener("DOMContentLoaded", () => {
    show();
    document.querySelector("[data-theme-switch]")?.addEventListener("click", ({ target }) => {
      if (target.dataset.theme) choose("theme", target.dataset.theme);
    });
    document.querySelector("[data-reading-tools]")?.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button && "contrast" in button.dataset) choose("contrast", isContrast() ? "less" : "more");
      else if (button) resize(button);
    });
  });
  window.matchMedia(CONTRAST.auto).addEventListener("change", () => {
    show();
    document.dispatchEvent(new CustomEvent("themechange"));
  });
})();
