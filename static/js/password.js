// Lets who types a password look at it; the button shows only where this runs.
(() => {
  for (const button of document.querySelectorAll("[data-show-passwords]")) {
    const fields = [...button.form.querySelectorAll("input[type=password]")];

    button.hidden = fields.length === 0;
    button.addEventListener("click", () => {
      const isShown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", isShown);
      for (const field of fields) field.type = isShown ? "text" : "password";
    });
    // A browser offers to keep a password, and a manager fills one in, only where the field is one.
    button.form.addEventListener("submit", () => {
      for (const field of fields) field.type = "password";
    });
  }
})();
