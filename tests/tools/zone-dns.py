#!/usr/bin/env python3
"""zone-dns.py ZONE: a DNS server on a free UDP port of 127.0.0.1 (printed first) with
the records of a zone file whose origin is the root and which has an SOA record there.

Needs python3-dnspython.
"""
import socket
import sys

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone

with open(sys.argv[1]) as f:
    zone = dns.zone.from_text(f.read(), origin=".", relativize=False, check_origin=False)


def answer(query):
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.AA | dns.flags.RA
    name, kind = query.question[0].name, query.question[0].rdtype
    name = dns.name.from_text(name.to_text().lower())
    found = zone.get_rdataset(name, kind)
    if found:
        reply.answer.append(dns.rrset.from_rdata_list(query.question[0].name, found.ttl, list(found)))
        return reply
    if not any(n.is_subdomain(name) for n in zone.nodes):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    soa = zone.get_rdataset(dns.name.root, dns.rdatatype.SOA)
    reply.authority.append(dns.rrset.from_rdata_list(dns.name.root, soa.ttl, list(soa)))
    return reply


s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True:
    packet, peer = s.recvfrom(4096)
    s.sendto(answer(dns.message.from_wire(packet)).to_wire(), peer)
