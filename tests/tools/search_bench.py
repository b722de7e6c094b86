#!/usr/bin/env python3
"""search_bench.py ROUNDS QUERIES NAME=COMMAND...: the median of the seconds that the
queries (a file, one a line) take, each as the last words of each command; the best of
ROUNDS runs of each.  Prints "NAME MILLISECONDS FOUND" a line.
"""
import shlex
import statistics
import subprocess
import sys
import time


def run(command, query):
    start = time.perf_counter()
    out = subprocess.run(command + shlex.split(query), stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=False).stdout
    return time.perf_counter() - start, out.count(b"\n")


def main():
    queries = open(sys.argv[2]).read().splitlines()
    for arg in sys.argv[3:]:
        name, command = arg.split("=", 1)
        times, found = [], 0
        for query in queries:
            runs = [run(shlex.split(command), query) for _ in range(int(sys.argv[1]))]
            times.append(min(r[0] for r in runs))
            found += runs[0][1]
        print(name, "%.1f" % (statistics.median(times) * 1000), found)


main()
