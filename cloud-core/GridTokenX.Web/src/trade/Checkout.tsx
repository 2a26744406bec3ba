import { useEffect, useRef, useState } from "preact/hooks";
import { user } from "../account/session";
import { ownOrders } from "../api/channels";
import type { Order } from "../api/types";
import { fill, kwh, money, price, t } from "../i18n/locale";
import { Baht } from "../ui/Baht";
import { Choice, Failure, Field } from "../ui/Field";
import { useAction } from "../ui/useAction";
import { useFollowed } from "../ui/useFollowed";
import { decimal, KwhDigits, valueOf } from "./amounts";
import { take } from "./placing";

/** A listed order is bought: how much, paid how; and then what becomes of it, as it happens. */
export default function Checkout({ of: order, onClose }: { of: Order; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [bought, setBought] = useState<Order | undefined>(undefined);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="checkout" onClose={onClose}>
      <h2 id="checkout">{fill("checkout", order.owner.name)}</h2>
      {bought
        ? <Progress of={bought} onClose={() => dialog.current?.close()} />
        : <Purchase of={order} onDone={setBought} onClose={() => dialog.current?.close()} />}
    </dialog>
  );
}

function Purchase({ of: order, onDone, onClose }: {
  of: Order;
  onDone: (bought: Order) => void;
  onClose: () => void;
}) {
  const action = useAction();
  const [amount, setAmount] = useState(String(order.remaining_kwh));
  const energy = decimal(amount, KwhDigits);
  const total = energy === undefined ? undefined : valueOf(energy, order.price_per_kwh);
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void action.run(async () => onDone(await take(order, energy!)));
      }}
    >
      <p>{price(order.price_per_kwh)} <small>GRX {t("perKwh")}</small> <Baht grx={order.price_per_kwh} /></p>
      <Field
        label={t("quantity")}
        unit="kWh"
        hint={`≤ ${kwh(order.remaining_kwh)} kWh`}
        inputMode="decimal"
        required
        value={amount}
        onInput={setAmount}
      />
      <Choice
        label={t("payWith")}
        value="grx"
        choices={[
          { value: "grx", text: t("payGrx") },
          { value: "thb", text: t("payThb"), hint: t("payLater"), disabled: true },
        ]}
        onChange={() => {}}
      />
      <p class="sum">
        {t("total")} <strong>{total === undefined ? "–" : `${money(total)} GRX`}</strong>{" "}
        {total !== undefined && <Baht grx={total} />}
      </p>
      <Failure of={action.failure} />
      <div class="row end">
        <button type="button" class="quiet" onClick={onClose}>{t("cancel")}</button>
        <button type="submit" disabled={action.busy || total === undefined || energy! > order.remaining_kwh}>
          {t("confirmPurchase")}
        </button>
      </div>
    </form>
  );
}

function Progress({ of: bought, onClose }: { of: Order; onClose: () => void }) {
  const followed = useFollowed(ownOrders, [user.value?.id]);
  const order = followed.items.value?.find((each) => each.order_id === bought.order_id) ?? bought;
  const traded = order.remaining_kwh < order.amount_kwh;
  const ended = !traded && ["cancelled", "expired", "rejected"].includes(order.status);
  const settled = order.status === "settled";
  const steps = [
    { text: t("stepSigned"), done: true },
    { text: t("stepEscrow"), done: order.status !== "pending" && order.status !== "rejected" },
    { text: t("stepMatched"), done: traded },
    { text: t("stepSettled"), done: settled },
  ];
  return (
    <div class="stack">
      <ol class="steps" aria-live="polite">
        {steps.map(({ text, done }) => (
          <li key={text} class={done ? "done" : ""}>{text}{done && <span class="unseen"> ✓</span>}</li>
        ))}
      </ol>
      {ended && <p class="problem" role="alert">{t("stepEnded")} {order.reason}</p>}
      <div class="row end">
        {settled && <a class="button quiet" href="/energy" onClick={onClose}>{t("seeProof")}</a>}
        <button type="button" onClick={onClose}>{t("close")}</button>
      </div>
    </div>
  );
}
