#!/usr/bin/env python3
"""rules-bench.py DIR N [CORPUS]: for tests/bench/rules.sh: in DIR a site with the rule set
"large", 39 rules of 10 conditions of which the last alone does not hold and one for all; a stream of N
messages; the same rules for Sieve, 20 times, large.sieve, and one that does nothing, empty.sieve;
and some of the messages as files, mail/N.eml.  With CORPUS, a folder of *.txt or *.eml, the
file corpus: a stream of N of those messages, each as often as that takes."""
import glob
import json
import os
import sys

directory, count = sys.argv[1], int(sys.argv[2])
RULES, FILES, COPIES = 39, 100, 20


def string(attribute, operator, *values):
    member = "MimeHeaderAttribute" if attribute.startswith("X-") else "Attribute"
    return {"StringExpression": {"Evaluate": {member: attribute}, "Operator": operator, "Values": list(values)}}


# Each with what says the same in Sieve.
HOLDING = [
    (string("SUBJECT", "CONTAINS", "order", "delivery"), 'header :contains "Subject" ["order", "delivery"]'),
    (string("FROM", "ENDS_WITH", "@warehouse.example"), 'address :matches "From" "*@warehouse.example"'),
    (string("TO", "CONTAINS", "example.org"), 'address :contains "To" "example.org"'),
    (string("CC", "STARTS_WITH", "audit"), 'address :matches "Cc" "audit*"'),
    (string("MAIL_FROM", "ENDS_WITH", ".example"), 'envelope :matches "from" "*.example"'),
    (string("RECIPIENT", "ENDS_WITH", "@example.org"), 'envelope :matches "to" "*@example.org"'),
    (string("X-Priority", "EQUALS", "3"), 'header :is "X-Priority" "3"'),
    (string("X-Mailer", "CONTAINS", "Mail"), 'header :contains "X-Mailer" "Mail"'),
    ({"NumberExpression": {"Evaluate": {"Attribute": "MESSAGE_SIZE"}, "Operator": "LESS_THAN", "Value": 1000000}},
     "size :under 1000000"),
]


def rules():
    out = []
    for i in range(RULES):
        last = string("SUBJECT", "STARTS_WITH", f"[nothing-{i}]")
        out.append({"Name": f"rule-{i}", "Conditions": [c for c, _ in HOLDING] + [last],
                    "Actions": [{"AddHeader": {"HeaderName": "X-Rule", "HeaderValue": str(i)}}]})
    return out + [{"Name": "rest", "Actions": [{"Drop": {}}]}]


def sieve():
    tests = ",\n  ".join(s for _, s in HOLDING)
    return 'require ["envelope"];\n' + "".join(
        f'if allof({tests},\n  header :matches "Subject" "[nothing-{i}]*") {{ discard; }}\n' for i in range(RULES)) * COPIES + "discard;\n"


def message(i):
    received = "".join(f"Received: from mx{k}.warehouse.example (mx{k}.warehouse.example [192.0.2.{k}])\r\n"
                       f"\tby mx.example.org with ESMTPS id {i:08x}; Sun, 22 Nov 2026 10:00:0{k} +0000\r\n" for k in range(4))
    return (received + f"From: \"Warehouse {i % 50}\" <orders{i % 97}@warehouse.example>\r\n"
            f"To: Bob <bob{i % 31}@example.org>, \"Carol, of Sales\" <carol@example.org>\r\n"
            "Cc: audit@example.org\r\n"
            f"Subject: =?utf-8?q?Your_order_{i}_f=C3=BCr?= delivery\r\n"
            "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
            f"Message-ID: <{i}@warehouse.example>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "X-Priority: 3\r\nX-Mailer: Warehouse Mail 1.0\r\n\r\n" + "A line of text.\r\n" * 40).encode()


os.makedirs(f"{directory}/site/rule-sets")
os.makedirs(f"{directory}/mail")
with open(f"{directory}/site/rule-sets/large.json", "w") as f:
    json.dump({"RuleSetName": "large", "Rules": rules()}, f)
with open(f"{directory}/large.sieve", "w") as f:
    f.write(sieve())
with open(f"{directory}/empty.sieve", "w") as f:
    f.write("discard;\n")
with open(f"{directory}/stream", "wb") as f:
    for i in range(count):
        body = message(i)
        if i < FILES:
            with open(f"{directory}/mail/{i}.eml", "wb") as m:
                m.write(body)
        f.write(f"mail 1 {len(body)}\nid: m{i}\nclient-ip: 192.0.2.{i % 250}\n"
                f"mail-from: <orders{i % 97}@warehouse.example>\nrcpt-to: <bob{i % 31}@example.org>\n\n".encode() + body)


def real_messages(folder):
    for name in sorted(glob.glob(f"{glob.escape(folder)}/**/*.[te][xm][tl]", recursive=True)):
        with open(name, "rb") as m:
            body = m.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        yield body.split(b"\n", 1)[1] if body.startswith(b"From ") else body


if len(sys.argv) > 3:
    messages = list(real_messages(sys.argv[3]))
    with open(f"{directory}/corpus", "wb") as f:
        for i in range(count if messages else 0):
            body = messages[i % len(messages)]
            f.write(f"mail 1 {len(body)}\nid: m{i}\nclient-ip: 192.0.2.{i % 250}\n"
                    f"mail-from: <orders{i % 97}@warehouse.example>\nrcpt-to: <bob{i % 31}@example.org>\n\n".encode() + body)
