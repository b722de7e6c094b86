#!/usr/bin/env python3
"""queue-bench.py RECORDS BATCH DIR

Prints durable adds a second, BATCH records of 4 KiB at a time (the next batch is
sent when the last one was acknowledged), and those of a bare append and
fdatasync of the same octets; then the records a second that `run` takes out
again with a worker that says ok to all.
"""

import os
import subprocess
import sys
import threading
import time

count, batch, top = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
queue = os.path.join(top, "q")
body = (b"Subject: x\r\n\r\n" + b"x" * 4096)[:4096]
ANSWER = len("status: ok\nreply: 250 2.0.0 queued as \n")


def record(i):
    return (b"mail 1 %d\nid: r%08d\nreceived: 2026-11-22T10:00:00.123Z\nclient-ip: 192.0.2.7\n"
            b"helo: mx.example.org\nmail-from: <alice@example.org>\nrcpt-to: <bob@x.example>\n\n"
            % (len(body), i)) + body


batches = [b"".join(record(i) for i in range(at, min(at + batch, count)))
           for at in range(0, count, batch)]


def add():
    child = subprocess.Popen(["mm-queue", "add", queue], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             bufsize=0)
    start = time.time()
    for data in batches:
        writer = threading.Thread(target=child.stdin.write, args=(data,))
        writer.start()
        n = data.count(b"mail 1 ")
        left = len(data) + n * (ANSWER + 9)
        while left > 0:
            left -= len(os.read(child.stdout.fileno(), 1 << 20))
        writer.join()
    taken = time.time() - start
    child.stdin.close()
    child.wait()
    return count / taken


def bare():
    fd = os.open(os.path.join(top, "bare"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    start = time.time()
    for data in batches:
        os.write(fd, data)
        os.fdatasync(fd)
    return count / (time.time() - start)


def drain():
    start = time.time()
    child = subprocess.Popen(["mm-queue", "run", queue, "--", sys.argv[4]],
                             env=dict(os.environ, MM_LOG="warn"))
    while not subprocess.run(["mm-queue", "stat", queue], capture_output=True,
                             text=True).stdout.startswith("messages: 0\n"):
        time.sleep(0.02)
    taken = time.time() - start
    child.terminate()
    child.wait()
    return count / taken


print("%.0f %.0f %.0f" % (add(), bare(), drain()))
