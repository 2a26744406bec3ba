// Shapes of the parts, in units of 2.54 mm, downward; and where their pins and names are.
export const SUPPLIES = ['+5V', '+3V3', '+5V_S0', '+5V_BAT', '+3V3_BAT'];
export const GROUNDS = ['GND', 'GND_S0', 'GND_BAT'];
export const line = (...points) => ({ points });
const box = (x, y, w, h) => ({ points: [[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]] });

/** Shapes of two-terminal parts, lying, pin 1 at -2 and pin 2 at 2; with `v` they stand, pin 1 on top. */
const SHAPES = {
  R: [box(-1, -0.4, 2, 0.8), line([-2, 0], [-1, 0]), line([1, 0], [2, 0])],
  C: [line([-2, 0], [-0.2, 0]), line([2, 0], [0.2, 0]), line([-0.2, -0.7], [-0.2, 0.7]), line([0.2, -0.7], [0.2, 0.7])],
  F: [box(-1, -0.35, 2, 0.7), line([-2, 0], [2, 0])],
  D: [line([-2, 0], [-0.5, 0]), line([-0.5, -0.6], [-0.5, 0.6]), line([-0.5, 0], [0.5, -0.6], [0.5, 0.6], [-0.5, 0]),
    line([0.5, 0], [2, 0])],
  LED: [line([-2, 0], [-0.5, 0]), line([-0.5, -0.6], [-0.5, 0.6], [0.5, 0], [-0.5, -0.6]),
    line([0.5, -0.6], [0.5, 0.6]),
    line([0.5, 0], [2, 0]), line([0.1, -0.7], [0.7, -1.3], [0.35, -1.2]), line([0.5, -0.6], [1.1, -1.2], [0.75, -1.1])],
  SW: [line([-2, 0], [-0.9, 0], [0.8, -0.7]), line([0.9, 0], [2, 0])],
};

export function symbolOf(part) {
  const two = /^(R|C|F|D|LED|SW)([hv])$/.exec(part.symbol);
  if (two) {
    const turn = two[2] === 'v' ? ([x, y]) => [-y, x] : (p) => p;
    // The LED's anode is pin 2 and stands first; the diode's cathode is pin 1 and stands first.
    const [first, second] = two[1] === 'LED' ? ['2', '1'] : ['1', '2'];
    return {
      draw: SHAPES[two[1]].map(({ points }) => ({ points: points.map(turn) })),
      pins: [
        { number: first, at: turn([-2, 0]), from: turn([-1, 0]) },
        { number: second, at: turn([2, 0]), from: turn([1, 0]) },
      ],
      reference: two[2] === 'v' ? { at: [0.9, -0.5], anchor: 'start' } : { at: [0, -1.1], anchor: 'middle' },
      value: two[2] === 'v' ? { at: [0.9, 0.6], anchor: 'start' } : { at: [0, 1.5], anchor: 'middle' },
    };
  }
  if (part.symbol === 'nmos') {
    return {
      draw: [line([-3, 0], [-0.5, 0]), line([-0.5, -0.9], [-0.5, 0.9]), line([0, -1], [0, 1]),
        line([0, -0.7], [1, -0.7], [1, -3]),
        line([0, 0.7], [1, 0.7], [1, 3]), line([0, 0], [1, 0], [1, 0.7]),
        line([0.15, 0], [0.5, -0.25], [0.5, 0.25], [0.15, 0])],
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

export const powerShape = (net) => (GROUNDS.includes(net)
  ? { draw: [line([0, 0], [0, 0.5]), line([-0.6, 0.5], [0.6, 0.5]), line([-0.35, 0.75], [0.35, 0.75]),
    line([-0.1, 1], [0.1, 1])],
    text: 1.9 }
  : { draw: [line([0, 0], [0, -0.6]), line([-0.5, -0.6], [0.5, -0.6])], text: -0.9 });
