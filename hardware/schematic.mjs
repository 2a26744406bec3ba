// One description of the circuit (circuit.json: parts with pins and nets, in units of 2.54 mm), two forms: a KiCad 6
// schematic and a picture. Pins of one net that face each other in a row or column are joined by a wire; supplies get
// their symbol; what is left gets the net's name.
import { createHash } from 'node:crypto';

const U = 2.54;
const SUPPLIES = ['+5V', '+3V3', '+5V_S0', '+5V_BAT', '+3V3_BAT'];
const GROUNDS = ['GND', 'GND_S0', 'GND_BAT'];
const round = (value) => Math.round(value * 1000) / 1000;
const groupBy = (items, keyOf) => {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
};
const line = (...points) => ({ points });
const box = (x, y, w, h) => ({ points: [[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]] });

/** Shapes of two-terminal parts, lying, pin 1 at -2 and pin 2 at 2; with `v` they stand, pin 1 on top. */
const SHAPES = {
  R: [box(-1, -0.4, 2, 0.8), line([-2, 0], [-1, 0]), line([1, 0], [2, 0])],
  C: [line([-2, 0], [-0.2, 0]), line([2, 0], [0.2, 0]), line([-0.2, -0.7], [-0.2, 0.7]), line([0.2, -0.7], [0.2, 0.7])],
  F: [box(-1, -0.35, 2, 0.7), line([-2, 0], [2, 0])],
  D: [line([-2, 0], [-0.5, 0]), line([-0.5, -0.6], [-0.5, 0.6]), line([-0.5, 0], [0.5, -0.6], [0.5, 0.6], [-0.5, 0]),
    line([0.5, 0], [2, 0])],
  LED: [line([-2, 0], [-0.5, 0]), line([-0.5, -0.6], [-0.5, 0.6], [0.5, 0], [-0.5, -0.6]), line([0.5, -0.6], [0.5,
    0.6]),
    line([0.5, 0], [2, 0]), line([0.1, -0.7], [0.7, -1.3], [0.35, -1.2]), line([0.5, -0.6], [1.1, -1.2], [0.75, -1.1])],
  SW: [line([-2, 0], [-0.9, 0], [0.8, -0.7]), line([0.9, 0], [2, 0])],
};

function symbolOf(part) {
  const two = /^(R|C|F|D|LED|SW)([hv])$/.exec(part.symbol);
  if (two) {
    const turn = two[2] === 'v' ? ([x, y]) => [-y, x] : (p) => p;
    // The LED's anode is pin 2 and stands first; the diode's cathode is pin 1 and stands first.
    const [first, second] = two[1] === 'LED' ? ['2', '1'] : ['1', '2'];
    return {
      draw: SHAPES[two[1]].map(({ points }) => ({ points: points.map(turn) })),
      pins: [{ number: first, at: turn([-2, 0]), from: turn([-1, 0]) }, { number: second, at: turn([2, 0]),
        from: turn([1, 0]) }],
      reference: two[2] === 'v' ? { at: [0.9, -0.5], anchor: 'start' } : { at: [0, -1.1], anchor: 'middle' },
      value: two[2] === 'v' ? { at: [0.9, 0.6], anchor: 'start' } : { at: [0, 1.5], anchor: 'middle' },
    };
  }
  if (part.symbol === 'nmos') {
    return {
      draw: [line([-3, 0], [-0.5, 0]), line([-0.5, -0.9], [-0.5, 0.9]), line([0, -1], [0, 1]), line([0, -0.7], [1,
        -0.7], [1, -3]),
        line([0, 0.7], [1, 0.7], [1, 3]), line([0, 0], [1, 0], [1, 0.7]), line([0.15, 0], [0.5, -0.25], [0.5, 0.25],
          [0.15, 0])],
      pins: [{ number: '1', at: [-3, 0], from: [-2, 0] }, { number: '3', at: [1, -3], from: [1, -2] },
        { number: '2', at: [1, 3], from: [1, 2] }],
      reference: { at: [1.6, -0.4], anchor: 'start' }, value: { at: [1.6, 0.8], anchor: 'start' },
    };
  }
  if (part.symbol === 'flag') {
    return {
      draw: [line([0, 0], [0, -0.7], [-0.5, -1.1], [0, -1.5], [0.5, -1.1], [0, -0.7])],
      pins: [{ number: '1', at: [0, 0], from: [0, -1], type: 'power_out' }],
      reference: { at: [0, -3], anchor: 'middle', hidden: true }, value: { at: [0, -2], anchor: 'middle' },
    };
  }
  return boxOf(part);
}

function boxOf(part) {
  const half = part.half ?? 2;
  const left = part.left ?? [];
  const right = part.right ?? [];
  const top = -(Math.max(left.length, right.length) - 1) / 2;
  const pins = [];
  for (const [side, list] of [[-1, left], [1, right]]) {
    list.forEach((pin, i) => {
      if (pin !== '') {
        const [number, name, type] = pin.split(':');
        pins.push({ number, name, type, side, at: [side * (half + 1), top + i], from: [side * half, top + i] });
      }
    });
  }
  const reach = -top + 1;
  return {
    draw: [{ ...box(-half, -reach, 2 * half, 2 * reach), filled: true },
      ...pins.map((pin) => line(pin.at, pin.from))],
    pins,
    reference: { at: [0, -reach - 1.6], anchor: 'middle' }, value: { at: [0, -reach - 0.5], anchor: 'middle' },
  };
}

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

/** The same text gives the same identifier, so that a file that did not change stays as it is. */
const uuid = (text) => createHash('sha256').update(text).digest('hex')
  .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');

const mm = (value) => round(value * U + 10.16);
const quoted = (text) => `"${String(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const effects = (size, more = '') => `(effects (font (size ${size} ${size}))${more})`;
const justified = { start: ' (justify left)', middle: '', end: ' (justify right)' };

function kicadSymbol(name, symbol, { isPower = false, reference = 'U' } = {}) {
  const polylines = symbol.draw.map(({ points, filled }) => `      (polyline (pts ${
    points.map(([x, y]) => `(xy ${round(x * U)} ${round(-y * U)})`).join(' ')
  }) (stroke (width 0) (type default) (color 0 0 0 0)) (fill (type ${filled ? 'background' : 'none'})))`);
  const pins = symbol.pins.map((pin) => {
    const [dx, dy] = [pin.from[0] - pin.at[0], pin.from[1] - pin.at[1]];
    const angle = dx > 0 ? 0 : dx < 0 ? 180 : dy > 0 ? 270 : 90;
    const length = isPower ? 0 : U;
    const place = `(at ${round(pin.at[0] * U)} ${round(-pin.at[1] * U)} ${angle}) (length ${length})`;
    const name = `(name ${quoted(pin.name ?? '~')} ${effects(1.27)}) (number ${quoted(pin.number)} ${effects(1.0)})`;
    return `      (pin ${pin.type ?? 'passive'} line ${place}${isPower ? ' hide' : ''} ${name})`;
  });
  return `    (symbol ${quoted(`gridtokenx:${name}`)}${isPower ? ' (power)' : ''} `
    + '(pin_numbers hide) (pin_names (offset 0.6)) '
    + '(in_bom yes) (on_board yes)\n'
    + `      (property "Reference" ${quoted(reference)} (id 0) (at 0 0 0) ${effects(1.27)})\n`
    + `      (property "Value" ${quoted(name)} (id 1) (at 0 0 0) ${effects(1.27)})\n`
    + `      (property "Footprint" "" (id 2) (at 0 0 0) ${effects(1.27, ' hide')})\n`
    + `      (property "Datasheet" "" (id 3) (at 0 0 0) ${effects(1.27, ' hide')})\n`
    + `      (symbol ${quoted(`${name}_1_1`)}\n${[...polylines, ...pins].join('\n')}\n      )\n    )`;
}

const powerShape = (net) => (GROUNDS.includes(net)
  ? { draw: [line([0, 0], [0, 0.5]), line([-0.6, 0.5], [0.6, 0.5]), line([-0.35, 0.75], [0.35, 0.75]), line([-0.1, 1],
    [0.1, 1])],
    text: 1.9 }
  : { draw: [line([0, 0], [0, -0.6]), line([-0.5, -0.6], [0.5, -0.6])], text: -0.9 });

export function kicad(schematic) {
  const drawn = place(schematic);
  const root = uuid('root');
  const symbols = new Map();
  const instances = [];
  const body = [];
  const instance = (name, ref, value, x, y, fields, pins, isPower) => {
    const id = uuid(`${ref} ${x} ${y}`);
    instances.push(`    (path "/${id}" (reference ${quoted(ref)}) (unit 1) (value ${quoted(value)}) (footprint ""))`);
    body.push(`  (symbol (lib_id ${quoted(`gridtokenx:${name}`)}) (at ${mm(x)} ${mm(y)} 0) (unit 1) `
      + `(in_bom ${isPower ? 'no' : 'yes'}) (on_board ${isPower ? 'no' : 'yes'})\n    (uuid ${id})\n${
        fields.map(([key, text, fx, fy, more], i) =>
          `    (property ${quoted(key)} ${quoted(text)} (id ${i}) (at ${mm(fx)} ${mm(fy)} 0) ${
          effects(1.27, more)})`).join('\n')}\n${
        pins.map((pin) => `    (pin ${quoted(pin)} (uuid ${uuid(`${id} ${pin}`)}))`).join('\n')}\n  )`);
  };
  for (const { part, symbol } of drawn.placed) {
    const name = ['box', 'conn'].includes(part.symbol) ? `${part.ref}_${part.value.replaceAll(/[^\w.-]/g, '_')}`
      : part.symbol;
    symbols.set(name, kicadSymbol(name, symbol, { isPower: part.symbol === 'flag', reference: part.ref.replace(/\d+$/,
      '') }));
    const at = ({ at: [x, y] }) => [part.at[0] + x, part.at[1] + y];
    const isHidden = part.symbol === 'flag';
    instance(name, part.ref, part.value, ...part.at, [
      ['Reference', part.ref, ...at(symbol.reference), (justified[symbol.reference.anchor]) + (isHidden ? ' hide'
        : '')],
      ['Value', part.value, ...at(symbol.value), justified[symbol.value.anchor]],
      ['Footprint', '', ...part.at, ' hide'], ['Datasheet', '', ...part.at, ' hide'],
      ...(part.mpn ? [['Manufacturer', part.maker, ...part.at, ' hide'], ['MPN', part.mpn, ...part.at, ' hide']] : []),
    ], symbol.pins.map((pin) => pin.number), isHidden);
  }
  drawn.power.forEach(({ net, x, y }, i) => {
    const shape = powerShape(net);
    symbols.set(net, kicadSymbol(net, {
      draw: shape.draw, pins: [{ number: '1', name: net, at: [0, 0], from: [0, 1], type: 'power_in' }],
    }, { isPower: true, reference: '#PWR' }));
    instance(net, `#PWR${String(i + 1).padStart(2, '0')}`, net, x, y, [
      ['Reference', `#PWR${String(i + 1).padStart(2, '0')}`, x, y, ' hide'], ['Value', net, x, y + shape.text, ''],
      ['Footprint', '', x, y, ' hide'], ['Datasheet', '', x, y, ' hide'],
    ], ['1'], true);
  });
  for (const { from, to } of drawn.wires) {
    body.push(`  (wire (pts (xy ${mm(from[0])} ${mm(from[1])}) (xy ${mm(to[0])} ${mm(to[1])})) `
      + `(stroke (width 0) (type default) (color 0 0 0 0)) (uuid ${uuid(`wire ${from} ${to}`)}))`);
  }
  for (const [x, y] of drawn.junctions) {
    body.push(`  (junction (at ${mm(x)} ${mm(y)}) (diameter 0) (color 0 0 0 0) (uuid ${uuid(`junction ${x} ${y}`)}))`);
  }
  for (const { x, y } of drawn.open) {
    body.push(`  (no_connect (at ${mm(x)} ${mm(y)}) (uuid ${uuid(`open ${x} ${y}`)}))`);
  }
  for (const { net, x, y, how } of drawn.texts) {
    const left = how === 'left';
    body.push(`  (label ${quoted(net)} (at ${mm(x)} ${mm(y)} ${left ? 180 : 0}) `
      + `${effects(1.27, ` (justify ${left ? 'right' : 'left'} bottom)`)} (uuid ${uuid(`label ${net} ${x} ${y}`)}))`);
  }
  schematic.frames.forEach(({ title, box: [x, y, w, h] }) => {
    const look = effects(1.8, ' (justify left bottom)');
    body.push(`  (text ${quoted(title)} (at ${mm(x)} ${mm(y - 0.4)} 0) ${look} (uuid ${uuid(`text ${title}`)}))`);
    for (const [a, b] of [[[x, y], [x + w, y]], [[x + w, y], [x + w, y + h]], [[x + w, y + h], [x, y + h]], [[x,
      y + h], [x, y]]]) {
      body.push(`  (polyline (pts (xy ${mm(a[0])} ${mm(a[1])}) (xy ${mm(b[0])} ${mm(b[1])})) `
        + `(stroke (width 0) (type dash) (color 0 0 0 0)) (uuid ${uuid(`frame ${title} ${a} ${b}`)}))`);
    }
  });
  const sheet = `(kicad_sch (version 20211123) (generator gridtokenx)\n  (uuid ${root})\n  (paper "A2")\n`
    + `  (title_block (title ${quoted(schematic.title)}) (rev ${quoted(schematic.revision)}) (company "GridTokenX"))\n`
    + `  (lib_symbols\n${[...symbols.values()].join('\n')}\n  )\n${body.join('\n')}\n`
    + `  (sheet_instances (path "/" (page "1")))\n  (symbol_instances\n${instances.join('\n')}\n  )\n)\n`;
  const library = `(kicad_symbol_lib (version 20211014) (generator gridtokenx)\n${
    [...symbols.values()].join('\n').replaceAll('(symbol "gridtokenx:', '(symbol "')}\n)\n`;
  return { sheet, library };
}

export function picture({ title, revision, frames, ...schematic }) {
  const drawn = place(schematic);
  const S = 10;
  const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const lines = [];
  const texts = [];
  const draw = (shape, [x, y], style = '') => lines.push(`<polyline points="${
    shape.points.map(([px, py]) => `${round((px + x) * S)},${round((py + y) * S)}`).join(' ')}"${
    shape.filled ? ' fill="#fffbe8"' : ''}${style}/>`);
  const text = (x, y, content, style) => texts.push(
    `<text x="${round(x * S)}" y="${round(y * S)}" ${style}>${escape(content)}</text>`);
  for (const frame of frames) {
    const [x, y, w, h] = frame.box;
    const look = 'rx="6" stroke="#aaa" fill="#fcfcfc" stroke-dasharray="5 4"';
    lines.push(`<rect x="${x * S}" y="${y * S}" width="${w * S}" height="${h * S}" ${look}/>`);
    text(x, y - 0.5, frame.title, 'font-size="12" font-weight="bold" fill="#444"');
  }
  for (const { from, to } of drawn.wires) {
    draw(line(from, to), [0, 0], ' stroke="#1a7a3c"');
  }
  for (const [x, y] of drawn.junctions) {
    lines.push(`<circle cx="${x * S}" cy="${y * S}" r="3" fill="#1a7a3c" stroke="none"/>`);
  }
  for (const { x, y } of drawn.open) {
    draw(line([x - 0.3, y - 0.3], [x + 0.3, y + 0.3]), [0, 0]);
    draw(line([x - 0.3, y + 0.3], [x + 0.3, y - 0.3]), [0, 0]);
  }
  for (const { part, symbol } of drawn.placed) {
    symbol.draw.forEach((shape) => draw(shape, part.at));
    for (const pin of symbol.pins.filter(({ name }) => name)) {
      const inside = pin.side < 0 ? 'start' : 'end';
      text(part.at[0] + pin.from[0] - pin.side * 0.4, part.at[1] + pin.at[1] + 0.35, pin.name,
        `text-anchor="${inside}" font-size="10"`);
      const number = pin.number.replace(/^J\d-/, '');
      text(part.at[0] + pin.from[0] + pin.side * 0.5, part.at[1] + pin.at[1] - 0.2, number,
        'text-anchor="middle" font-size="7" fill="#888"');
    }
    for (const [place, content, weight] of [[symbol.reference, part.ref, ' font-weight="bold"'], [symbol.value,
      part.value, '']]) {
      if (!place.hidden) {
        text(part.at[0] + place.at[0], part.at[1] + place.at[1], content,
          `text-anchor="${place.anchor}" font-size="10"${weight}`);
      }
    }
  }
  for (const { net, x, y } of drawn.power) {
    const shape = powerShape(net);
    shape.draw.forEach((one) => draw(one, [x, y], ' stroke="#b00"'));
    text(x, y + shape.text, net, 'text-anchor="middle" font-size="9" fill="#b00"');
  }
  for (const { net, x, y, how } of drawn.texts) {
    const anchor = how === 'left' ? 'end' : 'start';
    text(x + (how === 'left' ? -0.2 : 0.2), y - 0.3, net, `text-anchor="${anchor}" font-size="10" fill="#06c"`);
    if (how !== 'on') {
      draw(line([x, y], [x + (how === 'left' ? -1 : 1) * (net.length * 0.62 + 0.4), y]), [0, 0], ' stroke="#06c"');
    }
  }
  const width = Math.max(...frames.map(({ box: [x, , w] }) => x + w)) + 1;
  const height = Math.max(...frames.map(({ box: [, y, , h] }) => y + h)) + 1;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -30 ${width * S} ${height * S + 30}" font-family="sans-serif" fill="black">`,
    `<title>${escape(title)}</title>`,
      `<rect x="0" y="-30" width="${width * S}" height="${height * S + 30}" fill="white"/>`,
    `<text x="10" y="-6" font-size="18" font-weight="bold">${escape(title)}, revision ${revision}</text>`,
    '<g stroke="black" stroke-width="1.2" fill="none" stroke-linecap="round" stroke-linejoin="round">', ...lines,
      '</g>', ...texts,
    '</svg>', ''].join('\n');
}
