import { watch } from "../api/poll";
import { isText, t } from "../i18n/locale";
import { useWatched } from "../ui/useWatched";

interface Part {
  readonly name: string;
  readonly status: string;
}

const EveryMs = 5_000;

/** Every part by its name; while something is down the answer is a 503, with the same content. */
async function ask(signal: AbortSignal): Promise<readonly Part[]> {
  const response = await fetch("/health/ready", { signal, headers: { accept: "application/json" } });
  const { status, ...parts } = (await response.json()) as { status: string } & Record<string, { status: string }>;
  return [{ name: "core", status }, ...Object.entries(parts).map(([name, part]) => ({ name, status: part.status }))];
}

export function Health() {
  const asked = useWatched(() => watch(ask, EveryMs), []);
  const parts = asked.value.value;
  const bad = asked.failure.value !== undefined || parts?.some((part) => part.status !== "healthy");
  return (
    <>
      <p class={bad ? "state bad" : "state"} role="status">{t(bad ? "unhealthy" : "healthy")}</p>
      {parts && (
        <ul class="chips" aria-label={t("health")}>
          {parts.map((part) => (
            <li key={part.name} class={part.status === "healthy" ? "chip settled" : "chip rejected"}>
              {part.name}: {status(part.status)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function status(of: string): string {
  const key = `health_${of}`;
  return isText(key) ? t(key) : of;
}
