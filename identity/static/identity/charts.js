/* Draws the charts of a page from the data beside them, with Chart.js. Without this file the tables say the same. */
"use strict";

/* Each of them stands out from the page by at least 3:1; patterns, dashes and points tell them apart without colour. */
const LIGHT = ["#0b5cad", "#a84300", "#2b6e2f", "#7a3ea8", "#00696d", "#9c1f4e", "#5c5a00", "#4a4a4a"];
const DARK = ["#74b8ff", "#ffae6b", "#86d98a", "#cfa8ff", "#5fd4d4", "#ff96b5", "#dada62", "#d4d4d4"];
const POINTS = ["circle", "rect", "triangle", "rectRot", "star", "cross", "crossRot", "dash"];
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [14, 4], [4, 4], [1, 4], [6, 2, 2, 2]];
const drawn = [];
const printing = window.matchMedia("print");
const dark = window.matchMedia("(prefers-color-scheme: dark)");

/* The colour of the words decides, so that a chart suits the page also where it is printed. */
const words = () => getComputedStyle(document.querySelector("main") || document.body).color;
const colour = (place) => (isDark() ? DARK : LIGHT)[place % LIGHT.length];

function isDark() {
  const pixel = document.createElement("canvas").getContext("2d");
  pixel.fillStyle = words(); // in whatever notation a browser gives it
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data;
  return 0.3 * red + 0.6 * green + 0.1 * blue > 128;
}

/* A small tile: plain, slanted lines, dots, crossed lines, upright lines, level lines. */
function pattern(place) {
  if (place % 6 === 0) return colour(place);
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.strokeStyle = pen.fillStyle = colour(place);
  pen.lineWidth = 2;
  const lines = {
    1: [[-2, 10, 10, -2], [-2, 2, 2, -2], [6, 10, 10, 6]],
    3: [[0, 0, 8, 8], [0, 8, 8, 0]],
    4: [[3, 0, 3, 8]],
    5: [[0, 3, 8, 3]],
  }[place % 6];
  if (lines) {
    lines.forEach(([x, y, to, down]) => { pen.beginPath(); pen.moveTo(x, y); pen.lineTo(to, down); pen.stroke(); });
  } else {
    [[2, 2], [6, 6]].forEach(([x, y]) => { pen.beginPath(); pen.arc(x, y, 1.6, 0, 7); pen.fill(); });
  }
  return pen.createPattern(tile, "repeat");
}

function datasets(given) {
  return given.series.map((series, place) => (given.kind === "bar" ? {
    label: series.name,
    data: series.values,
    backgroundColor: pattern(place),
    borderColor: colour(place),
    borderWidth: 1.5,
  } : {
    label: series.name,
    data: series.values,
    borderColor: colour(place),
    backgroundColor: colour(place),
    borderDash: DASHES[place % DASHES.length],
    borderWidth: 2,
    pointStyle: POINTS[place % POINTS.length],
    pointRadius: 3,
    tension: 0,
  }));
}

/* What happened on a day: an upright line with its number; the table says what it was. */
const marks = {
  id: "marks",
  afterDatasetsDraw(chart) {
    const { ctx, chartArea, scales } = chart;
    (chart.options.marks || []).forEach((mark, number) => {
      const x = scales.x.getPixelForValue(mark.place);
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = words();
      ctx.lineWidth = 2;
      ctx.setLineDash([3, 3]);
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
      ctx.font = "bold 14px sans-serif";
      ctx.textAlign = x > chartArea.right - 20 ? "right" : "left";
      ctx.fillText(`▲${number + 1}`, x + (ctx.textAlign === "left" ? 4 : -4), chartArea.top + 14);
      ctx.restore();
    });
  },
};

function options(given) {
  const text = words();
  const line = { color: isDark() ? "#ffffff33" : "#00000022" };
  const stacked = given.kind === "bar";
  return {
    animation: false, // nothing moves, so there is nothing to reduce
    responsive: true,
    maintainAspectRatio: false,
    locale: document.documentElement.lang || "de",
    interaction: { mode: "index", intersect: false },
    marks: given.marks,
    plugins: {
      legend: { position: "bottom", labels: { color: text, usePointStyle: given.kind === "line", font: { size: 14 } } },
    },
    scales: {
      x: { stacked, ticks: { color: text, maxRotation: 60, font: { size: 13 } }, grid: line },
      y: { stacked, beginAtZero: true, ticks: { color: text, precision: 0, font: { size: 13 } }, grid: line },
    },
  };
}

function draw(canvas) {
  const given = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
  canvas.parentElement.hidden = false;
  const chart = new window.Chart(canvas, {
    type: given.kind,
    data: { labels: given.labels, datasets: datasets(given) },
    options: options(given),
    plugins: [marks],
  });
  drawn.push({ chart, given });
}

function redraw() {
  drawn.forEach(({ chart, given }) => {
    datasets(given).forEach((fresh, place) => Object.assign(chart.data.datasets[place], fresh));
    chart.options = options(given);
    chart.resize();
    chart.update("none");
  });
}

document.addEventListener("DOMContentLoaded", () => {
  if (!window.Chart) return;
  document.querySelectorAll("canvas[data-chart]").forEach(draw);
  dark.addEventListener("change", redraw);
  printing.addEventListener("change", redraw);
});
