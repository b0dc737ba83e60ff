// The wall board's clock and its curve (ECharts). Everything else on it is plain and renews itself.
"use strict";

class Curve {
  constructor(place) {
    this.words = place.dataset;
    this.place = place;
    this.chart = echarts.init(place, null, { renderer: "canvas" });
    addEventListener("resize", () => this.chart.resize());
    this.draw();
  }

  colour(token) {
    return getComputedStyle(this.place).getPropertyValue(token).trim();
  }

  draw() {
    const told = document.getElementById("wall-ground").dataset.curve;
    if (told === this.told) return;
    this.told = told;
    const { hours, received, closed } = JSON.parse(told);
    const sum = (counts) => counts.reduce((all, one) => all + one, 0);
    this.place.setAttribute("aria-label", this.words.words.replace("{received}", sum(received)).replace("{closed}", sum(closed)));
    const text = { color: this.colour("--soft"), fontSize: 16 };
    const line = (name, data, token, area) => ({ name, data, type: "line", smooth: 0.3, smoothMonotone: "x", symbol: "none", lineStyle: { width: 4, color: this.colour(token) }, itemStyle: { color: this.colour(token) }, areaStyle: area ? { opacity: 0.15 } : undefined });
    this.chart.setOption({
      animation: false,
      grid: { left: 44, right: 12, top: 36, bottom: 30 },
      legend: { right: 0, top: 0, textStyle: { ...text, color: this.colour("--ink") }, icon: "roundRect" },
      xAxis: { type: "category", boundaryGap: false, data: hours, axisLabel: { ...text, interval: 2 }, axisLine: { lineStyle: { color: this.colour("--edge") } } },
      yAxis: { type: "value", minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: this.colour("--edge") } } },
      series: [line(this.words.wordsReceived, received, "--blue", true), line(this.words.wordsClosed, closed, "--green", false)],
    });
  }
}

function tick(clock) {
  const given = { timeZone: clock.dataset.zone, weekday: "short", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  clock.textContent = new Intl.DateTimeFormat(document.documentElement.lang, given).format(new Date());
}

addEventListener("DOMContentLoaded", () => {
  const curve = new Curve(document.getElementById("wall-chart"));
  new MutationObserver(() => curve.draw()).observe(document.querySelector("main"), { attributeFilter: ["data-curve"], subtree: true });
  const clock = document.querySelector("[data-wall-clock]");
  tick(clock);
  setInterval(() => tick(clock), 10000);
});
