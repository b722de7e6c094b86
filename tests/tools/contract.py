#!/usr/bin/env python3
"""contract.py CHECK [--records N] -- COMMAND...

Runs one check of the contract of mm-stream(5), "Filters", on a filter that reads
a stream.  Exit 0: kept; 1: broken, with the reason on standard output.

CONTRACT_FIELDS  further envelope fields, one a line
CONTRACT_STEP    malformed: try every Nth position only
CONTRACT_SHELL   the filter is a shell script, which cannot see NUL
"""

import concurrent.futures
import os
import re
import select
import subprocess
import sys
import time

HEADER = b"From: <alice@example.org>\r\nTo: <bob@nutrition.example>\r\nSubject: contract\r\n"
LIMIT = 60


class Broken(Exception):
    pass


def need(good, text):
    if not good:
        raise Broken(text)


def envelope(ident, rcpt=b"<bob@nutrition.example>"):
    more = [l.encode() for l in os.environ.get("CONTRACT_FIELDS", "").splitlines() if l]
    return [b"id: " + ident.encode(), b"mail-from: <alice@example.org>",
            b"rcpt-to: " + rcpt] + more


def record(lines, body=b""):
    return b"mail 1 %d\n" % len(body) + b"".join(l + b"\n" for l in lines) + b"\n" + body


def plain(ident):
    """A whole ordinary record."""
    lines = envelope(ident) + [b"client-ip: 192.0.2.7", b"client-port: 4711",
                               b"helo: mx.example.org", b"ingress: inbound",
                               b"received: 2026-11-22T10:00:00.123Z"]
    return record(lines, HEADER + b"Message-ID: <" + ident.encode() + b"@x>\r\n\r\nhello\r\n")


FIELD = re.compile(rb"[a-z][a-z0-9-]{0,63}: [^\x00-\x1f\x7f]*")


def parse(data):
    """[(lines, body)] of a stream that must be well formed."""
    out, at = [], 0
    while at < len(data):
        m = re.compile(rb"mail 1 (0|[1-9][0-9]*)\n").match(data, at)
        need(m, "the output is no stream at byte %d: %r" % (at, data[at:at + 60]))
        length, at, lines = int(m.group(1)), m.end(), []
        while True:
            end = data.find(b"\n", at)
            need(end >= 0, "the output ends inside a record")
            line, at = data[at:end], end + 1
            if not line:
                break
            need(FIELD.fullmatch(line), "no field: %r" % line)
            line.decode()
            lines.append(line)
        need(at + length <= len(data), "the output ends inside a message")
        out.append((lines, data[at:at + length]))
        at += length
    return out


def ident(lines):
    ids = [l[4:].decode() for l in lines if l.startswith(b"id: ")]
    need(len(ids) == 1, "not one id but %r" % ids)
    return ids[0]


def run(cmd, data, stdout=subprocess.PIPE):
    try:
        p = subprocess.run(cmd, input=data, stdout=stdout, stderr=subprocess.PIPE, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        raise Broken("does not end within %d s" % LIMIT)
    return p.returncode, p.stdout, p.stderr.decode(errors="replace")


def good_run(cmd, data):
    rc, out, err = run(cmd, data)
    need(rc == 0, "exit %d\n%s" % (rc, err[-2000:]))
    return parse(out)


def passes(lines_in, lines_out):
    """Every field of lines_in, in order, among lines_out."""
    rest = iter(lines_out)
    for line in lines_in:
        need(line in rest, "lost or moved: %r\nin %r" % (line, lines_out))


def check_unknown(cmd, _):
    lines = [b"x-first: 1", *envelope("unknown-1"), b"x-empty: ", b"x-blanks:   two  words  ",
             b"x-list: a", b"x-list: b", b"x-utf8: k\xc3\xa4se \xf0\x9f\x93\xa7", b"x-list: a",
             b"x-long: " + b"y" * 60000, b"tag: 17", b"x" * 64 + b": longest name",
             b"tag: 18", b"x-last: :"]
    body = HEADER + b"\r\nbinary \x00\xff\r\n"
    got = good_run(cmd, record(lines, body))
    need(len(got) == 1, "%d records came back" % len(got))
    passes(lines, got[0][0])
    need(got[0][1].endswith(body), "the message was altered")


def check_once(cmd, n):
    data = b"".join(plain("once-%d" % i) for i in range(n))
    got = good_run(cmd, data)
    ids = sorted(ident(lines) for lines, _ in got)
    need(ids == sorted("once-%d" % i for i in range(n)),
         "%d records for %d, %d different" % (len(ids), n, len(set(ids))))
    for lines, body in got:
        need(b"<%s@x>" % ident(lines).encode() in body, "a message changed its record")


def check_large(cmd, _):
    body = HEADER + b"\r\n" + b"0123456789abcdef" * 4 + b"\r\n"
    body += (b"x" * 70 + b"\r\n") * 40000
    got = good_run(cmd, record(envelope("large-1"), body) + plain("large-2"))
    need(sorted(ident(l) for l, _ in got) == ["large-1", "large-2"], "not both came back")
    need([b for l, b in got if ident(l) == "large-1"][0].endswith(body), "altered")


def check_nothing(cmd, _):
    rc, out, err = run(cmd, b"")
    need(rc == 0 and out == b"", "exit %d, output %r\n%s" % (rc, out[:100], err))


def check_envelope(cmd, _):
    got = good_run(cmd, record(envelope("envelope-1")) + plain("envelope-2"))
    need(sorted(ident(l) for l, _ in got) == ["envelope-1", "envelope-2"], "not both came back")


def check_failed(cmd, _):
    data = []
    for i, (status, reply) in enumerate([(b"tempfail", b"451 4.3.0 x"), (b"permfail", b"550 x")]):
        ok_first = [b"status: ok", b"reply: 250 2.0.0 x"] if i else []
        data.append(record([b"x-a: 1", *envelope("failed-%d" % i), *ok_first, b"status: " + status,
                            b"reply: " + reply, b"x-b: "], HEADER + b"\r\nbody"))
    data.append(record([b"id: failed-2", b"status: permfail"]))
    rc, out, err = run(cmd, b"".join(data))
    need(rc == 0, "exit %d\n%s" % (rc, err))
    parse(out)
    for d in data:
        need(out.count(d) == 1, "not byte for byte: %r\nin %r" % (d, out))
    need(len(out) == sum(map(len, data)), "more came out: %r" % out)


class Reader:
    def __init__(self, fd):
        self.fd, self.data = fd, b""

    def more(self, deadline):
        left = deadline - time.monotonic()
        need(left > 0 and select.select([self.fd], [], [], left)[0], "no answer within 20 s")
        got = os.read(self.fd, 65536)
        need(got, "ended instead of answering")
        self.data += got

    def record(self):
        deadline = time.monotonic() + 20
        while True:
            end = self.data.find(b"\n\n")
            if end >= 0:
                size = end + 2 + int(self.data.split(b"\n", 1)[0].split()[2])
                if len(self.data) >= size:
                    one, self.data = self.data[:size], self.data[size:]
                    return parse(one)[0]
            self.more(deadline)


def check_coprocess(cmd, _):
    p = subprocess.Popen(cmd, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, bufsize=0)
    r = Reader(p.stdout.fileno())
    try:
        for i in range(20):
            data = plain("coprocess-%d" % i)
            # in two pieces, the second late: half a record must not confuse it
            p.stdin.write(data[:40])
            if i % 5 == 0:
                time.sleep(0.01)
            p.stdin.write(data[40:])
            need(ident(r.record()[0]) == "coprocess-%d" % i, "another record came back")
        p.stdin.close()
        rc = p.wait(timeout=LIMIT)
        need(rc == 0, "exit %d at the end" % rc)
        need(p.stdout.read() == b"" and r.data == b"", "something came after the last record")
    finally:
        p.kill()
        p.wait()


def refused(cmd, data, answered, what):
    """The stream is refused, with the records `answered` answered."""
    rc, out, err = run(cmd, data)
    need(rc == 65, "%s: exit %d, expected 65\n%s" % (what, rc, err[-1000:]))
    need(re.search(r"byte \d+", err), "%s: the error names no byte: %s" % (what, err[-1000:]))
    at = int(re.search(r"byte (\d+)", err).group(1))
    need(at <= len(data), "%s: byte %d of %d" % (what, at, len(data)))
    ids = [ident(l) for l, _ in parse(out)]
    need(ids == answered, "%s: answered %r" % (what, ids))
    return at


def check_malformed(cmd, _):
    number = [0]

    def pair():
        number[0] += 1
        first = record(envelope("good-%d" % number[0]) + [b"x-a: b"], HEADER + b"\r\n1\r\n")
        second = record(envelope("malformed-%d" % number[0], b"<never@nutrition.example>"),
                        HEADER + b"\r\nmalformed-\r\n")
        return "good-%d" % number[0], first, second

    step = int(os.environ.get("CONTRACT_STEP", "1"))
    jobs = []

    def cut(n):
        name, first, second = pair()
        data = (first + second)[:n]
        if n in (0, len(first)):
            ids = [ident(l) for l, _ in good_run(cmd, data)]
            need(ids == ([name] if n else []), "cut between records at %d: %r" % (n, ids))
        else:
            refused(cmd, data, [name] if n > len(first) else [], "cut at byte %d" % n)

    def flip(at, value):
        name, first, second = pair()
        bad = bytearray(second)
        bad[at] = value
        said = refused(cmd, first + bytes(bad), [name], "byte %d made %d" % (len(first) + at, value))
        need(len(first) <= said <= len(first) + len(second),
             "byte %d of the second record is bad, byte %d named" % (len(first) + at, said))

    number[0] = 100000  # names of one length, so that positions mean the same
    _, first, second = pair()
    boundary = len(first)
    for n in range(0, len(first) + len(second), step):
        jobs.append((cut, n))
    jobs.append((cut, boundary))
    head = second.index(b"\n\n") + 2
    for at in range(0, head, step):
        jobs.append((flip, at, 0x01))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(*j) for j in jobs]:
            done.result()


def check_garbage(cmd, _):
    first = plain("garbage-1")
    for bad in [b"mail 2 0\n\n", b"mail 1 01\n\nx", b"mail 1 -1\n\n", b"mail 1 0 \n\n",
                b"mail 1 99999999999\n\n", b"mail 1 0\nId: x\n\n", b"mail 1 0\nid x\n\n",
                b"mail 1 0\nid:x\n\n", b"mail 1 0\n: x\n\n", b"mail 1 0\n1d: x\n\n",
                b"mail 1 0\nid: a\rb\n\n", b"mail 1 0\nid: \xff\n\n", b"mail 1 0\nid: \xc2\x85\n\n",
                b"mail 1 0\n" + b"x" * 65 + b": a\n\n",
                *([] if os.environ.get("CONTRACT_SHELL") else [b"mail 1 0\nid: a\x00\n\n"]),
                b"mail 1 0\nx: " + b"y" * 65536 + b"\n\n", b"\n", b"From x\n"]:
        at = refused(cmd, first + bad, ["garbage-1"], repr(bad[:40]))
        need(at >= len(first), "%r: byte %d is of the first record" % (bad[:40], at))


def check_full(cmd, _):
    with open("/dev/full", "wb") as full:
        rc, _, err = run(cmd, plain("full-1") + plain("full-2"), stdout=full)
    need(rc == 75, "exit %d, expected 75\n%s" % (rc, err))
    need("level=error" in err and "standard output" in err, "no error line: %s" % err)


def main():
    at = sys.argv.index("--")
    options, cmd = sys.argv[1:at], sys.argv[at + 1:]
    n = int(options[2]) if len(options) > 2 else 300
    try:
        globals()["check_" + options[0]](cmd, n)
    except Broken as e:
        print(e)
        sys.exit(1)


main()
