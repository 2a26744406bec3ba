// Shows the values of a plot at the place under the pointer. The plots are complete without it.
for (const svg of document.querySelectorAll('svg[data-values]')) {
  const { x, unit, lines } = JSON.parse(svg.dataset.values);
  const left = Number(svg.dataset.left), right = Number(svg.dataset.right);
  const isBars = svg.querySelector('rect') !== null;
  const figure = svg.parentElement;
  const pointer = svg.querySelector('.pointer');
  let tip = null;
  const hide = () => { tip?.remove(); tip = null; pointer.replaceChildren(); };
  const show = (event) => {
    const box = svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    const share = (at - left) / (right - left);
    const index = isBars ? Math.floor(share * x.length) : Math.round(share * (x.length - 1));
    if (index < 0 || index >= x.length) { hide(); return; }
    if (tip === null) {
      tip = document.createElement('div');
      tip.className = 'tip';
      figure.append(tip);
    }
    tip.replaceChildren(x[index]);
    for (const line of lines) {
      if (line.y[index] === null) { continue; }
      const row = document.createElement('div'), key = document.createElement('i'), value = document.createElement('b');
      key.className = `k${line.color}`;
      value.textContent = `${Number(line.y[index]).toLocaleString('en')} ${unit}`;
      row.append(key, line.name, value);
      tip.append(row);
    }
    if (!isBars) {
      const place = left + ((right - left) * index) / Math.max(x.length - 1, 1);
      const mark = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      mark.setAttribute('class', 'axis');
      mark.setAttribute('d', `M${place} 12V220`);
      pointer.replaceChildren(mark);
    }
    const frame = figure.getBoundingClientRect();
    const beside = event.clientX - frame.left + 14;
    tip.style.left = `${Math.min(beside, frame.width - tip.offsetWidth - 8)}px`;
    tip.style.top = `${event.clientY - frame.top + 14}px`;
  };
  svg.addEventListener('pointermove', show);
  svg.addEventListener('pointerleave', hide);
}
