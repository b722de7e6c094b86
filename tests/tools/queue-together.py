#!/usr/bin/env python3
"""queue-together.py LOG SECONDS: a worker that delivers to all recipients of a record
at the same time: to slow.example that takes SECONDS, to any other domain nothing.
Appends the id of every record to LOG as it goes back."""

import heapq
import sys
import threading
import time

log, seconds = open(sys.argv[1], "a"), float(sys.argv[2])
answers, changed, ended = [], threading.Condition(), False


def answer():
    while True:
        with changed:
            while not answers and not ended:
                changed.wait()
            if not answers:
                return
            wait = answers[0][0] - time.monotonic()
            if wait > 0:
                changed.wait(wait)
                continue
            _, _, record, ident = heapq.heappop(answers)
        print(ident, file=log, flush=True)
        sys.stdout.buffer.write(record)
        sys.stdout.buffer.flush()


thread = threading.Thread(target=answer)
thread.start()
number = 0
while first := sys.stdin.buffer.readline():
    head = []
    while (line := sys.stdin.buffer.readline()) != b"\n":
        head.append(line)
    body = sys.stdin.buffer.read(int(first.split()[2]))
    ident = [h.split()[1].decode() for h in head if h.startswith(b"id:")][0]
    wait = seconds if any(b"@slow.example>" in h for h in head) else 0
    number += 1
    with changed:
        heapq.heappush(answers, (time.monotonic() + wait, number, first + b"".join(head)
                                 + b"status: ok\nreply: 250 2.0.0 taken\n\n" + body, ident))
        changed.notify()
with changed:
    ended = True
    changed.notify()
thread.join()
