import { useEffect, useRef } from "preact/hooks";
import { fill, t } from "../i18n/locale";
import { go } from "../shell/router";
import { steps } from "./steps";
import { step, toStep } from "./tour";

/** A panel beside the page, which stays usable. Arrow keys turn it, Escape ends it. */
export default function TourPanel() {
  const heading = useRef<HTMLHeadingElement>(null);
  const at = step.value;
  useEffect(() => {
    if (at !== undefined) {
      go(steps[at]!.place);
      heading.current?.focus();
    }
  }, [at]);
  if (at === undefined) {
    return null;
  }

  const { title, text } = steps[at]!;
  const turn = (by: number): void => toStep(Math.min(Math.max(at + by, 0), steps.length - 1));
  const onKey = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") {
      toStep(undefined);
    } else if (by) {
      turn(by);
    }
  };

  return (
    <section class="tour" aria-labelledby="tour" onKeyDown={onKey}>
      <small>{t("tour")} · {fill("tourStep", String(at + 1), String(steps.length))}</small>
      <h2 id="tour" ref={heading} tabIndex={-1}>{t(title)}</h2>
      <p>{t(text)}</p>
      <div class="row">
        <button type="button" class="link" onClick={() => toStep(undefined)}>{t("tourEnd")}</button>
        <span class="grow" />
        <button type="button" class="quiet" disabled={at === 0} onClick={() => turn(-1)}>{t("tourBack")}</button>
        {at < steps.length - 1
          ? <button type="button" onClick={() => turn(1)}>{t("tourNext")}</button>
          : <button type="button" onClick={() => toStep(undefined)}>{t("tourEnd")}</button>}
      </div>
    </section>
  );
}
