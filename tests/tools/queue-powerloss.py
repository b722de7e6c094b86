#!/usr/bin/env python3
"""queue-powerloss.py DISKLOG.SO DIR [STATES]

Adds records, has mm-queue run deliver some and defer others, adds more: all of it
under disklog.so, which writes down what is asked of the disk.  Then makes what the
disk could hold if the power went at any moment: after each sync, before it and
within it, with what was not synced lost, written, cut, torn inside a sector or
written in part, in any order.  Of these up to STATES are opened by mm-queue, which
must take one record more and have every record that was acknowledged by then and
not delivered, whole, once.

Nothing is assumed of the files but that a sync makes durable what was written to
its file before, and all names.
"""

import collections
import os
import random
import re
import shutil
import subprocess
import sys
import time

SECTOR = 512
preload, top = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
states = int(sys.argv[3]) if len(sys.argv) > 3 else 150
queue, trace, copy, log = (os.path.join(top, name) for name in ("q", "trace", "copy", "log"))
random.seed(7)

WORKER = r"""
import sys
while first := sys.stdin.buffer.readline():
    head = b""
    while (line := sys.stdin.buffer.readline()) != b"\n":
        head += line
    body = sys.stdin.buffer.read(int(first.split()[2]))
    ok = b"<ok@" in head
    head += b"status: ok\nreply: 250 2.0.0 ok\n" if ok else b"status: tempfail\nreply: 451 4.3.0 no\n"
    sys.stdout.buffer.write(first + head + b"\n" + body)
    sys.stdout.buffer.flush()
    with open(sys.argv[1], "a") as log:
        log.write(".")
"""


# --- what happens

def body(ident):
    n = int(ident[1:])
    size = 700000 if n % 13 == 7 else n * 997 % 9000
    return b"Subject: %s\r\n\r\n" % ident.encode() + bytes([97 + n % 26]) * size


def record(ident):
    text = body(ident)
    return (b"mail 1 %d\nid: %s\nmail-from: <a@example.org>\nrcpt-to: <%s@x.example>\n\n"
            % (len(text), ident.encode(), b"ok" if int(ident[1:]) % 3 else b"later")) + text


def traced(says):
    env = dict(os.environ, LD_PRELOAD=preload, DISKLOG=trace, DISKLOG_DIR=queue,
               ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0")
    if says:
        env["DISKLOG_SAYS"] = "yes"
    return env


def add(idents):
    """One writer; each commit is acknowledged before the next records are given."""
    child = subprocess.Popen(["mm-queue", "add", queue], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, env=traced(True))
    while idents:
        batch, idents = idents[:len(idents) % 4 + 1], idents[len(idents) % 4 + 1:]
        child.stdin.write(b"".join(map(record, batch)))
        child.stdin.flush()
        said = b""
        while said.count(b"queued as") < len(batch):
            said += os.read(child.stdout.fileno(), 1 << 20)
    child.stdin.close()
    assert child.wait() == 0


def run(idents):
    """Until all of them have been tried."""
    child = subprocess.Popen(["mm-queue", "run", "--window", "5", "--retry-min", "1h", queue, "--",
                              "env", "-u", "LD_PRELOAD", "python3", "-c", WORKER, log], env=traced(False),
                             stderr=subprocess.DEVNULL)
    while not os.path.exists(log) or os.path.getsize(log) < len(idents):
        time.sleep(0.02)
    child.terminate()
    assert child.wait() == 0


# --- the disk

class File:
    def __init__(self):
        self.durable, self.pending, self.drained, self.marks = bytearray(), [], 0, {}

    def mark(self, pid):
        self.marks[pid] = self.drained + len(self.pending)

    def synced(self, pid):
        n = max(self.marks.pop(pid, 0) - self.drained, 0)
        for op in self.pending[:n]:
            apply(self.durable, op)
        del self.pending[:n]
        self.drained += n

    def image(self, choose):
        """The durable octets, and of what is pending what choose() gives back."""
        data = bytearray(self.durable)
        for op in choose(self.pending, len(self.durable)):
            apply(data, op)
        return data


def apply(data, op):
    kind, at, octets = op
    if kind == "t":
        del data[at:]
    end = at + len(octets)
    if len(data) < end:
        data.extend(bytes(end - len(data)))
    data[at:end] = octets


def lost(pending, length):
    return []


def written(pending, length):
    return pending


def torn(pending, length):
    """In order up to some point, and there inside a write."""
    if not pending:
        return []
    n = random.randrange(len(pending))
    kind, at, octets = pending[n]
    cut = random.choice((1, SECTOR, len(octets) // 2, max(len(octets) - 1, 0)))
    return pending[:n] + [(kind, at, octets[:cut])]


def scattered(pending, length):
    """Some sectors, whatever the order was; behind the durable end some as zeros."""
    out = []
    for kind, at, octets in pending:
        if kind == "t" and random.random() < 0.5:
            out.append((kind, at, octets))
        for i in range(0, len(octets), SECTOR):
            sector = octets[i:i + SECTOR]
            zeros = [(kind, at + i, bytes(len(sector)))] if at + i >= length else []
            out += random.choice(([(kind, at + i, sector)], zeros, []))
    return out


CHOICES = (lost, written, torn, scattered)


class Disk:
    def __init__(self):
        self.names, self.durable_names, self.acknowledged, self.syncs = {}, {}, set(), 0

    def take(self, op, pid, at, data, path):
        f = self.names.get(path)
        if op == "a":
            self.acknowledged |= {m.decode() for m in re.findall(rb"250 2\.0\.0 queued as (\S+)\n", data)}
        elif op == "u":
            self.names.pop(path, None)
        elif op == "r":
            self.names[data.decode()] = self.names.pop(path)
        elif op == "c":
            self.names[path] = File()
        elif op in "wtf":
            f.pending.append(("t" if op == "t" else "w", at, data))
        elif op == "s" and f:
            f.mark(pid)
        elif op == "d":
            self.syncs += 1
            if f:
                f.synced(pid)
            self.durable_names = dict(self.names)

    def write(self, choose):
        shutil.rmtree(copy, ignore_errors=True)
        os.mkdir(copy)
        names = self.durable_names if choose is lost or random.random() < 0.3 else self.names
        for path, f in names.items():
            place = copy + path[len(queue):]
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as out:
                out.write(f.image(choose))

    def is_what_is_there(self):
        """Did disklog.so see all that was written?  What is mapped it cannot."""
        for path, f in self.names.items():
            if not path.endswith("-shm") and bytes(f.image(written)) != open(path, "rb").read():
                return False
        return True


def operations():
    with open(trace, "rb") as f:
        while head := f.readline():
            op, pid, at, size, length = head.split()
            path = f.read(int(length)).decode()
            yield op.decode(), int(pid), int(at), f.read(int(size)), path, f.tell()


# --- what must be there

def shown(idents):
    out = subprocess.run(["mm-queue", "show", copy, *idents], capture_output=True).stdout
    found, at = {}, 0
    while at < len(out):
        head, start = out[at:].split(b"\n\n", 1)[0], out.index(b"\n\n", at) + 2
        at = start + int(head.split(b"\n")[0].split()[2])
        found[re.search(rb"^id: (\S+)$", head, re.M)[1].decode()] = out[start:at]
    return found


def wrong(must, must_not):
    """What is wrong with the copy; empty if nothing is."""
    p = subprocess.run(["mm-queue", "add", "--min-free", "0", copy], input=record("n999"),
                       capture_output=True)
    if b"reply: 250 " not in p.stdout:
        return "cannot add: " + p.stderr.decode()
    p = subprocess.run(["mm-queue", "list", "--json", copy], capture_output=True, text=True)
    if p.returncode != 0:
        return "cannot list: " + p.stderr
    idents = re.findall(r'^\{"id":"([^"]*)"', p.stdout, re.M)
    if len(set(idents)) != len(idents):
        return "twice: " + str(idents)
    if (must | {"n999"}) - set(idents):
        return "lost: " + str(must - set(idents))
    if must_not & set(idents):
        return "back: " + str(must_not & set(idents))
    found = shown(idents)
    return "".join("not whole: %s " % i for i in idents if found.get(i) != body(i))


def main():
    os.mkdir(top)
    first, second = ["n%d" % i for i in range(30)], ["n%d" % i for i in range(30, 50)]
    add(first)
    begin = os.path.getsize(trace)
    run(first)
    end = os.path.getsize(trace)
    add(second)
    done = {i for i in first if int(i[1:]) % 3}
    moments = [(n, choose) for n, (op, *_) in enumerate(operations()) if op in "sda"
               for choose in CHOICES]
    chosen = collections.defaultdict(list)
    for n, choose in random.sample(moments, min(states, len(moments))):
        chosen[n].append(choose)
    disk, tried, bad = Disk(), 0, 0
    for n, (op, pid, at, data, path, place) in enumerate(operations()):
        disk.take(op, pid, at, data, path)
        for choose in chosen[n]:
            disk.write(choose)
            why = wrong(disk.acknowledged - (done if place > begin else set()),
                        done if place > end else set())
            tried += 1
            bad += why != ""
            if why:
                print("after %s of %s, what was not synced %s: %s"
                      % (op, path or "an answer", choose.__name__, why))
    print("syncs", disk.syncs)
    print("states", tried, "of", len(moments))
    print("seen all", "yes" if disk.is_what_is_there() else "no")
    print("bad", bad)


main()
