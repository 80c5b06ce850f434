"""poll.requests: requests of the planner against the optimum on every profile that comes with Anlan, and against one
request per point on a fixed profile of 200 scattered points."""
import subprocess

from figure import Figure


def run(bench):
    files = sorted((bench.root / "firmware-profiles").glob("*.toml"))
    done = subprocess.run([bench.program("bench_poll_requests"), *files], capture_output=True, text=True, timeout=60, check=True)
    plans = {name: (int(planned), int(best), int(points)) for name, planned, best, points in map(str.split, done.stdout.splitlines())}
    scattered = plans.pop("scattered")
    planned, best = sum(p[0] for p in plans.values()), sum(p[1] for p in plans.values())
    worse = [name for name, plan in plans.items() if plan[0] != plan[1]]
    yield Figure("poll.requests", planned, "requests", "optimum by dynamic programming over addresses, all profiles", best,
                 "equal on every profile", not worse, f"not optimal: {', '.join(worse)}" if worse else "",
                 {name: f"{p[0]} for {p[2]} points" for name, p in plans.items()})
    yield Figure("poll.requests.scattered", scattered[0], "requests", "one request per point, 200 scattered points", scattered[2],
                 "<= 1/10 of the reference, and the optimum", scattered[0] * 10 <= scattered[2] and scattered[0] == scattered[1],
                 notes={"optimum": scattered[1]})
