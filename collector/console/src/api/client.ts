// The one way to the collector: every call is typed by docs/openapi.json, bounded in time, and fails with a Refusal that
// carries the collector's stable code.
import createClient from "openapi-fetch";
import type { paths } from "./schema";
import type { Problem } from "../model/types";

const patience = 15_000; // ms; a list of 500 takes some 10 ms

/// Why a call was not done. `code`: the collector's, or "unreachable" where it did not answer.
export class Refusal extends Error {
  constructor(readonly code: string, readonly detail: string, readonly status = 0, readonly errors: readonly string[] = []) {
    super(`${code}: ${detail}`);
  }
}

const bounded: typeof fetch = async (input, init) => {
  const request = new Request(input, init);
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(patience)]) });
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new Refusal("unreachable", error instanceof Error ? error.message : String(error));
  }
};

export const api = createClient<paths>({ baseUrl: "", fetch: (request) => bounded(request) });

const isProblem = (error: unknown): error is Problem => typeof error === "object" && error !== null && "code" in error;

/// What the collector answered; throws Refusal where it refused.
export const answered = async <T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> => {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  if (isProblem(error)) throw new Refusal(error.code, error.detail, response.status, error.errors ?? []);
  throw new Refusal("unreachable", `${response.status} ${response.statusText}`, response.status);
};

interface Page<T> {
  items: T[];
  next: string | null;
}

/// Every item of a list, page by page; `most` bounds what a page of ours holds in memory. `whole` is false at the bound.
export const everything = async <T>(
  page: (cursor: { cursor?: string }) => Promise<Page<T>>,
  most = 20_000,
): Promise<{ items: T[]; whole: boolean }> => {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const got: Page<T> = await page(cursor === null ? {} : { cursor });
    items.push(...got.items);
    cursor = got.next;
  } while (cursor !== null && items.length < most);
  return { items, whole: cursor === null };
};

/// The headers of one act by a person: on the state that they saw, done once however often it is sent.
export const acting = (version: number, key: string = crypto.randomUUID()): { "If-Match": string; "Idempotency-Key": string } => ({
  "If-Match": `"${version}"`,
  "Idempotency-Key": key,
});

/// A key for acts that are sent again: the same one for the same act until it was answered, a fresh one otherwise.
export const keyring = (): { of(act: unknown): string; answered(): void } => {
  let kept = "";
  let key = "";
  return {
    of: (act) => {
      const text = JSON.stringify(act);
      if (text !== kept) [kept, key] = [text, crypto.randomUUID()];
      return key;
    },
    answered: () => void (kept = ""),
  };
};
