#!/usr/bin/python3
"""slow-dns.py NAME=TEXT...: a DNS server on a free UDP port of 127.0.0.1 (printed first)
that has these TXT records, never answers for names that contain "slow", and else says
NXDOMAIN."""
import socket
import sys

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

zone = dict(a.split("=", 1) for a in sys.argv[1:])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True:
    query, peer = s.recvfrom(4096)
    question = dns.message.from_wire(query)
    name = question.question[0].name.to_text().lower()
    if "slow" in name:
        continue
    reply = dns.message.make_response(question)
    reply.flags |= dns.flags.AA | dns.flags.RA
    text = zone.get(name.rstrip("."))
    if text:
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", f'"{text}"'))
    else:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    s.sendto(reply.to_wire(), peer)
