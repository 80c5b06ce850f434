"""Reference of edge.flash: the same samples as rows of a plain SQLite table without an index, WAL, synchronous=FULL, one commit
for each group: plain_rows.py FILE SAMPLES GROUP prints the bytes that this process had written to the disk, and the file's."""
import os
import random
import sqlite3
import sys

import machine


def main(file, samples, group):
    random.seed(20261124)
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE sample(point INTEGER NOT NULL, time INTEGER NOT NULL, value REAL NOT NULL, quality INTEGER NOT NULL)")
    before = machine.written_bytes("self")
    for first in range(0, samples, group):
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO sample VALUES(?, ?, ?, ?)",
                             ((i % 5000, 1_795_421_700_000 + i // 5, float(random.randrange(65536)), 0) for i in range(first, min(first + group, samples))))
        database.execute("COMMIT")
    written = machine.written_bytes("self") - before
    database.close()
    print(written, os.path.getsize(file))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
