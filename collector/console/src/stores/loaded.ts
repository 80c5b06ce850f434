// Something that was read from the collector and is read again: by a timer, on a change, on demand. Keeps what it had where
// reading fails, and says so.
import { getCurrentScope, onScopeDispose, readonly, ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { Refusal } from "../api/client";

export interface Loaded<T> {
  value: Readonly<ShallowRef<T | undefined>>;
  loading: Readonly<Ref<boolean>>;
  failure: Readonly<ShallowRef<Refusal | undefined>>;
  at: Readonly<Ref<number>>; // performance.now() of the last success; 0: never
  load(): Promise<void>;
}

/// Reads at once and every `everyMs` while somebody looks (0: never again by itself). A newer reading overtakes an older one.
export const loaded = <T>(read: () => Promise<T>, everyMs = 0): Loaded<T> => {
  const value = shallowRef<T>();
  const loading = ref(false);
  const failure = shallowRef<Refusal>();
  const at = ref(0);
  let newest = 0;

  const load = async (): Promise<void> => {
    const mine = ++newest;
    loading.value = true;
    try {
      const got = await read();
      if (mine !== newest) return;
      value.value = got;
      failure.value = undefined;
      at.value = performance.now();
    } catch (error) {
      if (mine !== newest) return;
      failure.value = error instanceof Refusal ? error : new Refusal("fault", String(error));
    } finally {
      if (mine === newest) loading.value = false;
    }
  };

  if (everyMs > 0) {
    const timer = setInterval(() => document.visibilityState === "visible" && !loading.value && void load(), everyMs);
    if (getCurrentScope()) onScopeDispose(() => clearInterval(timer));
  }
  void load();
  return { value: readonly(value) as Readonly<ShallowRef<T | undefined>>, loading: readonly(loading), failure: readonly(failure) as Readonly<ShallowRef<Refusal | undefined>>, at: readonly(at), load };
};
