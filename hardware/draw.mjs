// Draws block-diagram.svg, wiring.svg, schematic.svg and writes pins.md, all from circuit.json. `node draw.mjs --check`
// says whether they are up to date. Nothing but Node is needed.
import { readFileSync, writeFileSync } from 'node:fs';

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

const STEP = 150;

/** Two-terminal symbols of 60 units between x and x + 60 on height y; the rest of the step is wire. */
const symbols = {
  R: (x, y) => [rect(x, y - 9, 60, 18)],
  led: (x, y) => [
    ...symbols.diode(x, y),
    path(`M${x + 36} ${y - 14} l8 -10 m-6 2 l6 -2 l0 6 M${x + 46} ${y - 12} l8 -10 m-6 2 l6 -2 l0 6`),
  ],
  diode: (x, y) => [
    path(`M${x} ${y} h20 M${x + 20} ${y - 12} v24 l22 -12 z`),
    path(`M${x + 42} ${y - 12} v24 M${x + 42} ${y} h18`),
  ],
  sw: (x, y) => [path(`M${x} ${y} h14 l30 -14 M${x + 46} ${y} h14`)],
  fuse: (x, y) => [rect(x, y - 7, 60, 14), line(x, y, x + 60, y)],
  coil: (x, y) => [
    rect(x + 10, y - 16, 40, 32), line(x, y, x + 10, y), line(x + 50, y, x + 60, y),
    line(x + 10, y + 16, x + 50, y - 16),
  ],
  box: (x, y) => [rect(x - 16, y - 20, 92, 40, 'fill="#f4f4f4"')],
  optot: (x, y) => [
    path(`M${x} ${y} h18 l12 14 M${x + 60} ${y} h-18 l-12 14 M${x + 22} ${y + 14} h16 M${x + 34} ${y + 8} l-3 6 l7 0`),
  ],
  fet: (x, y) => [
    path(`M${x} ${y} h18 M${x + 18} ${y - 12} v24 M${x + 24} ${y - 12} v24`),
    path(`M${x + 24} ${y - 9} h12 v-12 h24 v21 M${x + 24} ${y + 9} h12 v14 M${x + 28} ${y + 23} h16`),
  ],
};

function down(parts, x, y, lines, texts) {
  const [kind, name, value, ...to] = parts;
  lines.push(line(x, y, x, y + 12));
  if (kind === 'R') {
    lines.push(rect(x - 8, y + 12, 16, 34));
  } else {
    lines.push(line(x, y + 12, x, y + 25), line(x - 13, y + 25, x + 13, y + 25));
    lines.push(line(x - 13, y + 32, x + 13, y + 32), line(x, y + 32, x, y + 46));
  }
  lines.push(line(x, y + 46, x, y + 54));
  texts.push(text(x + 16, y + 30, `${name} ${value}`, 'font-size="11"'));
  texts.push(text(x, y + 67, to.join(' ') || 'GND', `${MIDDLE} font-size="11" fill="#06c"`));
}

function element(item, x, y, lines, texts) {
  const [kind, ...rest] = item.split(' ');
  if (kind === 'net' || kind === 'term') {
    const name = rest.join(' ');
    texts.push(text(x + 30, y - 8, name, `${MIDDLE} font-size="12" fill="${kind === 'net' ? '#06c' : 'black'}"`));
    lines.push(kind === 'net' ? path(`M${x} ${y} h60`, 'stroke="#06c"') : `<circle cx="${x + 30}" cy="${y}" r="6"/>`);
  } else if (kind === 'node') {
    lines.push(line(x, y, x + 60, y));
    if (rest.length > 0) {
      lines.push(`<circle cx="${x + 30}" cy="${y}" r="3" fill="black"/>`);
      down(rest, x + 30, y, lines, texts);
    }
  } else {
    lines.push(...symbols[kind](x, y));
    const inside = kind === 'box' && rest.length > 1;
    texts.push(text(x + 30, inside ? y - 3 : y - 24, rest[0], `${MIDDLE} font-size="12"`));
    const small = `${MIDDLE} font-size="${kind === 'box' ? 10 : 11}"`;
    texts.push(text(x + 30, inside ? y + 13 : y + 30, rest.slice(1).join(' '), small));
  }
}

function schematic({ title, sheets }) {
  const lines = [];
  const texts = [];
  let y = 70;
  for (const sheet of sheets) {
    texts.push(text(30, y, sheet.title, 'font-weight="bold"'));
    const top = y + 12;
    y += 62;
    for (const row of sheet.rows) {
      row.forEach((item, i) => {
        const x = 60 + STEP * i;
        if (i < row.length - 1) {
          lines.push(line(x + 60, y, x + STEP, y));
        }
        element(item, x, y, lines, texts);
      });
      y += row.some((item) => /^node ./.test(item)) ? 110 : 84;
    }
    lines.push(rect(20, top, 960, y - top - 40, 'stroke="#bbb" rx="6"'));
    y += 10;
  }
  return svg(1000, y, title, { lines, texts });
}

function pins() {
  const rows = source.pins.map(
    (pin) => `| ${pin.gpio} | \`${pin.name}\` | ${pin.direction} | ${pin.wire} | ${pin.what} |`);
  return ['# Pins', '', 'Written by `draw.mjs` from `circuit.json`; a test compares it with `Board.cs`.', '',
    '| GPIO | in `Board` | direction | outside | what |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

const files = {
  'block-diagram.svg': block(source.block), 'wiring.svg': wiring(source.wiring),
  'schematic.svg': schematic(source.schematic), 'pins.md': pins(),
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
