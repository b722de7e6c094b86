#!/usr/bin/env python3
"""dmarc_oracle.py MODE SEED COUNT DIR: messages whose SPF and DKIM results are given, and
what DMARC makes of them by a plain reading of RFC 9989 (MODE rfc9989) or RFC 7489.

Writes DIR/zone (for $MM_ZONE), DIR/stream and DIR/expected, a line "ID FIELD" a
message."""
import random
import sys

mode, seed, count, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
rnd = random.Random(seed)
POLICIES = ["none", "quarantine", "reject"]
UNICODE = {"xn--bcher-kva": "b\u00fccher"}


def name(deep=False):
    labels = [rnd.choice(["a", "b", "c", "xn--bcher-kva"])
              for _ in range(rnd.randrange(0, 11 if deep else 4))]
    return ".".join(labels + [rnd.choice(["x", "y"])] + rnd.choice([["example"], ["co", "uk"]]))


def make_record():
    tags = []
    if rnd.random() < 0.9:
        tags.append(("p", rnd.choice(POLICIES + ["REJECT"]) if rnd.random() < 0.93 else "wrong"))
    if rnd.random() < 0.4:
        tags.append(("sp", rnd.choice(POLICIES) if rnd.random() < 0.93 else "x"))
    if rnd.random() < 0.3:
        tags.append(("np", rnd.choice(POLICIES)))
    if rnd.random() < 0.25:
        tags.append(("psd", rnd.choice(["y", "n", "u", "z"])))
    if rnd.random() < 0.2:
        tags.append(("t", rnd.choice(["y", "n"])))
    for tag in ("adkim", "aspf"):
        if rnd.random() < 0.25:
            tags.append((tag, rnd.choice(["r", "s"])))
    if rnd.random() < 0.3:
        tags.append(("pct", rnd.choice(["0", "100"])))
    if rnd.random() < 0.3:
        tags.append(("rua", rnd.choice(["mailto:r@example.net", "https://example.net/"])))
    rnd.shuffle(tags)
    sep, eq = rnd.choice([";", "; ", " ; "]), rnd.choice(["=", "=", " = "])
    version = ("v", "DMARC1" if rnd.random() < 0.95 else "DMARC2")
    return sep.join(k + eq + v for k, v in [version] + tags) + rnd.choice(["", ";"])


zone = {}  # name -> list of texts
hosts = set()
for _ in range(60):
    where = name(rnd.random() < 0.3) if rnd.random() < 0.8 else \
        rnd.choice(["example", "co.uk", "uk", "x.example", "y.co.uk"])
    zone[where] = [make_record() for _ in range(2 if rnd.random() < 0.07 else 1)]
for _ in range(40):
    hosts.add(name())


def parse(text):
    """The tags of a policy record that counts, or None."""
    tags = {}
    for part in text.strip().rstrip(";").split(";"):
        key, value = (s.strip() for s in part.split("=", 1))
        tags[key] = value
    if tags.get("v") != "DMARC1":
        return None
    valid = all(tags[k].lower() in POLICIES for k in ("p", "sp", "np") if k in tags)
    report = tags.get("rua", "").startswith("mailto:")
    if mode == "rfc7489" and "p" not in tags:
        valid = False
    if not valid:
        if not report:
            return None
        tags = {k: v for k, v in tags.items() if k not in ("p", "sp", "np")}
    tags["p"] = tags.get("p", "none").lower()
    return tags


def fetch(domain):
    found = [t for t in zone.get(domain, []) if t.replace(" ", "").startswith("v=DMARC1")]
    return parse(found[0]) if len(found) == 1 else None


def walk(domain):
    """Section 4.10: names that have a record, from the longest."""
    labels = domain.split(".")
    queried, found = 0, []
    while labels:
        queried += 1
        record = fetch(".".join(labels))
        if record:
            found.append((".".join(labels), record))
            if record.get("psd") in ("y", "n"):
                break
        labels = labels[1:] if len(labels) < 8 else labels[-7:]
    assert queried <= 8
    return found


def organization(domain):
    if mode == "rfc7489":
        keep = 3 if domain.endswith(".co.uk") else 2
        return ".".join(domain.split(".")[-keep:])
    found = walk(domain)
    for where, record in found:
        if record.get("psd") == "n":
            return where
        if record.get("psd") == "y" and where != domain:
            return ".".join(domain.split(".")[-len(where.split(".")) - 1:])
    return found[-1][0] if found else domain


def exists(domain):
    owners = ["_dmarc." + z for z in zone] + list(hosts)
    return any(o == domain or o.endswith("." + domain) for o in owners)


def policy(author):
    """The record and the word of it that is for this author."""
    record = fetch(author)
    if record:
        return record, record["p"]
    org = organization(author)
    if mode == "rfc7489":
        record = fetch(org)
        return (record, record.get("sp", record["p"]).lower()) if record else (None, None)
    found = walk(author)
    record = dict(found).get(org)
    if not record:
        record = next((r for _, r in found if r.get("psd") == "y"), None)
    if not record:
        return None, None
    inherited = record.get("sp", record["p"])
    if not exists(author):
        inherited = record.get("np", inherited)
    return record, inherited.lower()


def aligned(author, domain, strict):
    if author == domain:
        return True
    return not strict and organization(author) == organization(domain)


def evaluate(author, spf, dkim):
    record, wanted = policy(author)
    if not record:
        return f"none d={author}"
    passed = [aligned(author, d, record.get("aspf", "r").lower() == "s")
              for r, d in [spf] if r == "pass"]
    passed += [aligned(author, d, record.get("adkim", "r").lower() == "s")
               for r, d in dkim if r == "pass"]
    if any(passed):
        return f"pass d={author} policy={wanted}"
    degree = POLICIES.index(wanted)
    milder = record.get("pct") == "0" if mode == "rfc7489" else record.get("t") == "y"
    applied = POLICIES[max(0, degree - 1)] if milder else wanted
    return f"fail d={author} policy={wanted} applied={applied}"


def shown(domain):
    """The same name as a record or a header may write it."""
    labels = [UNICODE.get(x, x) if rnd.random() < 0.5 else x for x in domain.split(".")]
    text = ".".join(labels)
    return text.upper() if rnd.random() < 0.2 else text


def near(author):
    labels = author.split(".")
    kind = rnd.random()
    if kind < 0.25:
        return author
    if kind < 0.5:
        return ".".join(labels[rnd.randrange(0, max(1, len(labels) - 1)):])
    if kind < 0.75:
        return rnd.choice(["a", "b"]) + "." + author
    return name()


with open(out + "/zone", "w") as f:
    for where, texts in zone.items():
        for text in texts:
            f.write(f'_dmarc.{where}. TXT "{text}"\n')
    for host in hosts:
        f.write(f"{host}. A 192.0.2.1\n")
with open(out + "/stream", "wb") as stream, open(out + "/expected", "w") as expected:
    for i in range(count):
        author = rnd.choice(list(zone)) if rnd.random() < 0.3 else name(rnd.random() < 0.4)
        results = ["pass", "pass", "fail", "softfail", "none", "neutral", "permerror"]
        spf = (rnd.choice(results), near(author))
        dkim = [(rnd.choice(["pass", "fail", "neutral"]), near(author))
                for _ in range(rnd.randrange(0, 3))]
        body = f"From: <someone@{shown(author)}>\r\nSubject: {i}\r\n\r\nhi\r\n".encode()
        head = f"mail 1 {len(body)}\nid: m{i}\nspf: {spf[0]} domain={shown(spf[1])}\n"
        for result, domain in dkim:
            head += f"dkim: {result} d={shown(domain)} s=s\n"
        if not dkim:
            head += "dkim: none\n"
        if rnd.random() < 0.5:
            head += "client-ip: 192.0.2.7\nclient-name: mx.example.net\n"
        stream.write(head.encode() + b"\n" + body)
        expected.write(f"m{i} {evaluate(author, spf, dkim)}\n")
