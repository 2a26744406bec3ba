import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export function Card({ title, wide, aside, children }: {
  title: string;
  wide?: boolean;
  aside?: ComponentChildren;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class={wide ? "card wide" : "card"} aria-labelledby={id}>
      <div class="head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export function Stat({ label, value, unit, children }: {
  label: string;
  value: string;
  unit?: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="stat">
      <dt>{label}</dt>
      <dd>{value}{unit && value !== "–" && <small> {unit}</small>}{children && <div>{children}</div>}</dd>
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
