// Copies a passage: the button shows only where this runs, and what happened is said beside it.
(() => {
  for (const button of document.querySelectorAll("[data-copy]")) {
    const passage = document.getElementById(button.dataset.copy);
    const status = button.parentElement.querySelector("[role=status]");
    const text = () => [...passage.querySelectorAll("p")].map((p) => p.textContent).join("\n\n");

    function select() {
      const range = document.createRange();
      range.selectNodeContents(passage);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }

    async function copy() {
      try {
        // Absent where the page is not served over https, as in an office's own network.
        await navigator.clipboard.writeText(text());
        return true;
      } catch {
        select();
        return document.execCommand("copy");
      }
    }

    button.hidden = false;
    button.addEventListener("click", async () => {
      status.textContent = (await copy()) ? status.dataset.copied : status.dataset.notCopied;
    });
  }
})();
