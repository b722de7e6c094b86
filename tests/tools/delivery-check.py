#!/usr/bin/env python3
"""delivery-check.py LOG SINGLES MANY LIFETIME_S QUEUED_AT [KILLS]: what
smtp-destinations.py's LOG says, after SINGLES messages to one recipient in each of
the domains good, slow, grey and dead, and MANY to all four, were queued at QUEUED_AT
(seconds) or later.

KILLS has lines TIME PROGRAM WORKER, and only a kill cuts a connection off; WORKER is the
process that was killed, or whose queue was, as in its EHLO.  What arrived twice, or bounced although it had arrived, must have been in the air then, for which
RFC 1047 has no remedy:
- of mm-relay: the last message, or the one before it, that a connection had carried;
- of mm-queue run: no more than its window has.
A message to several is in the air until the last of them has an answer.
"""
import collections
import sys

WINDOW = 1000
log_name, singles, many, lifetime, queued_at = sys.argv[1], *map(float, sys.argv[2:6])
singles, many = int(singles), int(many)
log = [line.split() for line in open(log_name)]
kills = sorted((float(t), *rest) for t, *rest in map(str.split, open(sys.argv[6]))) if sys.argv[6:] else []
taken = collections.defaultdict(list)  # (domain, id) -> [(time, connection)]
carried = collections.defaultdict(list)  # connection -> [(domain, id)]
told = collections.defaultdict(list)  # (action, id) -> [(time, note's id)]
lost = {}  # connection -> time
for t, event, what, ident, connection, *own in (w for w in log if len(w) > 2):
    if event == "taken":
        taken[what, ident].append((float(t), connection))
        carried[connection].append((what, ident))
    elif event == "told":
        told[what, connection, ident].append((float(t), own[0]))
    elif event == "lost":
        lost[connection] = float(t)

several = ["m%d" % i for i in range(many)]
want = {(d, i) for d in ("good", "slow", "grey")
        for i in ["%s%d" % (d, n) for n in range(singles)] + several}
dead = {("dead", i) for i in ["dead%d" % n for n in range(singles)] + several}
arrived = {key for key in taken if key[0] != "home"}
failed = {(domain, i): n[0][0] for (action, domain, i), n in told.items() if action == "failed"}


# A worker is cut off when it is killed, or when its queue is.  What it had told a queue
# that was killed next may have been lost, too.
ended = {}  # worker -> the program whose kill ended it
for n, (t, program, worker) in enumerate(kills):
    later = kills[n + 1] if n + 1 < len(kills) else None
    if later and later[1] == "mm-queue" and later[0] < t + 2:
        program = "mm-queue"
    ended.setdefault(worker, program)


def by_kill(connections, start, end):
    """The program whose kill explains it, or None."""
    by = {ended.get(c.split(":")[0]) for c in connections}
    if "mm-queue" in by:
        return "mm-queue"
    return "mm-relay" if "mm-relay" in by and start <= lost.get(connections[0], -1) <= end else None


again = collections.Counter()
wrong = []


def explain(key, connections, start, end):
    """The first of these took it at start, and what happened at end should not have."""
    by = by_kill(connections, start, end)
    again["to several" if key[1] in several else by or "nothing"] += 1
    if not by:
        wrong.append("%s %s without a kill" % key)
    elif by == "mm-relay" and key[1] not in several and key not in carried[connections[0]][-2:]:
        wrong.append("%s %s was not in the air when mm-relay was killed" % key)


for key, times in taken.items():
    for (t1, c1), (t2, c2) in zip(times, times[1:]):
        explain(key, (c1, c2), t1, t2)
    if key in failed:
        explain(key, (times[-1][1],), times[-1][0], failed[key])
if again["mm-queue"] > WINDOW * sum(k[1] == "mm-queue" for k in kills):
    wrong.append("%d that were not in the window" % again["mm-queue"])

same = [key for key, n in told.items() if len({own for _, own in n}) > 1]
last = {d: max(t[0][0] for k, t in taken.items() if k[0] == d) - queued_at for d in ("good", "slow", "grey", "home")}

print("neither arrived nor bounced", len((want | dead) - arrived - set(failed)))
print("not queued", len((arrived | set(failed)) - want - dead))
print("arrived of dead", len(arrived & dead))
print("bounced before the lifetime's end", sum(t < queued_at + lifetime for t in failed.values()))
print("told the same twice", len(same))
print("again without a reason", len(wrong))
if not kills:
    print("bounced of the others", len(set(failed) - dead))
print("good waited for slow:", "yes" if ["gate-timeout"] in [w[1:] for w in log] else "no")
for line in wrong[:10]:
    print(line, file=sys.stderr)
print("last at %s s" % ", ".join("%s %.2f" % kv for kv in last.items()), file=sys.stderr)
print("greylisted %d times, cut off %d connections" % (sum(w[1] == "greyed" for w in log), len(lost)), file=sys.stderr)
print("bounced of the others: %d" % len(set(failed) - dead), file=sys.stderr)
print("arrived again: %d of %d; %s; %d kills" % (
    sum(again.values()), sum(map(len, taken.values())),
    ", ".join("%s %d" % kv for kv in sorted(again.items())) or "none", len(kills)), file=sys.stderr)
