import { useMemo, useState } from "preact/hooks";
import { session, user } from "../account/session";
import { api } from "../api/client";
import { watch } from "../api/poll";
import type { MarketData } from "../api/types";
import { ownZones } from "../shell/ZoneChoice";
import { fill, kwh, money, t } from "../i18n/locale";
import { Baht } from "../ui/Baht";
import { Card, Empty } from "../ui/Card";
import { Choice, Failure, Field } from "../ui/Field";
import { useAction } from "../ui/useAction";
import { useWatched } from "../ui/useWatched";
import { decimal, KwhDigits, PriceDigits, valueOf } from "./amounts";
import { place } from "./placing";

type Side = "buy" | "sell";
const Hours = [1, 6, 24] as const;
const Once = ["ioc", "fok"] as const;
const BalanceMs = 10_000;

/** For whoever is signed in; others see the way in. */
export function PlaceOrder({ zone, data, ask, bid }: {
  zone: string;
  data: MarketData | undefined;
  ask: number | undefined;
  bid: number | undefined;
}) {
  return (
    <Card title={t("placeOrder")}>
      {user.value
        ? ownZones.value?.includes(zone) === false
          ? <Empty>{t("problem_unknown_zone")}</Empty>
          : <Form key={zone} zone={zone} data={data} ask={ask} bid={bid} />
        : (
          <p class="empty">
            <a class="button" href="/sign-in">{t(session.value ? "register" : "signToTrade")}</a>
          </p>
        )}
    </Card>
  );
}

function Form({ zone, data, ask, bid }: {
  zone: string;
  data: MarketData | undefined;
  ask: number | undefined;
  bid: number | undefined;
}) {
  const action = useAction();
  const balances = useWatched(() => watch((signal) => api.balances(signal), BalanceMs), [user.value?.id]).value.value;
  const [side, setSide] = useState<Side>(user.value?.role === "prosumer" ? "sell" : "buy");
  const [amount, setAmount] = useState("1");
  const [price, setPrice] = useState("");
  const [validity, setValidity] = useState("0");
  const [said, setSaid] = useState("");
  const suggested = useMemo(() => {
    const near = side === "buy" ? ask ?? bid : bid ?? ask;
    return String(near ?? data?.last_price ?? "");
  }, [side, ask === undefined, bid === undefined]);
  const energy = decimal(amount, KwhDigits);
  const limit = decimal(price || suggested, PriceDigits);
  const total = energy && limit ? valueOf(energy, limit) : undefined;
  const once = Once.find((each) => each === validity);
  const submit = async (): Promise<void> => {
    const hours = once ? 0 : Number(validity);
    setSaid("");
    await place({
      side,
      zone,
      amountKwh: energy!,
      pricePerKwh: limit!,
      expiresAt: hours && data ? after(data.time, hours) : undefined,
      timeInForce: once,
    });
    setSaid(t("placed"));
  };

  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void action.run(submit);
      }}
    >
      <Choice
        label={t("iWantTo")}
        value={side}
        choices={[{ value: "buy", text: t("buy") }, { value: "sell", text: t("sell") }]}
        onChange={(chosen) => { setSide(chosen); setPrice(""); }}
      />
      <div class="pair">
        <Field label={t("quantity")} unit="kWh" inputMode="decimal" required value={amount} onInput={setAmount} />
        <Field
          label={t("limitPrice")} unit="GRX" inputMode="decimal" required value={price || suggested} onInput={setPrice}
        />
      </div>
      <label class="field">
        <span>{t("validUntil")}</span>
        <select value={validity} onChange={(event) => setValidity(event.currentTarget.value)}>
          <option value="0">{t("untilNextEpoch")}</option>
          {Hours.map((each) => <option key={each} value={String(each)}>{fill("untilHours", String(each))}</option>)}
          {Once.map((each) => <option key={each} value={each}>{t(`once_${each}`)}</option>)}
        </select>
        {once && <small>{t(`once_${once}_how`)}</small>}
      </label>
      <p class="sum">
        {t("total")} <strong>{total === undefined ? "–" : `${money(total)} GRX`}</strong>{" "}
        {total !== undefined && <Baht grx={total} />}
      </p>
      {balances && (
        <small>{side === "sell" ? fill("needGrid", kwh(balances.grid)) : fill("needGrx", money(balances.grx))}</small>
      )}
      <Failure of={action.failure} />
      <button type="submit" class={side} disabled={action.busy || total === undefined}>
        {fill(side === "sell" ? "placeSell" : "placeBuy", energy ? kwh(energy) : "–")}
      </button>
      <small role="status">{said}</small>
    </form>
  );
}

/** So many hours behind the market's time, in whole seconds. */
const after = (time: string, hours: number): string =>
  `${new Date(Date.parse(time) + hours * 3_600_000).toISOString().slice(0, 19)}Z`;
