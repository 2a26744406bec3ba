// The circuit as a picture.
import { place } from './placement.mjs';
import { line, powerShape } from './symbols.mjs';

const S = 10;
const round = (value) => Math.round(value * 1000) / 1000;
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

export function picture({ title, revision, frames, ...schematic }) {
  const drawn = place(schematic);
  const lines = [];
  const texts = [];
  const draw = (shape, [x, y], style = '') => lines.push(`<polyline points="${
    shape.points.map(([px, py]) => `${round((px + x) * S)},${round((py + y) * S)}`).join(' ')}"${
    shape.filled ? ' fill="#fffbe8"' : ''}${style}/>`);
  const text = (x, y, content, style) => texts.push(
    `<text x="${round(x * S)}" y="${round(y * S)}" ${style}>${escape(content)}</text>`);
  for (const frame of frames) {
    const [x, y, w, h] = frame.box;
    lines.push(`<rect x="${x * S}" y="${y * S}" width="${w * S}" height="${h * S}" rx="6" `
      + 'stroke="#aaa" fill="#fcfcfc" stroke-dasharray="5 4"/>');
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
      const [x, y] = [part.at[0] + pin.from[0], part.at[1] + pin.at[1]];
      text(x - pin.side * 0.4, y + 0.35, pin.name, `text-anchor="${inside}" font-size="10"`);
      const number = pin.number.replace(/^J\d-/, '');
      text(x + pin.side * 0.5, y - 0.2, number, 'text-anchor="middle" font-size="7" fill="#888"');
    }
    const names = [[symbol.reference, part.ref, ' font-weight="bold"'], [symbol.value, part.value, '']];
    for (const [{ at: [x, y], anchor, hidden }, content, weight] of names) {
      if (!hidden) {
        const style = `text-anchor="${anchor}" font-size="10"${weight}`;
        text(part.at[0] + x, part.at[1] + y, content, style);
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
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -30 ${width * S} ${height * S + 30}" `
      + 'font-family="sans-serif" fill="black">',
    `<title>${escape(title)}</title>`,
    `<rect x="0" y="-30" width="${width * S}" height="${height * S + 30}" fill="white"/>`,
    `<text x="10" y="-6" font-size="18" font-weight="bold">${escape(title)}, revision ${revision}</text>`,
    '<g stroke="black" stroke-width="1.2" fill="none" stroke-linecap="round" stroke-linejoin="round">',
    ...lines, '</g>', ...texts,
    '</svg>', ''].join('\n');
}