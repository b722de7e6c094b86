#!/usr/bin/python3
"""list-dns.py LOG NAME=ADDR[,ADDR...]...: a DNS server on a free UDP port of 127.0.0.1
(printed first) that has these addresses, and for each name that has one a TXT record
"why NAME"; *.NAME stands for all below NAME.  It never answers for names that contain
"slow", says SERVFAIL for those with "broken", else NXDOMAIN with an SOA record that
lets it be kept for an hour.  Each question becomes a line TYPE NAME of LOG."""
import socket
import sys

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

zone = dict(a.split("=", 1) for a in sys.argv[2:])
log = open(sys.argv[1], "a", buffering=1)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)


def lookup(name):
    if name in zone:
        return zone[name]
    while "." in name:
        name = name.split(".", 1)[1]
        if "*." + name in zone:
            return zone["*." + name]
    return None


while True:
    query, peer = s.recvfrom(4096)
    question = dns.message.from_wire(query)
    name = question.question[0].name.to_text().lower()
    kind = dns.rdatatype.to_text(question.question[0].rdtype)
    log.write(f"{kind} {name.rstrip('.')}\n")
    if "slow" in name:
        continue
    reply = dns.message.make_response(question)
    reply.flags |= dns.flags.AA | dns.flags.RA
    found = lookup(name.rstrip("."))
    if "broken" in name:
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif found and kind == "A":
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "A", *found.split(",")))
    elif found and kind == "TXT":
        text = f'"why {name.rstrip(".")}"'
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", text))
    else:
        if not found:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        top = name.rstrip(".").split(".")[-1] + "."
        reply.authority.append(dns.rrset.from_text(
            top, 3600, "IN", "SOA", f"ns.{top} x.{top} 1 3600 600 86400 3600"))
    s.sendto(reply.to_wire(), peer)
