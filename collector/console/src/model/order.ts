// Names with numbers in them, in the order that people expect: tank-2 before tank-10. Pure.
const order = new Intl.Collator("en", { numeric: true });
export const byName = (a: string, b: string): number => order.compare(a, b);
