#!/usr/bin/env python3
"""queue-torn.py DIR

Adds records one commit at a time; then opens the queue with the file that they are
in cut at every commit and torn inside every one, with nothing, zeros or other octets
behind, as a power failure may leave it.  What opens must hold the records of the
commits that are whole, those and no others, each with its octets.
"""

import os
import shutil
import struct
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


def frames(data):
    """Where they end: a header of 32 octets each, the length of what follows in it."""
    ends = [32]
    while ends[-1] < len(data):
        ends.append(ends[-1] + 32 + struct.unpack_from("<Q", data, ends[-1] + 8)[0])
    return ends


def main():
    top = sys.argv[1]
    os.mkdir(top)
    queue, copy = os.path.join(top, "q"), os.path.join(top, "copy")
    for i in range(COMMITS):
        add(queue, i)
    (name,) = os.listdir(os.path.join(queue, "intake"))
    data = open(os.path.join(queue, "intake", name), "rb").read()
    ends = frames(data)
    assert len(ends) == COMMITS + 1 and ends[-1] == len(data), ends
    cuts = sorted({e + d for e in ends for d in (0, 1, 31, 32, 33, 100, 3000)
                   if e + d <= len(data)} | {e - 1 for e in ends[1:]})
    bad = 0
    for cut in cuts:
        for tail in (b"", b"\0" * (len(data) - cut), b"\xff" * (len(data) - cut)):
            expected = ["m%d" % i for i in range(sum(e <= cut for e in ends) - 1)]
            shutil.rmtree(copy, ignore_errors=True)
            os.makedirs(os.path.join(copy, "intake"))
            with open(os.path.join(copy, "intake", name), "wb") as f:
                f.write(data[:cut] + tail)
            got = ids(copy)
            if got != expected or not all(whole(copy, i) for i in got):
                bad += 1
                print("cut at", cut, "expected", expected, "got", got)
    print("cuts", len(cuts) * 3)
    print("bad", bad)


main()
