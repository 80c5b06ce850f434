// Measured values as text. Pure.

/// Four significant digits, no exponent where a person would not write one, no trailing zeros.
export const measured = (value: number | null): string => {
  if (value === null) return "—";
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(3);
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  return String(Number(value.toFixed(size > 0 && size < 1 ? 5 : digits)));
};

const units: Record<string, string> = { Cel: "°C", "mg/m3": "mg/m³", "ug/m3": "µg/m³", "m3/h": "m³/h", "[ppm]": "ppm", "1": "", "%{LEL}": "% LEL" };

/// UCUM as people write it.
export const unitText = (unit: string): string => units[unit] ?? unit;

export const withUnit = (value: number | null, unit: string): string => {
  const text = unitText(unit);
  return value === null || text === "" ? measured(value) : `${measured(value)} ${text}`;
};
