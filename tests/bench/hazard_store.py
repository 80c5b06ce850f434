"""Fills a collector's records.db, which the collector has made, with hazards as years of use leave them."""
import sqlite3

SITES, DAY_MS = 500, 86_400_000
NOW_MS = 1_795_000_000_000
COLUMNS = ("number, id, version, state, site, asset, rule, title, description, category, location, from_alert, level, grade, "
           "needs_grading_review, responsible, rectifiers, measures, responsible_person, funds, contingency_plan, time_limit, "
           "reported_at, updated_at, due_at, deadline, closed_at, failures, reopenings, merged_into")
STATES = ("closed",) * 14 + ("rectifying",) * 3 + ("dispatched", "reported", "awaiting")  # of twenty


def hazard_id(number):
    return f"{number:032x}"


def state_of(number):
    return STATES[number % len(STATES)]


def rows(count):
    for number in range(1, count + 1):
        state, site = state_of(number), f"site-{number % SITES}"
        reported = NOW_MS - (count - number) * DAY_MS * 1000 // count
        open_until = None if state == "closed" else reported + (number % 40) * DAY_MS
        yield (number, hazard_id(number), 5, state, site, f"{site}/tank-{number % 97}", "high", f"{number % 97} 号储罐温度过高", f"巡检发现温度异常，编号 {number}",
               "fire", f"罐区 {number % 1009}", 0, 3, "general" if state != "reported" else "", 0, f"principal of {site}", "", "降温", "王芳", "1000", "撤离",
               open_until, reported, reported, open_until, open_until, None if open_until else reported + DAY_MS, 0, 0, None)


def events(count):
    for number in range(1, count + 1):
        yield number, hazard_id(number), 1, "reported", "reported", "reported", "李明", "EM", "", "{}", NOW_MS - (count - number) * DAY_MS * 1000 // count


# As the step of the schema does for hazards that were there before the index.
PAIRS = """INSERT INTO hazard_text (rowid, pairs)
SELECT number, (
  WITH RECURSIVE place (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM place WHERE i < length(words))
  SELECT group_concat(hex(substr(words, i, 2)), ' ') FROM place)
FROM (SELECT number, lower(title || char(10) || description || char(10) || location || char(10) || asset || char(10) || id) AS words FROM hazard)"""


def fill(file, count):
    database = sqlite3.connect(file)
    database.execute("PRAGMA synchronous = OFF")
    marks = ", ".join("?" * len(COLUMNS.split(",")))
    database.executemany(f"INSERT INTO hazard ({COLUMNS}) VALUES ({marks})", rows(count))
    database.execute(PAIRS)
    database.executemany("INSERT INTO hazard_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", events(count))
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
