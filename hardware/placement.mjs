// Where every pin lies, which wires join what, and what is named.
import { GROUNDS, SUPPLIES, symbolOf } from './symbols.mjs';

const groupBy = (items, keyOf) => {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
};

/** Where every pin lies, which wires join them, and how each net is named where it goes elsewhere. */
export function place({ parts, labels }) {
  const placed = parts.map((part) => ({ part, symbol: symbolOf(part) }));
  const pins = placed.flatMap(({ part, symbol }) => symbol.pins.map((pin) => ({
    part, pin, net: part.nets[pin.number],
    x: part.at[0] + pin.at[0], y: part.at[1] + pin.at[1],
    out: [Math.sign(pin.at[0] - pin.from[0]), Math.sign(pin.at[1] - pin.from[1])],
  })));
  const wires = [...joined(pins, 'y', 'x'), ...joined(pins, 'x', 'y')];
  const points = [...pins.filter((pin) => pin.net)];
  const texts = [];
  for (const [net, x, y, how] of labels) {
    texts.push({ net, x, y, how });
  }
  const cut = wires.flatMap((wire) => split(wire, [...pins, ...texts]));
  const groups = clusters(points, cut, texts);
  const power = [];
  for (const group of groups) {
    if (SUPPLIES.includes(group.net) || GROUNDS.includes(group.net)) {
      const up = SUPPLIES.includes(group.net);
      const best = group.pins.slice().sort((a, b) => rank(a, up) - rank(b, up))[0];
      // A pin that looks sideways gets a piece of wire first, so that the symbol stands clear of the part.
      const x = best.x + 1.5 * best.out[0];
      if (x !== best.x) {
        cut.push({ net: group.net, from: [best.x, best.y], to: [x, best.y] });
      }
      power.push({ net: group.net, x, y: best.y });
    } else if (!group.isNamed && groups.filter((other) => other.net === group.net).length > 1) {
      const free = group.pins.find((pin) => pin.out[0] !== 0) ?? group.pins[0];
      texts.push({ net: group.net, x: free.x, y: free.y, how: free.out[0] < 0 ? 'left' : 'right' });
    }
  }
  const open = pins.filter((pin) => pin.net === '');
  return { placed, pins, wires: cut, texts, power, open, junctions: junctions(cut, pins) };
}

/** A supply hangs best at the highest pin that looks up, a ground at the lowest that looks down. */
const rank = (pin, up) => (pin.out[1] === (up ? -1 : 1) ? 0 : 1000) + (up ? pin.y : -pin.y) + pin.x / 1000;

function joined(pins, same, along) {
  const wires = [];
  const rows = groupBy(pins, (pin) => pin[same]);
  for (const [at, row] of rows) {
    const sorted = row.slice().sort((a, b) => a[along] - b[along]);
    for (let i = 1; i < sorted.length; i++) {
      const [before, after] = [sorted[i - 1], sorted[i]];
      const axis = along === 'x' ? 0 : 1;
      // Both pins look along or across the line, and no part lies on it.
      const isFree = before.out[axis] >= 0 && after.out[axis] <= 0 && before.part !== after.part;
      const isBeside = axis === 1 && before.part === after.part && before.out[0] !== 0;
      if (before.net && before.net === after.net && (isFree || isBeside) && after[along] - before[along] < 22
        && (axis === 0 || after[along] - before[along] <= 4) && before[along] !== after[along]) {
        const from = along === 'x' ? [before.x, at] : [at, before.y];
        const to = along === 'x' ? [after.x, at] : [at, after.y];
        wires.push({ net: before.net, from, to });
      }
    }
  }
  return wires;
}

const isOn = ({ from, to }, { x, y }) => x >= Math.min(from[0], to[0]) && x <= Math.max(from[0], to[0])
  && y >= Math.min(from[1], to[1]) && y <= Math.max(from[1], to[1]);

function split(wire, points) {
  const on = points.filter((point) => isOn(wire, point)).map(({ x, y }) => [x, y]);
  const all = [wire.from, ...on, wire.to].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const unique = all.filter((point, i) => i === 0 || point[0] !== all[i - 1][0] || point[1] !== all[i - 1][1]);
  return unique.slice(1).map((to, i) => ({ net: wire.net, from: unique[i], to }));
}

function clusters(pins, wires, texts) {
  const groups = [];
  const waiting = new Set(pins);
  while (waiting.size > 0) {
    const first = waiting.values().next().value;
    const group = { net: first.net, pins: [], isNamed: false };
    const seen = new Set();
    const queue = [[first.x, first.y]];
    while (queue.length > 0) {
      const [x, y] = queue.pop();
      if (seen.has(`${x},${y}`)) {
        continue;
      }
      seen.add(`${x},${y}`);
      for (const pin of waiting) {
        if (pin.x === x && pin.y === y) {
          group.pins.push(pin);
          waiting.delete(pin);
        }
      }
      group.isNamed ||= texts.some((text) => text.x === x && text.y === y);
      for (const { from, to } of wires) {
        if (from[0] === x && from[1] === y) {
          queue.push(to);
        } else if (to[0] === x && to[1] === y) {
          queue.push(from);
        }
      }
    }
    groups.push(group);
  }
  return groups;
}

function junctions(wires, pins) {
  const ends = groupBy(
    [...wires.flatMap(({ from, to }) => [from, to]), ...pins.map(({ x, y }) => [x, y])], ([x, y]) => `${x},${y}`);
  return [...ends.values()].filter((end) => end.length >= 3).map(([end]) => end);
}
