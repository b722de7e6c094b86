#!/usr/bin/python3
"""dkim-bench.py N: a stream of N messages of 10 KB, each another, to be signed."""
import random
import sys

r = random.Random(1)
words = ["".join(r.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(r.randint(2, 10)))
         for _ in range(2000)]
lines = []
while sum(map(len, lines)) < 9000:
    line = ""
    while len(line) < 66:
        line += r.choice(words) + " "
    lines.append(line.rstrip() + "\r\n")
text = "".join(lines)
received = "".join(
    f"Received: from mx{i}.example.org (mx{i}.example.org [192.0.2.{i}])\r\n\tby "
    f"relay{i}.example.org with ESMTPS id {i}ABCDEF;\r\n\tSun, 22 Nov 2026 10:00:0{i} +0000\r\n"
    for i in range(1, 5))
for i in range(int(sys.argv[1])):
    body = (f"{received}From: Alice Anderson <alice@example.org>\r\n"
            f"To: Bob Brown <bob{i}@nutrition.example>\r\nSubject: order {i}\r\n"
            f"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{i}@example.org>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            f"Content-Transfer-Encoding: 8bit\r\n\r\n{text}{i}\r\n").encode()
    sys.stdout.buffer.write(
        f"mail 1 {len(body)}\nid: m{i}\nclient-ip: 192.0.2.7\nclient-name: mx.example.org\n"
        "helo: mx.example.org\nmail-from: <alice@example.org>\n"
        f"rcpt-to: <bob{i}@nutrition.example>\n\n".encode() + body)
