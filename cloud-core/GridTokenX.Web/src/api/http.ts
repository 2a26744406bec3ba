import type { Problem } from "./types";

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

export interface Asked {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Goes on when the page is left. */
  readonly keepalive?: boolean;
}

const TimeoutMs = 15_000;
export const Unreachable = "unreachable";

/** The answer's JSON, undefined for an empty one. */
export async function ask<T>(path: string, asked: Asked = {}): Promise<T> {
  const response = await send(path, asked);
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

export async function send(path: string, asked: Asked): Promise<Response> {
  const { method, query, body, headers, signal, keepalive } = asked;
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) {
      url.searchParams.set(name, String(value));
    }
  }

  const timeout = AbortSignal.timeout(TimeoutMs);
  let response: Response;
  try {
    response = await fetch(url, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      keepalive: keepalive ?? false,
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new ApiError(Unreachable, error instanceof Error ? error.message : String(error), 0);
  }

  if (!response.ok) {
    throw await refusal(response);
  }

  return response;
}

async function refusal(response: Response): Promise<ApiError> {
  try {
    const problem = (await response.json()) as Problem;
    return new ApiError(problem.code, problem.detail ?? problem.title, response.status);
  } catch {
    // Whoever answered was not the cloud core.
    return new ApiError(Unreachable, `HTTP ${response.status}`, response.status);
  }
}
