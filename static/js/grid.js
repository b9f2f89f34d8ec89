// The score grid: each row saves itself when one of its cells is left; arrows, Enter, Escape and paste work as in a
// spreadsheet. The server reads and checks every value; this file only sends texts and shows the answer.
(() => {
  const form = document.querySelector("[data-grid]");
  if (!form) return;
  const WORDS = {
    saving: "Đang lưu…",
    changed: "Chưa lưu",
    failed: "Chưa lưu",
    offline: "Không gửi được; sẽ gửi lại khi bạn sửa hoặc rời ô.",
    loggedOut: "Phiên làm việc đã hết. Hãy đăng nhập lại ở thẻ khác rồi sửa lại ô này; giá trị đã nhập vẫn ở đây.",
  };
  const status = form.querySelector("[data-grid-status]");
  const rows = [...form.querySelectorAll("[data-row]")];
  const sending = new Set();
  const waiting = new Set();
  form.querySelector("[data-grid-submit]")?.setAttribute("hidden", "");
  document.documentElement.classList.add("has-grid");

  const cellsOf = (row) => [...row.querySelectorAll("[data-col]")];
  const rowOf = (cell) => cell.closest("[data-row]");
  const isChanged = (cell) => cell.value !== cell.dataset.saved;
  const nameOf = (cell) => cell.name.replace(/^(in)-\d+-/, "$1-").replace(/-\d+$/, "");

  function say(row, outcome, words, message = "") {
    const said = row.querySelector("[data-said]");
    said.dataset.outcome = outcome;
    said.querySelector("[data-said-words]").textContent = words;
    said.querySelector("[data-said-message]").textContent = message;
    row.classList.toggle("has-problem", ["refused", "conflict", "failed"].includes(outcome));
    for (const cell of cellsOf(row)) cell.removeAttribute("aria-invalid");
  }

  // Rows

  function packed(toSend, extra) {
    const body = new FormData();
    for (const field of form.elements) {
      if (field.name && field.type !== "submit" && !field.closest("[data-row]")) body.append(field.name, field.value);
    }
    for (const row of toSend) {
      for (const field of row.querySelectorAll("input, select, textarea")) body.append(field.name, field.value);
    }
    for (const [name, value] of Object.entries(extra)) body.append(name, value);
    return body;
  }

  async function send(wanted, extra = {}) {
    const toSend = wanted.filter((row) => !sending.has(row));
    for (const row of wanted) if (sending.has(row)) waiting.add(row);
    if (!toSend.length) return;
    const sent = new Map(toSend.flatMap(cellsOf).map((cell) => [cell, cell.value]));
    const body = packed(toSend, extra);
    for (const row of toSend) {
      sending.add(row);
      say(row, "saving", WORDS.saving);
    }
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
      });
      if (response.redirected) throw new Error(WORDS.loggedOut);
      const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
      if (!isJson) throw new Error(response.status === 403 ? WORDS.loggedOut : WORDS.offline);
      take(await response.json(), sent);
    } catch (error) {
      const message = error instanceof TypeError ? WORDS.offline : error.message;
      for (const row of toSend) say(row, "failed", WORDS.failed, message);
      status.textContent = message;
    }
    for (const row of toSend) sending.delete(row);
    const again = toSend.filter((row) => waiting.delete(row) && cellsOf(row).some(isChanged));
    if (again.length) send(again);
  }

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
    row.querySelector("[data-conflict]").hidden = one.outcome !== "conflict";
    if (one.outcome === "refused") {
      const fields = one.fields ?? [one.field];
      const isWrong = (cell) => fields.some((field) => nameOf(cell) === field || cell.name.endsWith(`-${field.replace("in-", "")}`));
      for (const cell of cellsOf(row).filter(isWrong)) cell.setAttribute("aria-invalid", "true");
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
      if (!sent || cell.value === sent.get(cell)) cell.value = text;
      cell.dataset.saved = text;
    }
    const explained = row.querySelector("[data-explained]");
    if (explained) explained.textContent = one.explained;
  }

  function showConflict(row, one) {
    row.querySelector("[data-theirs-version]").value = one.version;
    row.conflict = one;
    row.querySelector("[data-theirs]").textContent = one.theirs || pointsOf(row, one);
  }

  function pointsOf(row, one) {
    const key = row.dataset.row;
    const mine = `${form.elements[`points-${key}`].value || "trống"} · ${form.elements[`note-${key}`].value}`;
    const theirs = `${one.values.points || one.state_words} · ${one.values.note}`;
    const inputs = Object.entries(one.values).filter(([name]) => name.startsWith("in-")).map(([, text]) => text || "–");
    return `${one.by || "Người khác"}: ${theirs} ${inputs.length ? `(${inputs.join(" / ")})` : ""}. Của bạn: ${mine}.`;
  }

  function settle(event) {
    const button = event.submitter;
    const row = button?.closest("[data-row]");
    event.preventDefault();
    if (!row) {
      send(rows.filter((one) => cellsOf(one).some(isChanged)));
      return;
    }
    if (button.name === "keep") {
      row.querySelector("[data-version]").value = row.querySelector("[data-theirs-version]").value;
      row.querySelector("[data-conflict]").hidden = true;
      send([row]);
    } else if (row.conflict) {
      row.querySelector("[data-version]").value = row.conflict.version;
      row.querySelector("[data-conflict]").hidden = true;
      fill(row, row.conflict);
      say(row, "saved", "Đã lấy giá trị của họ");
    } else {
      location.reload();
    }
    (form.elements[`points-${row.dataset.row}`] ?? cellsOf(row)[0]).focus();
  }

  // Keys

  function neighbour(cell, step) {
    const rest = step > 0 ? rows.slice(rows.indexOf(rowOf(cell)) + 1) : rows.slice(0, rows.indexOf(rowOf(cell))).reverse();
    for (const row of rest) {
      const found = row.querySelector(`[data-col="${cell.dataset.col}"]`);
      if (found) return found;
    }
    return null;
  }

  function beside(cell, step) {
    const cells = cellsOf(rowOf(cell));
    return cells[cells.indexOf(cell) + step];
  }

  function go(cell) {
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
      if (!cellsOf(rowOf(cell)).some(isChanged)) say(rowOf(cell), "", "Đã lấy lại giá trị đã lưu");
      moved = true;
    } else if (event.key === "Enter" && !cell.matches("textarea")) {
      const next = neighbour(cell, event.shiftKey ? -1 : 1);
      moved = go(next);
      if (!moved) {
        leave(cell);
        moved = true;
      }
    } else if (isText && event.key === "ArrowDown") moved = go(neighbour(cell, 1));
    else if (isText && event.key === "ArrowUp") moved = go(neighbour(cell, -1));
    else if (isText && event.key === "ArrowRight" && (atEnd || whole)) moved = go(beside(cell, 1));
    else if (isText && event.key === "ArrowLeft" && (atStart || whole)) moved = go(beside(cell, -1));
    if (moved) event.preventDefault();
  }

  function leave(cell) {
    if (isChanged(cell)) send([rowOf(cell)]);
  }

  function onPaste(event) {
    const cell = event.target;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!cell.matches("input[data-col]") || !/[\r\n\t]/.test(text.replace(/\r?\n$/, ""))) return;
    event.preventDefault();
    const changed = [];
    let line = cell;
    for (const values of text.replace(/\r?\n$/, "").split(/\r?\n/).map((one) => one.split("\t"))) {
      let place = line;
      for (const value of values) {
        if (!place) break;
        if (!place.matches("select")) place.value = value.trim();
        place = beside(place, 1);
      }
      changed.push(rowOf(line));
      line = neighbour(line, 1);
      if (!line) break;
    }
    send(changed);
  }

  form.addEventListener("submit", settle);
  form.addEventListener("keydown", onKey);
  form.addEventListener("paste", onPaste);
  form.addEventListener("input", ({ target }) => {
    if (target.matches("[data-col]")) say(rowOf(target), isChanged(target) ? "changed" : "", isChanged(target) ? WORDS.changed : "");
  });
  form.addEventListener("focusin", ({ target }) => {
    if (target.matches("input[data-col]")) target.select();
  });
  form.addEventListener("focusout", ({ target }) => {
    if (target.matches("[data-col]")) leave(target);
  });
  form.addEventListener("change", ({ target }) => {
    if (target.matches("select[data-col]")) leave(target);
    // What holds for all rows goes to all that have anything in them.
    if (target.matches("[data-whole]")) send(rows.filter((row) => cellsOf(row).some((cell) => cell.value)));
  });
  addEventListener("beforeunload", (event) => {
    if (sending.size || rows.some((row) => cellsOf(row).some(isChanged))) event.preventDefault();
  });
})();
