// Draws the charts of a page from their JSON blocks. Python says what is shown (reports/charts.py), this file says how.
(() => {
  const root = document.documentElement;
  if (!window.Chart) {
    root.classList.remove("draws"); // the tables stay open instead
    return;
  }
  const isEnglish = root.lang === "en";
  const format = new Intl.NumberFormat(isEnglish ? "en-GB" : "vi-VN", { maximumFractionDigits: 2 });
  // Values have as many decimals as in the table behind the drawing; those of an axis as few as they need.
  const FIXED = [0, 1, 2].map((digits) => new Intl.NumberFormat(isEnglish ? "en-GB" : "vi-VN", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  const sheets = [...document.querySelectorAll("[data-theme-sheet]")];
  const drawn = new Map();

  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const colour = (role) => css(`--series-${role.replace("_", "-")}`);
  const print = (value, unit, form = format) => (unit === "%" ? `${form.format(value)}${isEnglish ? "" : "\u202f"}%` : `${form.format(value)} ${unit}`.trim());
  const isNarrow = () => window.innerWidth < 640;

  function lines(text, width) {
    const rows = [""];
    for (const word of text.split(" ")) {
      const row = rows.at(-1);
      if (row && row.length + word.length >= width) rows.push(word);
      else rows[rows.length - 1] = row ? `${row} ${word}` : word;
    }
    return rows;
  }

  // Three lines fit beside a bar; the table has the whole of a longer name.
  function short(text, width) {
    const rows = lines(text, width);
    return rows.length > 3 ? [...rows.slice(0, 2), `${rows[2]}…`] : rows;
  }

  const near = (marks, i) => [marks[i - 1], marks[i + 1]].filter((mark) => mark && !mark.skip).map((mark) => mark.y);

  // Values written beside their marks, so that a chart can be read without pointing at it.
  const labels = {
    id: "labels",
    afterDatasetsDraw(chart, _args, { kind, unit, digits, shown }) {
      if (!shown) return;
      const { ctx } = chart;
      ctx.save();
      ctx.font = `600 ${Chart.defaults.font.size}px ${Chart.defaults.font.family}`;
      const marks = chart.getDatasetMeta(0).data;
      marks.forEach((mark, i) => {
        const value = chart.data.datasets[0].data[i];
        if (value === null) return;
        const inside = kind === "bar";
        ctx.fillStyle = css(inside ? "--on-accent" : "--ink");
        ctx.textAlign = inside ? "left" : "center";
        const isValley = kind !== "histogram" && near(marks, i).length > 1 && near(marks, i).every((y) => y < mark.y);
        ctx.textBaseline = inside ? "middle" : isValley ? "top" : "bottom";
        const text = print(value, unit === "%" ? unit : "", FIXED[digits]);
        if (!inside) ctx.fillText(text, mark.x, mark.y + (isValley ? 11 : kind === "histogram" ? -3 : -9));
        else if (mark.width > 56) ctx.fillText(text, mark.base + 8, mark.y + 1);
      });
      ctx.restore();
    },
  };

  // A mean's tick crosses the bar it is compared with: a rim keeps the two apart.
  const rim = {
    id: "rim",
    beforeDatasetDraw(chart, { index, meta }) {
      if (chart.data.datasets[index].pointStyle !== "line") return;
      chart.ctx.fillStyle = css("--surface");
      for (const { x, y, skip } of meta.data) if (!skip) chart.ctx.fillRect(x - 3.5, y - 13, 7, 26);
    },
  };

  // A dashed rule where the years before and after cannot be compared.
  const rules = {
    id: "rules",
    beforeDatasetsDraw(chart, _args, { breaks }) {
      const { ctx, chartArea, scales } = chart;
      ctx.save();
      ctx.setLineDash([4, 4]);
      ctx.strokeStyle = css("--line-strong");
      for (const at of breaks) {
        const x = (scales.x.getPixelForValue(at - 1) + scales.x.getPixelForValue(at)) / 2;
        ctx.beginPath();
        ctx.moveTo(x, chartArea.top);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
      }
      ctx.restore();
    },
  };

  // The name of each line at its end; equal places share a row.
  const names = {
    id: "names",
    afterDatasetsDraw(chart, _args, { shown, width }) {
      if (!shown) return;
      const { ctx, chartArea } = chart;
      const rows = new Map();
      chart.data.datasets.forEach(({ data, label }, i) => {
        if (data.at(-1) !== null) rows.set(data.at(-1), [...(rows.get(data.at(-1)) ?? []), [label, i]]);
      });
      ctx.save();
      ctx.textBaseline = "middle";
      for (const [place, found] of rows) {
        const active = found.some(([, i]) => chart.getActiveElements().some((e) => e.datasetIndex === i));
        let text = `${place}. ${found.map(([label]) => label).join(", ")}`;
        ctx.font = `${active ? 700 : 400} ${Chart.defaults.font.size}px ${Chart.defaults.font.family}`;
        ctx.fillStyle = css(active ? "--accent" : "--ink");
        while (text.length > 4 && ctx.measureText(text).width > width - 12) text = `${text.slice(0, -2)}…`;
        ctx.fillText(text, chartArea.right + 12, chart.scales.y.getPixelForValue(place));
      }
      ctx.restore();
    },
  };

  const bar = ({ label, role, values }, i) => {
    if (i === 0) return { label, data: values, backgroundColor: colour(role), barThickness: "flex", maxBarThickness: 24, borderRadius: 4, order: 1, pointStyle: "rectRounded" };
    const isMean = role === "mean";
    return {
      type: "line", label, data: values, showLine: false, order: 0, clip: false, pointStyle: isMean ? "line" : "rectRot", rotation: isMean ? 90 : 0,
      pointRadius: isMean ? 12 : 6, pointHoverRadius: isMean ? 13 : 7, borderWidth: isMean ? 3 : 1.5,
      borderColor: isMean ? colour(role) : css("--surface"), backgroundColor: colour(role),
    };
  };

  const line = ({ breaks, highlight }) => ({ label, role, values }) => ({
    label, data: values, borderColor: colour(role), backgroundColor: colour(role), borderWidth: role === "unit" ? 3 : 2, tension: 0,
    segment: { borderColor: ({ p1DataIndex }) => (breaks.includes(p1DataIndex) ? "transparent" : undefined) },
    pointRadius: values.map((_, i) => (i === highlight ? 7 : 4)), pointHoverRadius: 7,
  });

  const bump = (spec) => (series) => ({
    ...line(spec)(series), hoverBorderWidth: 4, clip: false,
    ...(series.role === "unit" ? {} : { hoverBorderColor: css("--accent"), hoverBackgroundColor: css("--accent") }),
  });

  const histogram = ({ highlight }) => ({ label, role, values }) => ({
    label, data: values, categoryPercentage: 1, barPercentage: 0.94, borderRadius: 3,
    backgroundColor: values.map((_, i) => colour(highlight === null || i === highlight ? role : "previous")),
  });

  const stacked = ({ label, role, values }) => ({ label, data: values, backgroundColor: colour(role), maxBarThickness: 44, pointStyle: "rectRounded" });

  const places = (spec) => ({
    reverse: true, min: 0.5, max: (spec.maximum ?? Math.max(...spec.series.flatMap((s) => s.values))) + 0.5, afterBuildTicks: (axis) => {
      const step = Math.max(1, Math.ceil(axis.max / 12));
      axis.ticks = Array.from({ length: Math.floor(axis.max) }, (_, i) => i + 1).filter((n) => n === 1 || n % step === 0).map((value) => ({ value }));
    },
  });

  const wrapped = ({ labels: texts }) => ({ grid: { display: false }, ticks: { maxRotation: 0, callback: (_, i) => lines(texts[i], 10) } });

  const KINDS = {
    bar: (spec) => ({
      type: "bar", datasets: spec.series.map(bar), indexAxis: "y",
      x: { min: 0, max: spec.maximum ?? undefined, ticks: { callback: (value) => print(value, spec.unit === "%" ? "%" : "") } },
      y: { grid: { display: false }, ticks: { autoSkip: false, color: css("--ink"), callback: (_, i) => short(spec.labels[i], isNarrow() ? 17 : 46) } },
    }),
    line: (spec) => ({
      type: "line", datasets: spec.series.map(line(spec)), x: { offset: true, grid: { display: false } },
      y: { grace: "25%", max: undefined, ticks: { callback: (value) => format.format(value), maxTicksLimit: 6 } },
    }),
    bump: (spec) => ({
      type: "line", datasets: spec.series.map(bump(spec)), x: { offset: spec.series.length === 1, grid: { display: false } }, y: places(spec),
    }),
    histogram: (spec) => ({
      type: "bar", datasets: spec.series.map(histogram(spec)), x: wrapped(spec),
      y: { grace: "15%", beginAtZero: true, ticks: { precision: 0, maxTicksLimit: 6 } },
    }),
    stacked: (spec) => ({
      type: "bar", datasets: spec.series.map(stacked), x: { stacked: true, ...wrapped(spec) },
      y: { stacked: true, beginAtZero: true, ticks: { callback: (value) => format.format(value), maxTicksLimit: 6 } },
    }),
  };

  function config(spec) {
    const { type, datasets, x, y, indexAxis = "x" } = KINDS[spec.kind](spec);
    const isCrowd = spec.kind === "bump" && spec.series.length > 1;
    const nameWidth = isNarrow() ? 96 : 190;
    const grid = { color: css("--line"), drawTicks: false };
    const scale = (own) => ({ ...own, border: { display: false }, grid: { ...grid, ...own.grid }, ticks: { padding: 6, ...own.ticks } });
    return {
      type,
      data: { labels: spec.labels, datasets },
      plugins: [labels, rim, rules, names],
      options: {
        indexAxis, animation: false, responsive: true, maintainAspectRatio: false,
        layout: { padding: { right: isCrowd ? nameWidth : 10, top: isCrowd ? 4 : 14 } },
        interaction: isCrowd ? { mode: "nearest", axis: "xy", intersect: false } : { mode: "index", axis: indexAxis, intersect: false },
        scales: { x: scale(x), y: scale(y) },
        plugins: {
          legend: { display: spec.series.length > 1 && !isCrowd, position: "bottom", labels: { usePointStyle: true, boxHeight: 9, color: css("--ink"), padding: 14, sort: (a, b) => a.datasetIndex - b.datasetIndex } },
          tooltip: {
            backgroundColor: css("--ink"), titleColor: css("--surface"), bodyColor: css("--surface"), padding: 10, usePointStyle: true,
            itemSort: (a, b) => a.datasetIndex - b.datasetIndex,
            callbacks: { label: ({ dataset, raw }) => ` ${dataset.label}: ${print(raw, spec.unit, FIXED[spec.digits])}` },
          },
          labels: { kind: spec.kind, unit: spec.unit, digits: spec.digits, shown: spec.kind !== "stacked" && !isCrowd && spec.labels.length <= 14 },
          rules: { breaks: spec.breaks },
          names: { shown: isCrowd, width: nameWidth },
        },
      },
    };
  }

  function draw() {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 0.8125 * Number.parseFloat(getComputedStyle(root).fontSize);
    Chart.defaults.color = css("--muted");
    for (const box of document.querySelectorAll("[data-chart]")) {
      const spec = JSON.parse(document.getElementById(box.dataset.chart).textContent);
      drawn.get(box)?.destroy();
      drawn.set(box, new Chart(box.querySelector("canvas"), config(spec)));
    }
  }

  for (const table of document.querySelectorAll("[data-chart-table]")) {
    table.open = false;
    table.dataset.ready = "";
  }
  draw();
  document.addEventListener("themechange", draw);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  // Paper is white: print in the light colours whatever the screen shows.
  let screenMedia = null;
  window.addEventListener("beforeprint", () => {
    screenMedia ??= sheets.map((sheet) => sheet.media);
    for (const sheet of sheets) sheet.media = "not all";
    draw();
    for (const [box, chart] of drawn) chart.resize(...(box.closest(".grid") ? [420, 220] : [760, 300]));
  });
  window.addEventListener("afterprint", () => {
    screenMedia?.forEach((media, i) => (sheets[i].media = media));
    screenMedia = null;
    draw();
  });
})();
