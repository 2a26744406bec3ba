// Draws block-diagram.svg, wiring.svg, schematic.svg and the KiCad 6 schematic, and writes pins.md and bom.csv, all
// from circuit.json. `node draw.mjs --check` says whether they are up to date. Nothing but Node is needed.
import { readFileSync, writeFileSync } from 'node:fs';
import { kicad } from './kicad.mjs';
import { picture } from './picture.mjs';

const source = JSON.parse(readFileSync(new URL('circuit.json', import.meta.url), 'utf8'));
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const text = (x, y, content, style = '') => `<text x="${x}" y="${y}" ${style}>${escape(content)}</text>`;
const line = (x1, y1, x2, y2, style = '') => `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" ${style}/>`;
const rect = (x, y, w, h, style = '') => `<rect x="${x}" y="${y}" width="${w}" height="${h}" ${style}/>`;
const path = (d, style = '') => `<path d="${d}" ${style}/>`;
const MIDDLE = 'text-anchor="middle"';

function svg(width, height, title, body) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13"`
      + ' fill="black" stroke-linecap="round">',
    `<title>${escape(title)}</title>`,
    rect(0, 0, width, height, 'fill="white"'),
    text(20, 32, title, 'font-size="18" font-weight="bold"'),
    '<g stroke="black" stroke-width="1.4" fill="none">', ...body.lines, '</g>', ...body.texts, '</svg>', '',
  ].join('\n');
}

function block({ title, width, height, zones, boxes, arrows }) {
  const lines = [];
  const texts = [];
  for (const zone of zones) {
    lines.push(rect(zone.x, zone.y, zone.w, zone.h, 'fill="#f4f4f4" stroke="#999" stroke-dasharray="6 4" rx="8"'));
    texts.push(text(zone.x + zone.w / 2, zone.y + 24, zone.label, `${MIDDLE} fill="#666"`));
  }
  for (const box of boxes) {
    lines.push(rect(box.x, box.y, box.w, box.h, 'fill="white" rx="4"'));
    const top = box.y + (box.h - 18 * box.lines.length) / 2 + 14;
    box.lines.forEach((content, i) => texts.push(text(box.x + box.w / 2, top + 18 * i, content, MIDDLE)));
  }
  for (const [[x1, y1], [x2, y2]] of arrows) {
    lines.push(line(x1, y1, x2, y2));
    const [dx, dy] = [Math.sign(x2 - x1), Math.sign(y2 - y1)];
    for (const side of [-4, 4]) {
      lines.push(path(`M${x2} ${y2} l${-8 * dx + side * dy} ${-8 * dy + side * dx}`));
    }
  }
  return svg(width, height, title, { lines, texts });
}

function wiring({ title, rows }) {
  const lines = [];
  const texts = [];
  rows.forEach((row, i) => {
    const y = 80 + 56 * i;
    lines.push(rect(40, y - 18, 130, 36, 'fill="#eee" rx="4"'));
    lines.push(line(170, y, 560, y, `stroke="${row.color}" stroke-width="3"`));
    lines.push(rect(560, y - 18, 400, 36, 'rx="4"'));
    texts.push(text(105, y + 5, row.terminal, MIDDLE), text(365, y - 7, row.cable, `${MIDDLE} font-size="12"`));
    texts.push(text(572, y + 5, row.to));
  });
  return svg(1000, 80 + 56 * rows.length, title, { lines, texts });
}

function pins() {
  const rows = source.pins.map(
    (pin) => `| ${pin.gpio} | \`${pin.name}\` | ${pin.direction} | ${pin.wire} | ${pin.what} |`);
  return ['# Pins', '', 'Written by `draw.mjs` from `circuit.json`; a test compares it with `Board.cs`.', '',
    '| GPIO | in `Board` | direction | outside | what |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

function bill() {
  const rows = new Map();
  for (const part of source.schematic.parts.filter(({ mpn }) => mpn)) {
    const row = rows.get(part.mpn) ?? { ...part, refs: [] };
    row.refs.push(part.ref);
    rows.set(part.mpn, row);
  }
  const quoted = (content) => `"${(content ?? '').replaceAll('"', '""')}"`;
  return ['references,quantity,value,manufacturer,part number,rating,alternatives',
    ...[...rows.values()].map((row) => [
      quoted(row.refs.join(' ')), row.refs.length,
      ...[row.value, row.maker, row.mpn, row.rating, row.alternative].map(quoted),
    ].join(',')), ''].join('\n');
}

const project = {
  meta: { filename: 'gridtokenx-meter.kicad_pro', version: 1 },
  schematic: { meta: { version: 1 } },
  sheets: [],
};
const board = kicad(source.schematic);
const files = {
  'block-diagram.svg': block(source.block), 'wiring.svg': wiring(source.wiring),
  'schematic.svg': picture(source.schematic), 'pins.md': pins(), 'bom.csv': bill(),
  'gridtokenx-meter.kicad_sch': board.sheet, 'gridtokenx.kicad_sym': board.library,
  'sym-lib-table': '(sym_lib_table\n  (lib (name "gridtokenx") (type "KiCad") (uri "${KIPRJMOD}/gridtokenx.kicad_sym") '
    + '(options "") (descr "Symbols of the meter board"))\n)\n',
  'gridtokenx-meter.kicad_pro': `${JSON.stringify(project, null, 2)}\n`,
};
for (const [name, content] of Object.entries(files)) {
  const url = new URL(name, import.meta.url);
  if (!process.argv.includes('--check')) {
    writeFileSync(url, content);
  } else if (readFileSync(url, 'utf8') !== content) {
    console.error(`${name} is not what circuit.json says: run node hardware/draw.mjs`);
    process.exitCode = 1;
  }
}
