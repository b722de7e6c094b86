#!/usr/bin/env python3
"""queue-destinations.py LOG: a worker that delivers to four domains, many at once:

dead.example     cannot be connected to, which takes 20 ms to find out
slow.example     takes ten at a time, each for 100 ms
grey.example     is greylisting: a recipient has to come again after 0.3 s
any other        takes mail at once

Appends to LOG, for every record: time, domain, id, attempt, status.
"""

import heapq
import sys
import threading
import time

slots = [0.0] * 10
first_seen = {}


def outcome(domain, rcpt, now):
    """When the answer comes, its status and its reply."""
    if domain == "dead.example":
        return now + 0.02, "tempfail", "451 4.4.1 cannot connect: no route"
    if domain == "slow.example":
        end = max(heapq.heappop(slots), now) + 0.1
        heapq.heappush(slots, end)
        return end, "ok", "250 2.0.0 taken"
    if domain == "grey.example" and now < first_seen.setdefault(rcpt, now) + 0.3:
        return now, "tempfail", "450 4.7.1 greylisted"
    return now, "ok", "250 2.0.0 taken"


class Worker:
    def __init__(self, log):
        self.log, self.answers, self.ended = log, [], False
        self.changed = threading.Condition()

    def read(self):
        stream, number = sys.stdin.buffer, 0
        while first := stream.readline():
            head = []
            while (line := stream.readline()) != b"\n":
                head.append(line.decode())
            body = stream.read(int(first.split()[2]))
            field = dict(f.rstrip("\n").split(": ", 1) for f in head)
            rcpt = field["rcpt-to"].split()[0]
            domain = rcpt.strip("<>").split("@")[1]
            at, status, reply = outcome(domain, rcpt, time.time())
            head += ["result: %s %s %s\n" % (rcpt, status, reply), "status: %s\n" % status,
                     "reply: %s\n" % reply]
            number += 1
            with self.changed:
                heapq.heappush(self.answers, (at, number, b"mail 1 %d\n" % len(body) + "".join(head).encode()
                                              + b"\n" + body, (domain, field["id"], field["attempt"], status)))
                self.changed.notify()
        with self.changed:
            self.ended = True
            self.changed.notify()

    def answer(self):
        out = sys.stdout.buffer
        while True:
            with self.changed:
                while not self.answers and not self.ended:
                    self.changed.wait()
                if not self.answers:
                    return
                at, _, record, line = self.answers[0]
                now = time.time()
                if at > now:
                    self.changed.wait(at - now)
                    continue
                heapq.heappop(self.answers)
            print("%.3f" % now, *line, file=self.log, flush=True)
            out.write(record)
            out.flush()


worker = Worker(open(sys.argv[1], "a"))
threading.Thread(target=worker.read, daemon=True).start()
worker.answer()
