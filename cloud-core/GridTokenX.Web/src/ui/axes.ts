import type uPlot from "uplot";
import { colour } from "./Plot";

/** Axes and grid in the page's colours. */
export function axis(more: Partial<uPlot.Axis>): uPlot.Axis {
  return {
    stroke: colour("quiet"),
    font: '12px system-ui, "Noto Sans Thai", sans-serif',
    grid: { stroke: colour("line"), width: 1 },
    ticks: { show: false },
    ...more,
  };
}
