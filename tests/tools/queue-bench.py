#!/usr/bin/env python3
"""queue-bench.py RECORDS DIR WORKER

Prints the records a second that `run` takes out of DIR/q, which has RECORDS of
them, with a worker that says ok to all.
"""

import os
import subprocess
import sys
import time

count, top = int(sys.argv[1]), sys.argv[2]
queue = os.path.join(top, "q")


def drain():
    start = time.time()
    child = subprocess.Popen(["mm-queue", "run", queue, "--", sys.argv[3]],
                             env=dict(os.environ, MM_LOG="warn"))
    while not subprocess.run(["mm-queue", "stat", queue], capture_output=True,
                             text=True).stdout.startswith("messages: 0\n"):
        time.sleep(0.02)
    taken = time.time() - start
    child.terminate()
    child.wait()
    return count / taken


print("%.0f" % drain())
