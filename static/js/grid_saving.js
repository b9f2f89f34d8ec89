// Sends rows of a grid and forgets none: what was not stored is counted in a line on the screen, and what got no answer
// is sent again when the connection or the session is back, with the next row that is saved, and after a pause.
// grid.js says which rows, and shows the answers.
globalThis.gridSaving = (form, { cellsOf, isChanged, say, show }) => {
  const WORDS = {
    saving: "Đang lưu…",
    failed: "Chưa lưu",
    failedRow: "Chưa gửi được; giá trị đã nhập vẫn ở đây.",
    offline: "Không gửi được: mất kết nối hoặc máy chủ bận. Trang tự gửi lại khi có kết nối.",
    loggedOut: "Phiên làm việc đã hết. Hãy đăng nhập lại ở thẻ khác rồi quay về đây: các dòng này sẽ được gửi tiếp.",
    otherPerson: "Ở thẻ khác đang đăng nhập bằng tài khoản khác. Hãy đăng nhập lại bằng tài khoản đã mở trang này.",
    rejected: "Máy chủ không nhận được các dòng này. Hãy sửa lại dòng, hoặc chép lại giá trị đã nhập rồi tải lại trang.",
    refused: "Bạn không còn quyền sửa ở đây, hoặc trang đã khóa. Hãy chép lại giá trị đã nhập trước khi rời trang.",
  };
  const FIRST_PAUSE = 5_000;
  const LONGEST_PAUSE = 60_000;
  const LONGEST_ANSWER = 30_000;
  // The server takes a thousand fields at once.
  const MOST_FIELDS = 800;
  // Who answers so may answer otherwise in a while.
  const PASSING = new Set([408, 425, 429, 502, 503, 504]);

  class NotSent extends Error {
    // What is final is not sent again by itself: it would be refused again, and keep a session alive that nobody uses.
    constructor(words, { needsLogin = false, isFinal = false, isRejected = false } = {}) {
      super(words);
      Object.assign(this, { needsLogin, isFinal, isRejected });
    }
  }

  const line = form.querySelector("[data-unsaved]");
  const underway = new Set();
  const sending = new Set();
  // What is to be done with a row (accepting it; "": writing what is typed) once it is back, or can be sent again.
  const waiting = new Map();
  const failed = new Map();
  const unsaved = new Set();
  let pause = FIRST_PAUSE;
  let timer;

  function packed(rows, act) {
    const body = new FormData();
    for (const field of form.elements) {
      if (field.name && field.type !== "submit" && !field.closest("[data-row]")) body.append(field.name, field.value);
    }
    for (const row of rows) {
      for (const field of row.querySelectorAll("input, select, textarea")) body.append(field.name, field.value);
    }
    if (act) body.append("do", act);
    return body;
  }

  function send(wanted, act = "") {
    const parts = act ? [wanted] : apart(wanted);
    return Promise.all(
      parts.map((rows) => {
        const sent = deliver(rows, act).finally(() => underway.delete(sent));
        underway.add(sent);
        return sent;
      }),
    );
  }

  function apart(rows) {
    const parts = [];
    let room = 0;
    for (const row of rows) {
      const fields = row.querySelectorAll("input, select, textarea").length;
      if (fields > room) {
        parts.push([]);
        room = MOST_FIELDS;
      }
      parts.at(-1).push(row);
      room -= fields;
    }
    return parts;
  }

  async function deliver(wanted, act) {
    for (const row of wanted) if (sending.has(row)) waiting.set(row, act);
    const rows = wanted.filter((row) => !sending.has(row));
    if (!rows.length) return;
    const values = new Map(rows.flatMap(cellsOf).map((cell) => [cell, cell.value]));
    for (const row of rows) {
      sending.add(row);
      say(row, "saving", WORDS.saving);
    }
    try {
      const answer = await posted(() => packed(rows, act));
      receive(rows, answer, values);
    } catch (error) {
      if (error.isRejected && rows.length > 1 && !act) {
        // One of them may be at fault: each by itself.
        for (const row of rows) if (!waiting.has(row)) waiting.set(row, "");
      } else {
        fail(rows, act, error);
      }
    }
    for (const row of rows) sending.delete(row);
    report();
    for (const row of rows.filter((one) => waiting.has(one))) {
      const next = waiting.get(row);
      waiting.delete(row);
      if (next || cellsOf(row).some(isChanged)) send([row], next);
    }
  }

  async function posted(body, isSecond = false) {
    const response = await fetch(form.action, {
      method: "POST",
      body: body(),
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(LONGEST_ANSWER),
    });
    if (response.redirected) throw new NotSent(WORDS.loggedOut, { needsLogin: true });
    if (response.headers.get("Content-Type")?.startsWith("application/json")) return response.json();
    if (PASSING.has(response.status)) throw new NotSent(WORDS.offline);
    if (response.status !== 403) throw new NotSent(WORDS.rejected, { isFinal: true, isRejected: true });
    if (isSecond) throw new NotSent(WORDS.refused, { isFinal: true });
    await renewToken();
    return posted(body, true);
  }

  // Logging in again ends the tokens of pages that were open before. The page, asked for anew, brings one that holds,
  // and tells whether it is the same person's: nobody's figures are sent in another one's name.
  async function renewToken() {
    const response = await fetch(location.href, { cache: "no-store" });
    if (response.redirected) throw new NotSent(WORDS.loggedOut, { needsLogin: true });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("form[data-grid]");
    if (response.ok && fresh && fresh.dataset.person !== form.dataset.person) {
      throw new NotSent(WORDS.otherPerson, { needsLogin: true });
    }
    if (response.status >= 500) throw new NotSent(WORDS.offline);
    if (!response.ok || !fresh) throw new NotSent(WORDS.refused, { isFinal: true });
    const token = fresh.elements.csrfmiddlewaretoken.value;
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
  }

  function receive(rows, answer, values) {
    const answered = new Map(answer.rows.map((one) => [String(one.row), one]));
    show(answer, values);
    for (const row of rows) {
      const outcome = answered.get(row.dataset.row)?.outcome ?? "refused";
      failed.delete(row);
      if (outcome === "refused" || outcome === "conflict") unsaved.add(row);
      else unsaved.delete(row);
      if (!answered.has(row.dataset.row)) say(row, "refused", WORDS.failed, WORDS.refused);
    }
    pause = FIRST_PAUSE;
    sendAgain();
  }

  function fail(rows, act, error) {
    for (const row of rows) {
      failed.set(row, act);
      unsaved.add(row);
      say(row, "failed", WORDS.failed, WORDS.failedRow);
    }
    const known = error instanceof NotSent ? error : new NotSent(WORDS.offline);
    line.querySelector("[data-unsaved-why]").textContent = known.message;
    line.querySelector("[data-unsaved-login]").hidden = !known.needsLogin;
    clearTimeout(timer);
    if (known.isFinal) return;
    timer = setTimeout(sendAgain, pause * (0.8 + 0.4 * Math.random()));
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  }

  // Not a row in which somebody is typing just now: it is sent when it is left.
  function sendAgain() {
    clearTimeout(timer);
    const isTyped = (row) => row.contains(document.activeElement) && row.querySelector("[data-outcome=changed]");
    const rows = [...failed.keys()].filter((row) => !sending.has(row) && !isTyped(row));
    for (const act of new Set(rows.map((row) => failed.get(row)))) {
      send(rows.filter((row) => failed.get(row) === act), act);
    }
  }

  function report() {
    line.hidden = !unsaved.size;
    if (!unsaved.size) return;
    line.querySelector("[data-unsaved-count]").textContent = `${unsaved.size} dòng chưa lưu.`;
    if (failed.size) return;
    line.querySelector("[data-unsaved-why]").textContent = "Xem lý do ở từng dòng.";
    line.querySelector("[data-unsaved-login]").hidden = true;
  }

  function forget(row) {
    if (failed.has(row)) return;
    unsaved.delete(row);
    report();
  }

  async function settled() {
    while (underway.size) await Promise.all(underway);
    return !unsaved.size;
  }

  function sendUnsaved() {
    sendAgain();
    const refused = [...unsaved].filter((row) => !failed.has(row));
    if (refused.length) send(refused);
  }

  line.querySelector("[data-unsaved-send]").addEventListener("click", sendUnsaved);
  addEventListener("online", sendAgain);
  addEventListener("focus", sendAgain);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") sendAgain();
  });
  return { send, sendUnsaved, settled, forget, isSending: () => sending.size > 0, hasUnsaved: () => sending.size > 0 || unsaved.size > 0 };
};
