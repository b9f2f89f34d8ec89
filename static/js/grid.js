// A grid: each row saves itself when one of its cells is left; arrows, Enter, Escape and paste work as in a spreadsheet.
// The server reads and checks every value; this file only shows its answers, and grid_saving.js sends the texts.
(() => {
  const form = document.querySelector("[data-grid]");
  if (!form) return;
  const status = form.querySelector("[data-grid-status]");
  const rows = [...form.querySelectorAll("[data-row]")];
  const cellsOf = (row) => [...row.querySelectorAll("[data-col]")];
  const rowOf = (cell) => cell.closest("[data-row]");
  // Where a row has one cell only, the keyboard still walks along the line of the table.
  const lineOf = (cell) => cell.closest("[data-line]") ?? rowOf(cell);
  const isChanged = (cell) => cell.value !== cell.dataset.saved;
  const nameOf = (cell) => cell.name.replace(`-${rowOf(cell).dataset.row}`, "");
  const saving = globalThis.gridSaving(form, { cellsOf, isChanged, say, show: take });
  const { send } = saving;
  form.querySelector("[data-grid-submit]")?.setAttribute("hidden", "");
  document.documentElement.classList.add("has-grid");

  function say(row, outcome, words, message = "") {
    const said = row.querySelector("[data-said]");
    said.dataset.outcome = outcome;
    said.querySelector("[data-said-words]").textContent = words;
    said.querySelector("[data-said-message]").textContent = message;
    row.classList.toggle("has-problem", ["refused", "conflict", "failed"].includes(outcome));
    for (const cell of cellsOf(row)) cell.removeAttribute("aria-invalid");
  }

  // Answers

  function take(answer, sent) {
    const problems = [];
    for (const one of answer.rows) {
      const row = form.querySelector(`[data-row="${one.row}"]`);
      // A row that was not sent is told of too, unless something is being typed in it.
      if (!row || (!cellsOf(row).some((cell) => sent.has(cell)) && cellsOf(row).some(isChanged))) continue;
      show(row, one, sent);
      if (one.outcome === "refused" || one.outcome === "conflict") problems.push(`${one.words}. ${one.message}`);
    }
    for (const [key, texts] of Object.entries(answer.sums)) {
      for (const [part, text] of Object.entries(texts)) {
        for (const place of document.querySelectorAll(`[data-sum="${key}"][data-part="${part}"]`)) place.textContent = text;
      }
    }
    status.textContent = problems.length ? problems.join(" ") : answer.rows[0]?.words ?? "";
  }

  function show(row, one, sent) {
    say(row, one.outcome, one.words, one.message);
    row.querySelector("[data-conflict]")?.remove();
    if (one.outcome === "refused") {
      const fields = one.fields ?? [one.field];
      for (const cell of cellsOf(row)) if (fields.includes(nameOf(cell))) cell.setAttribute("aria-invalid", "true");
    } else if (one.outcome === "conflict") {
      showConflict(row, one);
    } else {
      row.querySelector("[data-version]").value = one.version;
      fill(row, one, sent);
    }
  }

  function fieldOf(row, name) {
    const key = row.dataset.row;
    return form.elements[name.startsWith("in-") ? `in-${key}-${name.slice(3)}` : `${name}-${key}`];
  }

  function fill(row, one, sent) {
    for (const [name, text] of Object.entries(one.values)) {
      const cell = fieldOf(row, name);
      if (!cell) continue;
      // What was typed while the row was on its way stays.
      if (!sent?.has(cell) || cell.value === sent.get(cell)) cell.value = text;
      cell.dataset.saved = text;
    }
    const explained = row.querySelector("[data-explained]");
    if (explained) explained.textContent = one.explained;
  }

  function showConflict(row, one) {
    const shown = form.querySelector("[data-conflict-template]").content.cloneNode(true);
    shown.querySelector("[data-theirs]").textContent = one.theirs;
    row.conflict = one;
    row.querySelector("[data-said]").append(shown);
  }

  function settle(event) {
    const button = event.submitter;
    const row = button?.closest("[data-row]");
    event.preventDefault();
    if (button?.dataset.goes) {
      go(button.dataset.goes);
    } else if (button?.name === "do") {
      send(row ? [row] : rows, button.value);
    } else if (!row) {
      send(rows.filter((one) => cellsOf(one).some(isChanged)));
    } else if (!row.conflict) {
      location.reload();
    } else {
      choose(row, button.name);
    }
  }

  function choose(row, name) {
    row.querySelector("[data-version]").value = row.conflict.version;
    row.querySelector("[data-conflict]").remove();
    if (name === "keep") {
      send([row]);
    } else {
      fill(row, row.conflict);
      say(row, "saved", "Đã lấy giá trị của họ");
      saving.forget(row);
    }
    (fieldOf(row, "points") ?? cellsOf(row)[0]).focus();
  }

  async function go(address) {
    if (await saving.settled()) location.assign(address);
  }

  // Links and other forms wait for what is on its way; where something stays unsaved, the browser asks.
  function hold(event, again) {
    if (!saving.isSending()) return;
    event.preventDefault();
    saving.settled().then(again);
  }

  // Keys

  function neighbour(cell, step) {
    const here = rows.indexOf(rowOf(cell));
    const rest = step > 0 ? rows.slice(here + 1) : rows.slice(0, here).reverse();
    for (const row of rest) {
      const found = row.querySelector(`[data-col="${cell.dataset.col}"]`);
      if (found) return found;
    }
    return null;
  }

  function beside(cell, step) {
    const cells = cellsOf(lineOf(cell));
    return cells[cells.indexOf(cell) + step];
  }

  function goTo(cell) {
    if (!cell) return false;
    cell.focus();
    cell.select?.();
    return true;
  }

  function onKey(event) {
    const cell = event.target;
    if (!cell.matches("[data-col]") || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const isText = cell.matches("input");
    const atStart = isText && cell.selectionEnd === 0;
    const atEnd = isText && cell.selectionStart === cell.value.length;
    const whole = isText && cell.selectionStart === 0 && atEnd && cell.value !== "";
    let moved = false;
    if (event.key === "Escape") {
      cell.value = cell.dataset.saved;
      if (!cellsOf(rowOf(cell)).some(isChanged)) {
        say(rowOf(cell), "", "Đã lấy lại giá trị đã lưu");
        saving.forget(rowOf(cell));
      }
      moved = true;
    } else if (event.key === "Enter" && !cell.matches("textarea")) {
      const next = neighbour(cell, event.shiftKey ? -1 : 1);
      moved = goTo(next);
      if (!moved) {
        leave(cell);
        moved = true;
      }
    } else if (isText && event.key === "ArrowDown") moved = goTo(neighbour(cell, 1));
    else if (isText && event.key === "ArrowUp") moved = goTo(neighbour(cell, -1));
    else if (isText && event.key === "ArrowRight" && (atEnd || whole)) moved = goTo(beside(cell, 1));
    else if (isText && event.key === "ArrowLeft" && (atStart || whole)) moved = goTo(beside(cell, -1));
    if (moved) event.preventDefault();
  }

  function leave(cell) {
    const isRowChanged = cellsOf(rowOf(cell)).some(isChanged);
    if (form.dataset.grid === "rows" ? isRowChanged : isChanged(cell)) send([rowOf(cell)]);
    else if (!isRowChanged) saving.forget(rowOf(cell));
  }

  function onPaste(event) {
    const cell = event.target;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!cell.matches("input[data-col]") || !/[\r\n\t]/.test(text.replace(/\r?\n$/, ""))) return;
    event.preventDefault();
    const changed = new Set();
    let line = cell;
    for (const values of text.replace(/\r?\n$/, "").split(/\r?\n/).map((one) => one.split("\t"))) {
      let place = line;
      for (const value of values) {
        if (!place) break;
        if (!place.matches("select")) place.value = value.trim();
        changed.add(rowOf(place));
        place = beside(place, 1);
      }
      line = neighbour(line, 1);
      if (!line) break;
    }
    send([...changed]);
  }

  form.addEventListener("submit", settle);
  form.addEventListener("keydown", onKey);
  form.addEventListener("paste", onPaste);
  form.addEventListener("input", ({ target }) => {
    if (target.matches("[data-col]")) say(rowOf(target), isChanged(target) ? "changed" : "", isChanged(target) ? "Chưa lưu" : "");
  });
  form.addEventListener("focusin", ({ target }) => {
    if (target.matches("input[data-col]")) target.select();
  });
  // Where the cells of a row hold only together (points and their reason), it is sent when the row is left.
  const staysIn = (cell, next) => form.dataset.grid === "rows" && next?.matches("[data-col]") && rowOf(next) === rowOf(cell);
  form.addEventListener("focusout", ({ target, relatedTarget }) => {
    if (target.matches("[data-col]") && !staysIn(target, relatedTarget)) leave(target);
  });
  form.addEventListener("change", ({ target }) => {
    if (target.matches("select[data-col]") && form.dataset.grid !== "rows") leave(target);
    // What holds for all rows goes to all that have anything in them.
    if (target.matches("[data-whole]")) send(rows.filter((row) => cellsOf(row).some((cell) => cell.value)));
    else if (!rowOf(target)) saving.sendUnsaved();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const isPlain = !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (link && isPlain && !link.target) hold(event, () => link.click());
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== form) hold(event, () => event.target.requestSubmit(event.submitter));
  });
  addEventListener("beforeunload", (event) => {
    if (saving.hasUnsaved() || rows.some((row) => cellsOf(row).some(isChanged))) event.preventDefault();
  });
})();
