// The collector's time, so that an age is right on a computer whose own clock is not.
import { readonly, ref } from "vue";
import { answered, api } from "../api/client";

const offset = ref(0); // collector minus browser, ms
const present = ref(Date.now());
export const now = readonly(present);

const tick = (): void => {
  present.value = Date.now() + offset.value;
};

export const compareClocks = async (): Promise<void> => {
  const sent = Date.now();
  try {
    const health = await answered(api.GET("/healthz"));
    const received = Date.now();
    offset.value = Date.parse(health.time) - (sent + received) / 2;
    tick();
  } catch {
    // Shown elsewhere: the connection is lost. The offset that was known stays good.
  }
};

export const startClock = (): void => {
  setInterval(tick, 1_000);
  setInterval(() => void compareClocks(), 300_000);
  void compareClocks();
};
