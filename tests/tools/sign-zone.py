#!/usr/bin/env python3
"""sign-zone.py ZONE OUT ANCHOR: signs a zone file whose origin is the root.

Writes the signed zone with an NSEC chain, and its key's DS record, to be trusted.
A line of the zone that is "; bogus NAME TYPE" spoils that record's signature.
Needs python3-dnspython.
"""
import sys
import time

import dns.dnssec
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

IN = dns.rdataclass.IN
ROOT = dns.name.root


def spoiled(text):
    words = [line.split() for line in text.splitlines()]
    return {(dns.name.from_text(w[2]), dns.rdatatype.from_text(w[3])) for w in words if w[:2] == [";", "bogus"]}


def nsec(following, types):
    words = " ".join(dns.rdatatype.to_text(t) for t in sorted(types))
    return dns.rdata.from_text(IN, dns.rdatatype.NSEC, "%s %s" % (following.to_text(), words))


def main():
    with open(sys.argv[1]) as f:
        text = f.read()
    bogus = spoiled(text)
    zone = dns.zone.from_text(text, origin=".", relativize=False, check_origin=False)
    key = ec.generate_private_key(ec.SECP256R1())
    dnskey = dns.dnssec.make_dnskey(key.public_key(), dns.dnssec.Algorithm.ECDSAP256SHA256, flags=257)
    zone.find_rdataset(ROOT, dns.rdatatype.DNSKEY, create=True).add(dnskey, 300)
    now = int(time.time())
    out = []

    def add(rrset):
        rrsig = dns.dnssec.sign(rrset, key, ROOT, dnskey, inception=now - 3600, expiration=now + 86400)
        if (rrset.name, rrset.rdtype) in bogus:
            rrsig = rrsig.replace(signature=bytes([rrsig.signature[0] ^ 1]) + rrsig.signature[1:])
        out.append(rrset.to_text())
        out.append(dns.rrset.from_rdata(rrset.name, rrset.ttl, rrsig).to_text())

    names = sorted(zone.nodes)
    for i, name in enumerate(names):
        types = {dns.rdatatype.NSEC, dns.rdatatype.RRSIG}
        for rds in zone.nodes[name]:
            types.add(rds.rdtype)
            add(dns.rrset.from_rdata_list(name, rds.ttl, list(rds)))
        add(dns.rrset.from_rdata(name, 300, nsec(names[(i + 1) % len(names)], types)))
    with open(sys.argv[2], "w") as f:
        f.write("\n".join(out) + "\n")
    with open(sys.argv[3], "w") as f:
        f.write(". IN DS %s\n" % dns.dnssec.make_ds(ROOT, dnskey, "SHA256").to_text())


main()
