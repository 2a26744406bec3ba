import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { colours } from "../shell/ThemeChoice";

export type PlotOptions = Omit<uPlot.Options, "width" | "height">;

const probe = document.createElement("i");
probe.hidden = true;
document.body.append(probe);

/** The colour of a custom property as it is now: a canvas does not know light-dark(). */
export function colour(name: string): string {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

/** As wide as its place; drawn anew when its options change, and only filled anew when its data do. */
export function Plot({ label, height, options, data }: {
  label: string;
  height: number;
  options: () => PlotOptions;
  data: uPlot.AlignedData;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(data);
  latest.current = data;
  const version = colours.value;

  useEffect(() => {
    const element = place.current!;
    const drawn = new uPlot({ ...options(), width: element.clientWidth, height }, latest.current, element);
    plot.current = drawn;
    const resize = new ResizeObserver(() => {
      if (element.clientWidth !== drawn.width) {
        drawn.setSize({ width: element.clientWidth, height });
      }
    });
    resize.observe(element);
    return () => {
      resize.disconnect();
      drawn.destroy();
    };
  }, [options, height, version]);

  useEffect(() => plot.current?.setData(data), [data]);

  return <div ref={place} class="plot" role="img" aria-label={label} />;
}
