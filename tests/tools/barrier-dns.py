#!/usr/bin/python3
"""barrier-dns.py N: a DNS server on a free UDP port of 127.0.0.1 (printed first) that
answers no question of a phase before N of that phase are waiting.  Phase 1: TXT of
dI.example, an SPF record; phase 2: A of hI.example.  Anything else is NXDOMAIN at
once.  Prints "phase P: N waited together" as each is let go."""
import socket
import struct
import sys

n = int(sys.argv[1])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)

waiting = {1: {}, 2: {}}
gone = {1: False, 2: False}


def name_of(q):
    at, labels = 12, []
    while q[at]:
        labels.append(q[at + 1:at + 1 + q[at]].decode("latin-1").lower())
        at += q[at] + 1
    return ".".join(labels), struct.unpack(">H", q[at + 1:at + 3])[0], at + 5


def reply(q, end, rcode, rdata, rtype):
    head = q[:2] + struct.pack(">HHHHH", 0x8580 | rcode, 1, bool(rdata), 0, 0)
    answer = b""
    if rdata:
        answer = b"\xc0\x0c" + struct.pack(">HHIH", rtype, 1, 60, len(rdata)) + rdata
    return head + q[12:end] + answer


def answer(phase, q, name, end):
    if phase == 1:
        text = f"v=spf1 a:h{name[1:]} -all".encode()
        return reply(q, end, 0, bytes([len(text)]) + text, 16)
    return reply(q, end, 0, bytes([192, 0, 2, 1]), 1)


while True:
    q, peer = s.recvfrom(4096)
    name, qtype, end = name_of(q)
    phase = 1 if name[0] == "d" and qtype == 16 else 2 if name[0] == "h" and qtype == 1 else 0
    if not phase or not name[1:].removesuffix(".example").isdigit():
        s.sendto(reply(q, end, 3, b"", 0), peer)
        continue
    waiting[phase][name] = (q, peer, end)
    if len(waiting[phase]) < n:
        continue
    if not gone[phase]:
        gone[phase] = True
        print(f"phase {phase}: {n} waited together", flush=True)
    for other, (q, peer, end) in list(waiting[phase].items()):
        if q:
            s.sendto(answer(phase, q, other, end), peer)
            waiting[phase][other] = (b"", peer, end)
