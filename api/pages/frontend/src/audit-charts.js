// The audit's pictures: the map of domains, which can be moved and zoomed, and the heatmap.
import { GraphChart, HeatmapChart } from "echarts/charts";
import { GridComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([GraphChart, HeatmapChart, GridComponent, TooltipComponent, VisualMapComponent, CanvasRenderer, LabelLayout]);

// A colour of the design system as the chart library understands it, however the stylesheet says it.
const drop = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const probe = document.body.appendChild(document.createElement("span"));
function colour(name) {
  probe.style.color = `var(${name})`;
  drop.clearRect(0, 0, 1, 1);
  drop.fillStyle = getComputedStyle(probe).color;
  drop.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = drop.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`;
}
const STATUS = { active: "--tblr-primary", forming: "--tblr-azure", proposed: "--tblr-orange", dormant: "--tblr-secondary" };

const FONT = { fontFamily: getComputedStyle(document.body).fontFamily };

// The address of a page, which opens where somebody picks what stands for it.
const open = (path, id) => location.assign(path + encodeURIComponent(id));

function tooltip() {
  return {
    renderMode: "richText", backgroundColor: colour("--tblr-bg-surface"), borderColor: colour("--tblr-border-color"),
    textStyle: { color: colour("--tblr-body-color") },
  };
}

function map(values, words) {
  const scale = 1000 / Math.max(...["4", "5"].map((at) => {
    const all = values.dots.map((dot) => dot[at]);
    return Math.max(...all) - Math.min(...all);
  }), 1e-6);
  return {
    animation: false,
    textStyle: FONT,
    tooltip: {
      ...tooltip(),
      formatter: ({ data, dataType }) =>
        dataType === "edge" ? `${data.names.join(" / ")}\n${Math.round(100 * data.probability)} %` : `${data.name}\n${data.members} ${words.members}`,
    },
    series: [{
      type: "graph", layout: "none", roam: true, scaleLimit: { min: 0.8, max: 30 }, zoom: 1.1,
      labelLayout: { hideOverlap: true },
      label: { show: true, position: "right", color: colour("--tblr-body-color"), fontSize: 12 },
      lineStyle: { color: colour("--tblr-orange"), width: 2, opacity: 0.8 },
      emphasis: { focus: "adjacency" },
      data: values.dots.map(([id, name, status, members, x, y]) => ({
        id, name, members, x: x * scale, y: -y * scale, symbolSize: 6 + 1.6 * Math.sqrt(members),
        itemStyle: { color: colour(STATUS[status] ?? "--tblr-secondary"), opacity: 0.8 },
      })),
      links: values.links.map(([source, target, verdict, probability]) => ({
        source, target, probability, names: [source, target].map((id) => values.dots.find((dot) => dot[0] === id)?.[1]),
      })),
    }],
  };
}

function heatmap(values, words) {
  const axis = {
    type: "category", data: values.names, splitArea: { show: false }, axisTick: { show: false },
    axisLabel: { color: colour("--tblr-body-color"), fontSize: 10, interval: 0, width: 150, overflow: "truncate" },
  };
  // Above the diagonal how alike texts are, below it members in common.
  const cells = values.cells.flatMap(([a, b, text, members]) => [[b, a, text], [a, b, members]]).filter((cell) => cell[2] > 0);
  return {
    animation: false,
    textStyle: FONT,
    grid: { left: 160, right: 10, top: 10, bottom: 170 },
    xAxis: { ...axis, axisLabel: { ...axis.axisLabel, rotate: 90 } },
    yAxis: { ...axis, inverse: true },
    visualMap: {
      min: 0.1, max: 1, show: false, inRange: { color: [colour("--tblr-bg-surface-secondary"), colour("--tblr-primary")] },
    },
    tooltip: {
      ...tooltip(),
      formatter: ({ data: [x, y, value] }) => `${values.names[y]} / ${values.names[x]}\n${x > y ? words.text : words.people}: ${Math.round(100 * value)} %`,
    },
    series: [{ type: "heatmap", data: cells, itemStyle: { borderWidth: 0 } }],
  };
}

const KINDS = { "domain-map": map, heatmap };

function draw(place, made) {
  place.hidden = false;
  const chart = echarts.init(place);
  chart.setOption(made(JSON.parse(place.dataset.values), place.dataset));
  if (place.dataset.chart === "domain-map") {
    chart.on("click", ({ dataType, data }) => dataType === "node" && open("/communities/", data.id));
  }
  addEventListener("resize", () => chart.resize());
}

// A canvas does not write anew in a font that comes later.
document.fonts.load("12px 'Inter Variable'").catch(() => []).then(() => {
  for (const place of document.querySelectorAll("[data-chart]")) {
    const made = KINDS[place.dataset.chart];
    if (made) draw(place, made);
  }
});
