#!/usr/bin/env python3
"""queue-dsn.py STREAM: a line for each recipient in each delivery status
notification of a mail stream: the message that it is about, who is told, the
recipient, action, status and Remote-MTA.  Complains of one that is not well
formed, is sent with a reverse-path, or repeats an id.
"""

import email
import email.policy
import sys


def records(stream):
    while first := stream.readline():
        fields = []
        while (line := stream.readline()) != b"\n":
            fields.append(tuple(line.decode().rstrip("\n").split(": ", 1)))
        yield dict(fields), stream.read(int(first.split()[2]))


def report(fields, octets):
    m = email.message_from_bytes(octets, policy=email.policy.default)
    parts = list(m.iter_parts())
    if m.defects or any(p.defects for p in parts) or len(parts) != 3:
        print("not well formed:", fields["id"])
    if not fields["mail-from"].startswith("<>") or m["To"] != fields["rcpt-to"].strip("<>"):
        print("wrong envelope:", fields["mail-from"], fields["rcpt-to"], m["To"])
    for s in parts[1].get_payload()[1:]:
        print(fields["dsn-for"], fields["rcpt-to"], s["Final-Recipient"].split("; ")[1], s["Action"],
              s["Status"], s["Remote-MTA"])


seen = set()
for f, body in records(open(sys.argv[1], "rb")):
    if "dsn-for" in f and f["id"] not in seen:
        seen.add(f["id"])
        report(f, body)
