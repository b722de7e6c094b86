#!/usr/bin/env python3
"""queue-fair.py LOG COUNT: what queue-destinations.py's log says after COUNT messages
to each of the domains dead, slow, grey and good, and notifications to home."""

import collections
import sys

log = [line.split() for line in open(sys.argv[1])]
count = int(sys.argv[2])
done = collections.Counter((d, i) for _, d, i, _, status in log if status == "ok")
taken = collections.Counter(d.split(".")[0] for d, _ in done)
last_good = max(float(t) for t, d, _, _, status in log if d == "good.example")
slow_left = count - sum(1 for t, d, _, _, s in log if d == "slow.example" and float(t) <= last_good)
dead = [attempt for _, d, _, attempt, _ in log if d == "dead.example"]
print("taken", " ".join("%s=%d" % kv for kv in sorted(taken.items())))
print("more than once", sum(1 for n in done.values() if n > 1))
print("good is done while slow is not:", "yes" if slow_left > count / 2 else "no, %d left" % slow_left)
print("dead was tried at first:", dead.count("1"))
print("dead was seldom tried again:", "yes" if len(dead) < 2.5 * count else "no, %d times" % len(dead))
print("left for slow %d, attempts at dead %d" % (slow_left, len(dead)), file=sys.stderr)
