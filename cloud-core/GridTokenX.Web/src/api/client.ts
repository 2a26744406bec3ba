import type { ChainInfo, Epoch, Order, Problem } from "./types";

/** What the server refused, with its stable code; or that it did not answer. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

const TimeoutMs = 10_000;

async function get<T>(path: string, query: Record<string, string | number | undefined>, signal: AbortSignal): Promise<T> {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) {
      url.searchParams.set(name, String(value));
    }
  }

  let response: Response;
  try {
    response = await fetch(url, {
      headers: { accept: "application/json" },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TimeoutMs)]),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new ApiError("unreachable", error instanceof Error ? error.message : String(error), 0);
  }

  if (!response.ok) {
    throw await refusal(response);
  }

  return (await response.json()) as T;
}

async function refusal(response: Response): Promise<ApiError> {
  try {
    const problem = (await response.json()) as Problem;
    return new ApiError(problem.code, problem.detail ?? problem.title, response.status);
  } catch {
    // Whoever answered was not the cloud core.
    return new ApiError("unreachable", `HTTP ${response.status}`, response.status);
  }
}

export const api = {
  chain: (signal: AbortSignal): Promise<ChainInfo> => get("/api/chain", {}, signal),

  epochs: async (zone: string | undefined, limit: number, signal: AbortSignal): Promise<Epoch[]> =>
    (await get<{ epochs: Epoch[] }>("/api/market/epochs", { zone, limit }, signal)).epochs,

  activeOrders: async (zone: string, limit: number, signal: AbortSignal): Promise<Order[]> =>
    (await get<{ orders: Order[] }>("/api/trading/orders/active", { zone, limit }, signal)).orders,
};
