import { computed, signal } from "@preact/signals";
import { ApiError, ask, type Asked, send, Unreachable } from "../api/http";
import type { SessionTokens, User } from "../api/types";

/** Who is signed in here. The access token lives in this variable alone; the refresh token where no script sees it. */
export const session = signal<SessionTokens | undefined>(undefined);

/** The registered user; null when the key is nobody's yet, undefined while that is not known. */
export const user = signal<User | null | undefined>(undefined);

/** Whether somebody is signed in is not known yet. */
export const restoring = signal(hasCookie());

export const isOperator = computed(() =>
  session.value?.roles.some((role) => role === "operator" || role === "admin") ?? false);

const SpareMs = 60_000;
const LongestTimerMs = 2 ** 31 - 1;
const AgainMs = 10_000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** With the access token; one that the server does not take any more is renewed once. */
export async function authorised<T>(path: string, asked: Asked = {}): Promise<T> {
  return withToken((headers) => ask<T>(path, { ...asked, headers: { ...asked.headers, ...headers } }));
}

export const request = (path: string, asked: Asked = {}): Promise<Response> =>
  withToken((headers) => send(path, { ...asked, headers: { ...asked.headers, ...headers } }));

async function withToken<T>(attempt: (headers: Record<string, string>) => Promise<T>): Promise<T> {
  const held = session.value;
  if (!held) {
    throw new ApiError("token_invalid", "", 401);
  }

  const bearer = ({ access_token: token }: SessionTokens): Record<string, string> =>
    ({ authorization: `Bearer ${token}` });
  try {
    return await attempt(bearer(held));
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "token_invalid") || !(await renew(held)) || !session.value) {
      throw error;
    }

    return attempt(bearer(session.value));
  }
}

/** Somebody has signed in. */
export async function begin(tokens: SessionTokens): Promise<void> {
  take(tokens);
  await readUser();
}

export async function readUser(): Promise<void> {
  try {
    user.value = await authorised<User>("/api/users/me");
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) {
      throw error;
    }

    user.value = null;
  }
}

/** At the start of the page: goes on where it was left. */
export async function restore(): Promise<void> {
  try {
    if (hasCookie() && (await renew(undefined))) {
      await readUser();
    }
  } catch {
    // The server does not answer: the page shows what is public, and tries again.
    plan(AgainMs);
  } finally {
    restoring.value = false;
  }
}

export async function signOut(): Promise<void> {
  try {
    await authorised<void>("/api/auth/sign-out", { method: "POST" });
  } finally {
    forget();
  }
}

/** New tokens at once: after a registration they name the role. */
export async function renewNow(): Promise<void> {
  await renew(session.value);
}

/**
 * False when the session is over. Tabs share the cookie: one at a time, and who waited finds a fresh one. The request
 * outlives the page, because the cookie that it brings is the only one that is good afterwards.
 */
async function renew(before: SessionTokens | undefined): Promise<boolean> {
  return alone(async () => {
    if (session.value !== before) {
      return session.value !== undefined;
    }

    try {
      take(await ask<SessionTokens>("/api/auth/refresh", {
        body: {},
        headers: { "x-csrf-token": cookie("gtx_csrf") ?? "" },
        keepalive: true,
      }));
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.code !== Unreachable && error.status < 500 && error.status !== 429) {
        forget();
        return false;
      }

      throw error;
    }
  });
}

const alone = <T>(work: () => Promise<T>): Promise<T> =>
  navigator.locks ? (navigator.locks.request("gtx-session", work) as Promise<T>) : work();

function take(tokens: SessionTokens): void {
  session.value = tokens;
  plan(Date.parse(tokens.expires_at) - Date.now() - SpareMs);
}

function plan(delayMs: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void renewInTime(), Math.min(Math.max(delayMs, 1_000), LongestTimerMs));
}

async function renewInTime(): Promise<void> {
  try {
    if ((await renew(session.value)) && user.value === undefined) {
      await readUser();
    }
  } catch {
    plan(AgainMs);
  }
}

function forget(): void {
  clearTimeout(timer);
  session.value = undefined;
  user.value = undefined;
}

function cookie(name: string): string | undefined {
  const found = document.cookie.split("; ").find((each) => each.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

function hasCookie(): boolean {
  return cookie("gtx_csrf") !== undefined;
}
