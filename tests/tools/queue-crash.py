#!/usr/bin/env python3
"""queue-crash.py [--writers N] [--records N] [--kills N] DIR

Adds records by several mm-queue add at once while they, mm-queue run and its
worker are killed with -9 at random moments and started again.  Prints how many
were acknowledged, lost (acknowledged, not delivered) and delivered again.
"""

import argparse
import collections
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time

WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "queue-worker.py")


def record(ident, size):
    body = b"Subject: %s\r\n\r\n" % ident.encode() + b"x" * size
    return (b"mail 1 %d\nid: %s\nmail-from: <a@example.org>\nrcpt-to: <b@x.example>\n\n"
            % (len(body), ident.encode())) + body


class Writer(threading.Thread):
    """Adds its records in batches, through a filter that may be killed."""

    def __init__(self, queue, number, records):
        super().__init__()
        self.queue, self.number, self.records = queue, number, records
        self.acknowledged, self.child = set(), None

    def batch(self, idents):
        child = subprocess.Popen(["mm-queue", "add", self.queue], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.child = child
        data = b"".join(record(i, random.choice((10, 4000, 30000))) for i in idents)
        try:
            out, _ = child.communicate(data)
        except BrokenPipeError:
            out = b""
        self.acknowledged |= {m.decode() for m in re.findall(rb"reply: 250 2\.0\.0 queued as (\S+)\n", out)}

    def run(self):
        left = ["w%d-%d" % (self.number, i) for i in range(self.records)]
        while left:
            self.batch(left[:random.randrange(1, 60)])
            left = [i for i in left if i not in self.acknowledged]


class Runner:
    def __init__(self, queue, log):
        self.command = ["mm-queue", "run", "--retry-min", "10ms", "--retry-max", "50ms", "--poison",
                        "1000", "--window", "200", queue, "--", "python3", WORKER, log]
        self.child = None

    def start(self):
        self.child = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)

    def kill(self):
        self.child.kill()
        self.child.wait()
        self.start()

    def kill_worker(self):
        pids = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.child.pid)],
                              capture_output=True, text=True).stdout.split()
        for pid in pids:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass


def harass(runner, writers, kills):
    for _ in range(kills):
        time.sleep(random.uniform(0.02, 0.4))
        victim = random.randrange(3)
        if victim == 0:
            runner.kill()
        elif victim == 1:
            runner.kill_worker()
        else:
            child = random.choice(writers).child
            if child and child.poll() is None:
                child.kill()


def messages(queue):
    out = subprocess.run(["mm-queue", "stat", queue], capture_output=True, text=True).stdout
    return int(out.split()[1]) if out else -1


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--writers", type=int, default=4)
    p.add_argument("--records", type=int, default=1000)
    p.add_argument("--kills", type=int, default=10)
    p.add_argument("dir")
    a = p.parse_args()
    os.mkdir(a.dir)
    queue, log = os.path.join(a.dir, "q"), os.path.join(a.dir, "log")
    writers = [Writer(queue, n, a.records) for n in range(a.writers)]
    runner = Runner(queue, log)
    runner.start()
    for w in writers:
        w.start()
    harass(runner, writers, a.kills)
    for w in writers:
        w.join()
    end = time.time() + 100
    while messages(queue) != 0 and time.time() < end:
        time.sleep(0.1)
    runner.child.terminate()
    status = runner.child.wait()
    given = collections.Counter(line.split()[0] for line in open(log))
    acknowledged = set().union(*(w.acknowledged for w in writers))
    print("acknowledged", len(acknowledged))
    print("delivered", len(given))
    print("again", sum(given.values()) - len(given))
    print("left", messages(queue))
    print("exit", status)
    print("lost", len(acknowledged - set(given)))


main()
