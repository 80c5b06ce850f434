"""One measured figure: the value, the reference beside it, the budget, and whether it holds."""
import dataclasses
import json
import statistics


@dataclasses.dataclass(frozen=True)
class Figure:
    """`holds` None: could not be measured, `why` says so. `notes`: what else was seen."""
    figure: str
    value: float | None
    unit: str
    reference: str
    reference_value: float | None
    budget: str
    holds: bool | None
    why: str = ""
    notes: dict = dataclasses.field(default_factory=dict)
    same_kind: bool = True  # False: the reference is of another unit and stands beside it only

    @property
    def ratio(self):
        if not self.same_kind:
            return None
        return self.value / self.reference_value if self.value is not None and self.reference_value else None

    def line(self):
        fields = {"figure": self.figure, "value": rounded(self.value), "unit": self.unit, "reference": self.reference,
                  "reference_value": rounded(self.reference_value), "ratio": rounded(self.ratio), "budget": self.budget,
                  "holds": self.holds}
        if self.why:
            fields["why"] = self.why
        if self.notes:
            fields["notes"] = {name: rounded(value) for name, value in self.notes.items()}
        return json.dumps(fields, ensure_ascii=False)


def rounded(value):
    """Four significant digits: more is noise."""
    if not isinstance(value, float):
        return value
    return int(round(value)) if abs(value) >= 10_000 else float(f"{value:.4g}")


def unmeasured(figure, unit, reference, budget, why):
    return Figure(figure, None, unit, reference, None, budget, None, why)


def median(values):
    return statistics.median(values)


def percentile(values, p):
    """Nearest rank: of 100 values the 99th is the second largest."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * p // 100) - 1)]


def table(figures):
    """For people."""
    rows = [("figure", "value", "unit", "reference", "", "ratio", "budget", "holds")]
    for f in figures:
        rows.append((f.figure, shown(f.value), f.unit, f.reference, shown(f.reference_value), shown(f.ratio), f.budget,
                     {True: "yes", False: "NO", None: "—"}[f.holds]))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return "\n".join(lines + [f"{f.figure}: {f.why}" for f in figures if f.why])


def shown(value):
    return "" if value is None else f"{rounded(float(value)):,}"
