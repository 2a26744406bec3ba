/** A line of Prometheus' text format: name, labels, value. */
export interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

const Line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;

export function samplesOf(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const found = Line.exec(line);
    return found && !line.startsWith("#")
      ? [{ name: found[1]!, labels: found[2] ?? "", value: Number(found[3]) }]
      : [];
  });
}

export const total = (samples: readonly Sample[], name: string, label = ""): number =>
  samples
    .filter((each) => each.name === name && each.labels.includes(label))
    .reduce((sum, each) => sum + each.value, 0);

/** Of a histogram; undefined before its first value. */
export function mean(samples: readonly Sample[], name: string): number | undefined {
  const times = total(samples, `${name}_count`);
  return times > 0 ? total(samples, `${name}_sum`) / times : undefined;
}
