#!/usr/bin/env python3
"""queue-worker.py LOG: a worker for tests of mm-queue run.

Appends a line to LOG for every record that it is given: its id, attempt,
recipients, and the fields named in $SHOW.  Each recipient's local part decides:
perm, temp, once (tempfail at the first attempt), bare (no results, only the
status), silent (no status), kill (dies before it answers), unable
(ends with exit status 75 before it answers), relayed and dsn (ok,
with a field `relayed`, the latter to a server that knows RFC 3461), boxed (by LMTP); else ok.
$FIELDS are more fields that it found out, one a line.
"""

import os
import signal
import sys


def read(stream):
    first = stream.readline()
    if not first:
        return None, None
    fields = []
    while (line := stream.readline()) != b"\n":
        fields.append(tuple(line.decode().rstrip("\n").split(": ", 1)))
    return fields, stream.read(int(first.split()[2]))


def judge(rcpt, attempt):
    local = rcpt.strip("<").split("@")[0]
    if local.startswith("perm"):
        return "permfail", "550 5.1.1 no such user"
    if local.startswith("temp") or (local.startswith("once") and attempt == 1):
        return "tempfail", "451 4.7.1 come back later"
    return "ok", "250 2.0.0 stored"


def main():
    log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    show = os.environ.get("SHOW", "").split()
    order = ["ok", "permfail", "tempfail"]
    while True:
        fields, body = read(sys.stdin.buffer)
        if fields is None:
            return
        rcpts = [v.split()[0] for n, v in fields if n == "rcpt-to"]
        ident = next(v for n, v in fields if n == "id")
        attempt = int(next(v for n, v in fields if n == "attempt"))
        shown = ["%s=%s" % f for f in fields if f[0] in show]
        os.write(log, (" ".join([ident, str(attempt)] + rcpts + shown) + "\n").encode())
        if any(r.startswith("<kill") for r in rcpts):
            os.kill(os.getpid(), signal.SIGKILL)
        if any(r.startswith("<unable") for r in rcpts):
            sys.exit(75)
        outcomes = [(r,) + judge(r, attempt) for r in rcpts]
        fields.append(("progress", "step%d" % attempt))
        fields += [tuple(f.split(": ", 1)) for f in os.environ.get("FIELDS", "").splitlines()]
        fields += [("relayed", r + " relay=x host=mx.x.example" + (
            " dsn=yes" if r.startswith("<dsn") else " delivered=yes" if r.startswith("<boxed") else ""))
                   for r in rcpts if r.startswith(("<relayed", "<dsn", "<boxed"))]
        if not any(r.startswith("<silent") for r in rcpts):
            worst = max(outcomes, key=lambda o: order.index(o[1]), default=("", "ok", "250 2.0.0 ok"))
            if not any(r.startswith("<bare") for r in rcpts):
                fields += [("result", "%s %s %s" % o) for o in outcomes]
            fields += [("status", worst[1]), ("reply", worst[2])]
        head = "".join("%s: %s\n" % f for f in fields).encode()
        sys.stdout.buffer.write(b"mail 1 %d\n" % len(body) + head + b"\n" + body)
        sys.stdout.buffer.flush()


main()
