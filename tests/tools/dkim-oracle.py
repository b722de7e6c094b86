#!/usr/bin/python3
"""dkim-oracle.py messages N SEED: a stream of N varied messages.
dkim-oracle.py verify ZONE <stream: by dkimpy; a line "ID dkim=D,D arc=A" a record.
dkim-oracle.py sign KEY SELECTOR DOMAIN <stream >stream: each record signed by dkimpy,
with a canonicalization that follows from its id.
dkim-oracle.py seal KEY SELECTOR DOMAIN AUTHSERV-ID <stream >stream: sealed by it.
ZONE has lines "NAME TXT"; KEY is a PEM RSA key."""
import random
import sys

import authres  # which dkim needs for sealing
import dkim

assert authres


def records(octets):
    at = 0
    while at < len(octets):
        head, _, _ = octets[at:].partition(b"\n\n")
        start = at + len(head) + 2
        n = int(head.split(b"\n")[0].split()[2])
        fields = [line.split(b": ", 1) for line in head.split(b"\n")[1:]]
        yield fields, octets[start:start + n]
        at = start + n


def write(fields, body):
    head = b"mail 1 %d\n" % len(body) + b"".join(b"%s: %s\n" % (n, v) for n, v in fields)
    sys.stdout.buffer.write(head + b"\n" + body)


def words(r, n):
    return b" ".join(bytes(r.choice(b"abcdefgh") for _ in range(r.randint(1, 9)))
                     for _ in range(n))


def header(r, i):
    fold = r.choice([b" ", b"\r\n ", b"\r\n\t", b"  \t ", b"\r\n    "])
    lines = [
        b"From:" + r.choice([b" ", b"", b"\t", fold]) + b"Alice <alice@example.org>",
        b"To: bob@nutrition.example," + fold + b"eve@nutrition.example",
        b"Subject: " + words(r, r.randint(0, 12)).replace(b" ", fold, 1),
        b"Date: Sun, 22 Nov 2026 10:00:00 +0000",
        b"Message-ID: <%d@example.org>" % i]
    more = [
        b"MIME-Version: 1.0", b"Content-Type: text/plain;" + fold + b"charset=utf-8",
        b"X-8bit: k\xc3\xa4se \xe9", b"X-Empty:", b"X-Spaces: a \t  b\t ",
        b"Received: from a by b;" + fold + b"x", b"Received: from c by d; y",
        b"List-Id: <l.example.org>", b"Content-Transfer-Encoding: 8bit"]
    chosen = [f for f in more if r.random() < 0.6]
    r.shuffle(chosen)
    cut = r.randint(0, len(chosen))
    return b"\r\n".join(chosen[:cut] + lines + chosen[cut:]) + b"\r\n"


def body(r):
    kind = r.randint(0, 9)
    if kind == 0:
        return b""  # not even the empty line
    if kind == 1:
        return b"\r\n"
    if kind == 2:
        return b"\r\n" + b"\r\n" * r.randint(1, 4)
    if kind == 3:
        return b"\r\n \t\r\n  \r\n"
    lines = []
    for _ in range(r.randint(1, 60)):
        line = words(r, r.randint(0, 12))
        if r.random() < 0.2:
            line = line.replace(b" ", r.choice([b"  ", b"\t", b" \t "]))
        if r.random() < 0.2:
            line += r.choice([b" ", b"\t", b"  "])
        if r.random() < 0.1:
            line = b"\xc3\xa4 \xff " + line
        lines.append(line)
    # A last line without an end is read in as many ways as there are programs.
    end = r.choice([b"\r\n", b"\r\n", b"\r\n\r\n\r\n", b" \r\n\t\r\n"])
    return b"\r\n" + b"\r\n".join(lines) + end


def messages(n, seed):
    r = random.Random(int(seed))
    for i in range(int(n)):
        write([(b"id", b"m%d" % i), (b"mail-from", b"<alice@example.org>")],
              header(r, i) + body(r))


def zone(path):
    names = {}
    for line in open(path, "rb"):
        name, _, text = line.rstrip(b"\n").partition(b" ")
        names[name] = text
    return lambda name, timeout=5: names.get(name.rstrip(b"."))


def verify(path):
    dns = zone(path)
    for fields, octets in records(sys.stdin.buffer.read()):
        n = sum(line.lower().startswith(b"dkim-signature:")
                for line in octets.split(b"\r\n\r\n")[0].split(b"\r\n"))
        found = []
        for i in range(n):
            try:
                found.append("pass" if dkim.DKIM(octets).verify(idx=i, dnsfunc=dns) else "fail")
            except dkim.DKIMException:
                found.append("error")
        chain = dkim.ARC(octets).verify(dnsfunc=dns)[0].decode()
        print(dict(fields)[b"id"].decode(), f"dkim={','.join(found)} arc={chain}")


def sign(key, selector, domain):
    pem = open(key, "rb").read()
    ways = [(a, b) for a in (b"simple", b"relaxed") for b in (b"simple", b"relaxed")]
    for i, (fields, octets) in enumerate(records(sys.stdin.buffer.read())):
        write(fields, dkim.sign(octets, selector.encode(), domain.encode(), pem,
                                canonicalize=ways[i % 4], length=i % 5 == 0) + octets)


def seal(key, selector, domain, authserv_id):
    pem = open(key, "rb").read()
    for fields, octets in records(sys.stdin.buffer.read()):
        octets = b"Authentication-Results: %s; none\r\n" % authserv_id.encode() + octets
        made = dkim.arc_sign(octets, selector.encode(), domain.encode(), pem,
                             authserv_id.encode())
        write(fields, b"".join(made) + octets)


{"messages": messages, "verify": verify, "sign": sign, "seal": seal}[sys.argv[1]](*sys.argv[2:])
