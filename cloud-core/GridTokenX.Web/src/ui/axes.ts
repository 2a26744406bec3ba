import type uPlot from "uplot";
import { colour } from "./Plot";

const Font = '12px system-ui, "Noto Sans Thai", sans-serif';

/** Axes and grid in the page's colours; a label names the unit. */
export function axis(more: Partial<uPlot.Axis>): uPlot.Axis {
  return {
    stroke: colour("quiet"),
    font: Font,
    labelFont: Font,
    labelSize: 18,
    labelGap: 2,
    grid: { stroke: colour("line"), width: 1 },
    ticks: { show: false },
    ...more,
  };
}
