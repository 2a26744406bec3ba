// The circuit as a KiCad 6 schematic and the library of its symbols.
import { createHash } from 'node:crypto';
import { place } from './placement.mjs';
import { powerShape } from './symbols.mjs';

const U = 2.54;
const round = (value) => Math.round(value * 1000) / 1000;

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
    const at = `(at ${round(pin.at[0] * U)} ${round(-pin.at[1] * U)} ${angle})`;
    return `      (pin ${pin.type ?? 'passive'} line ${at} (length ${length})${isPower ? ' hide' : ''} `
      + `(name ${quoted(pin.name ?? '~')} ${effects(1.27)}) (number ${quoted(pin.number)} ${effects(1.0)}))`;
  });
  return `    (symbol ${quoted(`gridtokenx:${name}`)}${isPower ? ' (power)' : ''} `
    + '(pin_numbers hide) (pin_names (offset 0.6)) (in_bom yes) (on_board yes)\n'
    + `      (property "Reference" ${quoted(reference)} (id 0) (at 0 0 0) ${effects(1.27)})\n`
    + `      (property "Value" ${quoted(name)} (id 1) (at 0 0 0) ${effects(1.27)})\n`
    + `      (property "Footprint" "" (id 2) (at 0 0 0) ${effects(1.27, ' hide')})\n`
    + `      (property "Datasheet" "" (id 3) (at 0 0 0) ${effects(1.27, ' hide')})\n`
    + `      (symbol ${quoted(`${name}_1_1`)}\n${[...polylines, ...pins].join('\n')}\n      )\n    )`;
}

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
        fields.map(([key, text, fx, fy, more], i) => `    (property ${quoted(key)} ${quoted(text)} (id ${i}) `
          + `(at ${mm(fx)} ${mm(fy)} 0) ${effects(1.27, more)})`).join('\n')}\n${
        pins.map((pin) => `    (pin ${quoted(pin)} (uuid ${uuid(`${id} ${pin}`)}))`).join('\n')}\n  )`);
  };
  for (const { part, symbol } of drawn.placed) {
    const own = `${part.ref}_${part.value.replaceAll(/[^\w.-]/g, '_')}`;
    const name = ['box', 'conn'].includes(part.symbol) ? own : part.symbol;
    const reference = part.ref.replace(/\d+$/, '');
    symbols.set(name, kicadSymbol(name, symbol, { isPower: part.symbol === 'flag', reference }));
    const at = ({ at: [x, y] }) => [part.at[0] + x, part.at[1] + y];
    const isHidden = part.symbol === 'flag';
    instance(name, part.ref, part.value, ...part.at, [
      ['Reference', part.ref, ...at(symbol.reference),
        justified[symbol.reference.anchor] + (isHidden ? ' hide' : '')],
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
    body.push(`  (text ${quoted(title)} (at ${mm(x)} ${mm(y - 0.4)} 0) ${effects(1.8, ' (justify left bottom)')} `
      + `(uuid ${uuid(`text ${title}`)}))`);
    const corners = [[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]];
    for (const [a, b] of corners.slice(1).map((to, i) => [corners[i], to])) {
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
