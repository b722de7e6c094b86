#!/usr/bin/env python3
"""policy-bench.py DIR [RECORDS]: what tests/bench/policy.sh measures.

Makes DIR/stream, envelopes alone; DIR/site with the policy "large": 20 statements of
10 conditions that all hold but the last, so that each decision looks at every one of
the 200; and its address list of 100,000 entries."""
import json
import os
import random
import sys

STATEMENTS, ENTRIES = 20, 100000


def string(operator, value):
    return {
        "StringExpression": {
            "Evaluate": {"Attribute": "RECIPIENT"},
            "Operator": operator,
            "Values": [value],
        }
    }


def network(operator, cidr):
    return {
        "IpExpression": {
            "Evaluate": {"Attribute": "SENDER_IP"},
            "Operator": operator,
            "Values": [cidr],
        }
    }


def listed(word):
    return {
        "BooleanExpression": {
            "Evaluate": {
                "IsInAddressList": {
                    "Attribute": "RECIPIENT",
                    "AddressLists": [
                        "arn:aws:ses:eu-west-1:123456789012:mailmanager-address-list/many"
                    ],
                }
            },
            "Operator": word,
        }
    }


TLS = {
    "TlsExpression": {
        "Evaluate": {"Attribute": "TLS_PROTOCOL"},
        "Operator": "MINIMUM_TLS_VERSION",
        "Value": "TLS1_2",
    }
}


def statement(n):
    conditions = [network("NOT_CIDR_MATCHES", f"10.{n}.{i}.0/24") for i in range(3)]
    conditions += [string("NOT_EQUALS", f"nobody{n}.{i}@nutrition.example") for i in range(3)]
    conditions += [TLS, string("ENDS_WITH", ".example"), listed("IS_FALSE")]
    conditions.append(string("STARTS_WITH", f"never{n}-"))
    return {"Action": "DENY", "Conditions": conditions}


def write_site(directory):
    for kind in "traffic-policies", "address-lists":
        os.makedirs(f"{directory}/{kind}")
    with open(f"{directory}/traffic-policies/large.json", "w") as f:
        json.dump(
            {
                "TrafficPolicyName": "large",
                "DefaultAction": "ALLOW",
                "PolicyStatements": [statement(n) for n in range(STATEMENTS)],
            },
            f,
        )
    with open(f"{directory}/address-lists/many", "w") as f:
        for n in range(ENTRIES):
            f.write(f"listed{n}@retired{n % 100}.example\n")


def write_stream(path, records):
    rng = random.Random(1)
    with open(path, "w") as f:
        for n in range(records):
            f.write(
                f"mail 1 0\nid: bench{n}\nreceived: 2026-11-22T10:00:00.123Z\n"
                f"client-ip: 192.0.2.{rng.randrange(256)}\nhelo: mx{n % 100}.example.org\n"
                "protocol: ESMTPS\ntls: TLSv1.3\n"
                f"mail-from: <alice{n}@example.org>\n"
                f"rcpt-to: <bob{rng.randrange(10000)}@nutrition.example>\n\n"
            )


write_site(sys.argv[1] + "/site")
write_stream(sys.argv[1] + "/stream", int(sys.argv[2]) if len(sys.argv) > 2 else 200000)
