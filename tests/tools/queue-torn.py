#!/usr/bin/env python3
"""queue-torn.py DIR

Adds records one commit at a time, keeping a copy of the queue's log in between;
then opens the queue with the log cut at every frame, and torn inside every
frame, as a power failure may leave it.  What opens must hold the records of the
commits that are whole, those and no others, each with its octets.
"""

import os
import shutil
import sqlite3
import subprocess
import sys

COMMITS = 6


def body(i):
    return b"Subject: m%d\r\n\r\n" % i + bytes([97 + i]) * (4000 * (i + 1))


def add(queue, i):
    b = body(i)
    rec = b"mail 1 %d\nid: m%d\nrcpt-to: <b@x.example>\n\n" % (len(b), i) + b
    out = subprocess.run(["mm-queue", "add", queue], input=rec, capture_output=True).stdout
    assert b"reply: 250 2.0.0 queued" in out, out


def ids(queue):
    out = subprocess.run(["mm-queue", "list", "--json", queue], capture_output=True, text=True)
    return [line.split('"')[3] for line in out.stdout.splitlines()] if out.returncode == 0 else None


def whole(queue, ident):
    out = subprocess.run(["mm-queue", "show", queue, ident], capture_output=True).stdout
    return out.endswith(b"\n\n" + body(int(ident[1:])))


def main():
    top = sys.argv[1]
    os.mkdir(top)
    queue, copy = os.path.join(top, "q"), os.path.join(top, "copy")
    add(queue, 0)  # the schema and the first record are in the file itself
    # A reader that stays keeps the log from being taken back at each exit.
    holder = sqlite3.connect(os.path.join(queue, "queue.db"))
    holder.execute("SELECT count(*) FROM message").fetchone()
    log = os.path.join(queue, "queue.db-wal")
    sizes = [(0, 1)]
    for i in range(1, COMMITS):
        add(queue, i)
        sizes.append((os.path.getsize(log), i + 1))
    frame = 16384 + 24
    end = sizes[-1][0]
    cuts = sorted({32 + n * frame + d for n in range((end - 32) // frame + 1) for d in (0, 100, 9000)
                   if 32 + n * frame + d <= end})
    bad = 0
    for number, cut in enumerate(cuts):
        expected = ["m%d" % i for i in range(max(n for size, n in sizes if size <= cut))]
        shutil.rmtree(copy, ignore_errors=True)
        os.mkdir(copy)
        shutil.copy(os.path.join(queue, "queue.db"), copy)
        data = open(log, "rb").read()
        with open(os.path.join(copy, "queue.db-wal"), "wb") as f:
            f.write(data[:cut] + (b"\0" * (end - cut) if number % 2 else b""))
        got = ids(copy)
        if got != expected or not all(whole(copy, i) for i in got):
            bad += 1
            print("cut at", cut, "expected", expected, "got", got)
    holder.close()
    print("cuts", len(cuts))
    print("bad", bad)


main()
