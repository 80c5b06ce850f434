"""docs/formats and docs/reference/databases.md say what is really in the files and on the line."""
import os
import pathlib
import re
import sqlite3
from contextlib import closing

import pytest
from documents import Sandbox

PAGE = "docs/reference/databases.md"
HEAD = """# The databases' schemas

Printed by SQLite from files that both daemons have just made; a test keeps this page equal to them. What the tables mean:
[buffer.db](../formats/buffer-db.md), [telemetry.db and what all share](../formats/collector-db.md), [records.db](../formats/records-db.md).
"""
OF = {"buffer.db": "buffer-db.md", "telemetry.db": "collector-db.md", "records.db": "records-db.md"}


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    with Sandbox(folder) as city:
        yield {"buffer.db": city.folder / "var/lib/anlan-edge/buffer.db", "telemetry.db": city.folder / "var/lib/anlan-collector/telemetry.db",
               "records.db": city.folder / "var/lib/anlan-collector/records.db"}


def ask(database, sql):
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


# Tables that a virtual table keeps its data in are SQLite's own.
OWN = "name NOT LIKE 'sqlite_%' AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')"


def one_line(sql):
    return re.sub(r"\s*([(),])\s*", lambda m: {"(": "(", ")": ")", ",": ", "}[m[1]], re.sub(r"\s+", " ", sql)).replace(")WITHOUT", ") WITHOUT").replace(")WHERE", ") WHERE")


def page(databases):
    text = HEAD
    for name, database in databases.items():
        version = ask(database, "PRAGMA user_version")[0][0]
        text += f"\n## {name}\n\n" + (f"`PRAGMA user_version` {version}.\n\n" if version else "Versions: table `schema_version`.\n\n") + "```sql\n"
        for (sql,) in ask(database, f"SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND {OWN} ORDER BY tbl_name, type DESC, name"):
            text += one_line(sql) + ";\n"
        text += "```\n"
    return text


def test_the_page_shows_the_schemas_as_they_are(databases, source):
    fresh = page(databases)
    written = source / PAGE
    if not written.exists() or written.read_text() != fresh:
        built = pathlib.Path(os.environ.get("ANLAN_BINARY_DIR") or source / "build/dev") / "databases.md"
        built.write_text(fresh)
        pytest.fail(f"{PAGE} is out of date; the fresh page is {built}")


@pytest.mark.parametrize("name", OF)
def test_every_table_and_column_is_explained(databases, source, name):
    """The row of a table names each of its columns in backticks, or a family of them (`ack_…`)."""
    text = (source / "docs" / "formats" / OF[name]).read_text()
    everywhere = text + (source / "docs" / "formats" / "collector-db.md").read_text()
    common = {"number", "one", "id", "site", "asset", "rule", "name", "source", "technical"} if name == "records.db" else {"one"}
    missing = []
    for (table,) in ask(databases[name], f"SELECT name FROM sqlite_master WHERE type = 'table' AND {OWN}"):
        row = re.search(rf"^\| `{table}`.*$", everywhere, re.MULTILINE)
        assert row, f"docs/formats/{OF[name]} has no row for {table}"
        named = set(re.findall(r"`([\w…]+)`", row[0]))
        for column in (c[1] for c in ask(databases[name], f"PRAGMA table_info({table})")):
            family = any(n.endswith("…") and column.startswith(n[:-1]) for n in named)
            if column not in named | common and not family:
                missing.append(f"{table}.{column}")
    assert not missing, f"docs/formats/{OF[name]} does not explain " + " ".join(missing)


@pytest.mark.parametrize("name", OF)
def test_no_table_is_explained_that_is_gone(databases, source, name):
    there = {t for d in databases.values() for (t,) in ask(d, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    rows = re.findall(r"^\| `(\w+)` ?(?:\||\()", (source / "docs" / "formats" / OF[name]).read_text(), re.MULTILINE)
    assert rows and not set(rows) - there


def test_the_wire_page_names_every_message_and_topic(source):
    text = (source / "docs/formats/wire.md").read_text()
    proto = (source / "common/wire/anlan.proto").read_text()
    body = re.search(r"oneof \w+ \{(.*?)\}", proto, re.DOTALL)[1]
    for message in re.findall(r"^\s+(\w+) \w+ = \d+;", body, re.MULTILINE):
        assert f"`{message}`" in text, f"docs/formats/wire.md does not speak of {message}"
    topics = (source / "common/wire/topics.hpp").read_text() + (source / "common/wire/topics.cpp").read_text()
    for word in re.findall(r'"/?(urgent|live|backlog|receipt|state|anlan/v1/collector/state)"', topics):
        assert word in text
