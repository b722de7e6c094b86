#!/usr/bin/env python3
"""archive_queries.py COUNT [SEED]: queries for archive_oracle.py, one a line."""
import random
import sys

WORDS = """invoice order pallet warehouse nutrition apple cafe crème naive straße Überweisung
facade RESUME shipping urgent lunch zurich łódź señor 東京 請求 京 привет scan pdf hiddenstyle
hiddencomment p alice yamada muller example""".split()
PHRASES = ['"warehouse.example"', '"invoice order"', '"apple banana"', '"alice@example.org"', '"O\'Neil"',
           '"meeting lunch report"']


def leaf(r):
    kind = r.randrange(12)
    if kind < 5:
        field = r.choice(["", "", "", "subject:", "body:", "from:", "to:", "cc:", "attachment:"])
        word = r.choice(WORDS)
        if r.random() < 0.2 and ord(word[0]) < 0x3000:
            word = word[:r.randint(2, len(word)) if len(word) > 1 else 1] + "*"
        return field + word
    if kind == 5:
        return r.choice(["", "from:", "subject:", "body:"]) + r.choice(PHRASES)
    return r.choice([
        "has:attachment", "size:>1K", "size:<500", "since:2026-0%d" % r.randint(1, 9),
        "until:2026-%02d-%02d" % (r.randint(1, 11), r.randint(1, 28)),
        "date:2026-0%d..2026-10" % r.randint(1, 9), "date:2026-05-%02d" % r.randint(1, 28),
        "date:2026", "spf:fail", "spf:pass", "dkim:none", "dkim:pass", "ip:192.0.2.0/24",
        "ingress:partners", "mail-from:ALICE@", "rcpt:warehouse.example",
        "id:%d@example.org" % r.randint(0, 50)])


def query(r, depth):
    roll = r.random()
    if depth == 0 or roll < 0.35:
        return leaf(r)
    if roll < 0.5:
        return "-" + query(r, 0) if r.random() < 0.7 else "NOT (" + query(r, depth - 1) + ")"
    joint = r.choice([" ", " ", " OR ", " AND "])
    text = joint.join(query(r, depth - 1) for _ in range(r.randint(2, 3)))
    return "(" + text + ")" if r.random() < 0.6 else text


r = random.Random(sys.argv[2] if len(sys.argv) > 2 else "1")
for _ in range(int(sys.argv[1])):
    print(query(r, 3))
