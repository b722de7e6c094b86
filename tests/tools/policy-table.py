#!/usr/bin/python3
"""Every operator and attribute of a traffic policy, and every limit at its edge.

  policy-table.py decide DIR    for each row "NAME<tab>EXPECTED": a policy in
                                DIR/N.json and a record in DIR/N.mail
  policy-table.py limits DIR    likewise DIR/N.json, EXPECTED ok, bad or warning
"""
import json
import sys

RCPT = {"Attribute": "RECIPIENT"}
LISTED = {"Analysis": {"Analyzer": "bl", "ResultField": "addon.listed"}}
COUNTRY = {"Analysis": {"Analyzer": "geo", "ResultField": "country of origin"}}
IN_LIST = {"IsInAddressList": {"Attribute": "RECIPIENT", "AddressLists": ["vips"]}}
FROM_LIST = {"IsInAddressList": {"Attribute": "SENDER", "AddressLists": ["vips"]}}


def text(evaluate, operator, *values):
    return {"StringExpression": {"Evaluate": evaluate, "Operator": operator,
                                 "Values": list(values)}}


def net(kind, operator, *values):
    attribute = "SENDER_IPV6" if kind == "Ipv6" else "SENDER_IP"
    return {kind + "Expression": {"Evaluate": {"Attribute": attribute},
                                  "Operator": operator, "Values": list(values)}}


def tls(operator, value):
    return {"TlsExpression": {"Evaluate": {"Attribute": "TLS_PROTOCOL"},
                              "Operator": operator, "Value": value}}


def yes(evaluate, operator):
    return {"BooleanExpression": {"Evaluate": evaluate, "Operator": operator}}


def policy(*statements, name="test", default="DENY", **more):
    return dict({"TrafficPolicyName": name, "DefaultAction": default,
                 "PolicyStatements": list(statements)}, **more)


def statement(*conditions, action="ALLOW"):
    return {"Action": action, "Conditions": list(conditions)}


def decisions():
    def string_rows(evaluate, field):
        value = "" if evaluate is RCPT else "analysis: geo country_of_origin "
        def line(s):
            return "rcpt-to: <%s>" % s if evaluate is RCPT else value + s
        for operator, args, given, holds in [
                ("EQUALS", ["bob@x.example"], "bob@x.example", True),
                ("EQUALS", ["bob@x.example"], "bob@x.example.org", False),
                ("EQUALS", ["eve@x", "bob@x.example"], "BOB@X.example", True),
                ("EQUALS", ["bob@x.example"], "bob+tag@x.example", False),
                ("NOT_EQUALS", ["bob@x.example"], "bob@x.example", False),
                ("NOT_EQUALS", ["eve@x", "bob@x.example"], "bob@x.example", False),
                ("NOT_EQUALS", ["eve@x", "joe@x"], "bob@x.example", True),
                ("STARTS_WITH", ["bob@"], "bob@x.example", True),
                ("STARTS_WITH", ["ob@"], "bob@x.example", False),
                ("STARTS_WITH", ["eve", "bob"], "bob@x.example", True),
                ("ENDS_WITH", ["@x.example"], "bob@x.example", True),
                ("ENDS_WITH", ["@x.exampl"], "bob@x.example", False),
                ("ENDS_WITH", ["@y", ".EXAMPLE"], "bob@x.example", True),
                ("CONTAINS", ["@x."], "bob@x.example", True),
                ("CONTAINS", ["@y."], "bob@x.example", False),
                ("CONTAINS", ["@y.", "b@x"], "bob@x.example", True),
                ("CONTAINS", ["ü@"], "jü@x.example", True)]:
            yield "%s %s %s on %s" % (field, operator, args, given), text(
                evaluate, operator, *args), [line(given)], holds
    yield from string_rows(RCPT, "RECIPIENT")
    yield from string_rows(COUNTRY, "Analysis")
    for operator in "EQUALS", "NOT_EQUALS", "STARTS_WITH", "ENDS_WITH", "CONTAINS":
        yield "Analysis %s without one" % operator, text(COUNTRY, operator, "DE"), [], \
            operator == "NOT_EQUALS"

    for operator, args, given, holds in [
            ("CIDR_MATCHES", ["192.0.2.0/24"], "192.0.2.0", True),
            ("CIDR_MATCHES", ["192.0.2.0/24"], "192.0.2.255", True),
            ("CIDR_MATCHES", ["192.0.2.0/24"], "192.0.3.0", False),
            ("CIDR_MATCHES", ["192.0.2.7/32"], "192.0.2.7", True),
            ("CIDR_MATCHES", ["192.0.2.7/32"], "192.0.2.6", False),
            ("CIDR_MATCHES", ["0.0.0.0/0"], "255.255.255.255", True),
            ("CIDR_MATCHES", ["198.51.100.0/24", "192.0.2.128/25"], "192.0.2.129", True),
            ("CIDR_MATCHES", ["192.0.2.0/24"], "::ffff:192.0.2.9", True),
            ("CIDR_MATCHES", ["0.0.0.0/0"], "2001:db8::1", False),
            ("CIDR_MATCHES", ["0.0.0.0/0"], None, False),
            ("NOT_CIDR_MATCHES", ["192.0.2.0/24"], "192.0.2.1", False),
            ("NOT_CIDR_MATCHES", ["192.0.2.0/24"], "192.0.3.1", True),
            ("NOT_CIDR_MATCHES", ["198.51.100.0/24", "192.0.2.0/24"], "192.0.2.1", False)]:
        yield "SENDER_IP %s %s on %s" % (operator, args, given), net(
            "Ip", operator, *args), ["client-ip: " + given] if given else [], holds
    for operator, args, given, holds in [
            ("CIDR_MATCHES", ["2001:db8::/32"], "2001:db8:ffff::1", True),
            ("CIDR_MATCHES", ["2001:db8::/32"], "2001:db9::1", False),
            ("CIDR_MATCHES", ["2001:db8::1/128"], "2001:DB8:0:0:0:0:0:1", True),
            ("CIDR_MATCHES", ["::/0"], "2001:db8::1", True),
            ("CIDR_MATCHES", ["::/0"], "192.0.2.1", False),
            ("CIDR_MATCHES", ["2001:db9::/32", "2001:db8::/33"], "2001:db8:7fff::", True),
            ("NOT_CIDR_MATCHES", ["2001:db8::/32"], "2001:db8::1", False),
            ("NOT_CIDR_MATCHES", ["2001:db8::/32"], "2001:db9::1", True)]:
        yield "SENDER_IPV6 %s %s on %s" % (operator, args, given), net(
            "Ipv6", operator, *args), ["client-ip: " + given], holds

    for operator, value, given, holds in [
            ("MINIMUM_TLS_VERSION", "TLS1_2", "TLSv1.1", False),
            ("MINIMUM_TLS_VERSION", "TLS1_2", "TLSv1.2", True),
            ("MINIMUM_TLS_VERSION", "TLS1_2", "TLSv1.3", True),
            ("MINIMUM_TLS_VERSION", "TLS1_3", "TLSv1.2", False),
            ("MINIMUM_TLS_VERSION", "TLS1_3", "TLSv1.3", True),
            ("MINIMUM_TLS_VERSION", "TLS1_2", None, False),
            ("IS", "TLS1_2", "TLSv1.2", True),
            ("IS", "TLS1_2", "TLSv1.3", False),
            ("IS", "TLS1_3", "TLSv1.3", True),
            ("IS", "TLS1_3", "TLSv1.2", False),
            ("IS", "TLS1_3", None, False)]:
        yield "TLS %s %s on %s" % (operator, value, given), tls(operator, value), [
            "tls: " + given] if given else [], holds

    for operator in "IS_TRUE", "IS_FALSE":
        true = operator == "IS_TRUE"
        for word in "TRUE", "true", "YES", "1", "PASS":
            yield "Analysis %s on %s" % (operator, word), yes(LISTED, operator), [
                "analysis: bl addon.listed " + word], true
        for word in "FALSE", "NO", "0", "FAIL":
            yield "Analysis %s on %s" % (operator, word), yes(LISTED, operator), [
                "analysis: bl addon.listed " + word], not true
        yield "Analysis %s on another field" % operator, yes(LISTED, operator), [
            "analysis: bl other TRUE"], False
        for rcpt, there in ("vip@y.example", True), ("VIP@Y.EXAMPLE", True), \
                ("anna@x.example", True), ("info-sales@z.example", True), \
                ("a@sub.w.example", True), ("a@w.example", False), ("eve@y.example", False):
            yield "IsInAddressList %s of %s" % (operator, rcpt), yes(IN_LIST, operator), [
                "rcpt-to: <%s>" % rcpt], there == true
            yield "IsInAddressList %s of sender %s" % (operator, rcpt), yes(FROM_LIST, operator), [
                "mail-from: <%s>" % rcpt], there == true
        yield "IsInAddressList %s of the null sender" % operator, yes(FROM_LIST, operator), [
            "mail-from: <>"], not true


def write_decisions(where):
    for i, (name, condition, fields, holds) in enumerate(decisions()):
        with open("%s/%d.json" % (where, i), "w") as f:
            json.dump(policy(statement(condition)), f)
        if not any(line.startswith("rcpt-to") for line in fields):
            fields = fields + ["rcpt-to: <joe@q.example>"]
        with open("%s/%d.mail" % (where, i), "wb") as f:
            f.write(("mail 1 0\nid: r\n" + "\n".join(fields) + "\n\n").encode())
        print("%s\t%s" % (name, "allow" if holds else "deny"))


def limits():
    ok = statement(text(RCPT, "EQUALS", "a@b"))
    def one(condition):
        return policy(statement(condition))
    def analysis(**changes):
        return one(text({"Analysis": dict({"Analyzer": "bl", "ResultField": "f"},
                                          **changes)}, "EQUALS", "x"))
    for n, good in (2, False), (3, True), (63, True), (64, False):
        yield "TrafficPolicyName of %d" % n, policy(ok, name="n" * n), good
    yield "TrafficPolicyName, characters", policy(ok, name="Az0_-"), True
    yield "TrafficPolicyName, a dot", policy(ok, name="a.bc"), False
    for n, good in (0, True), (1, True), (20, True), (21, None):
        rows = [statement(text(RCPT, "EQUALS", "a%d@b" % i)) for i in range(n)]
        yield "%d statements" % n, policy(*rows), good
    for n, good in (0, False), (1, True), (10, True), (11, None):
        rows = [text(RCPT, "CONTAINS", "abcdefghijkl"[i]) for i in range(n)]
        yield "%d conditions" % n, policy(statement(*rows)), good
    for n, good in (-1, False), (0, False), (1, True), (10 ** 9, True), ("1", False), (1.5, False):
        yield "MaxMessageSizeBytes %r" % n, policy(ok, MaxMessageSizeBytes=n), good
    for cidr, good in ("192.0.2.0/0", True), ("192.0.2.0/32", True), ("192.0.2.0/33", False), \
            ("192.0.2.0", False), ("192.0.2.256/24", False), ("192.0.2/24", False), \
            ("2001:db8::/32", False), ("", False):
        yield "Ipv4Cidr %r" % cidr, one(net("Ip", "CIDR_MATCHES", cidr)), good
    for cidr, good in ("2001:db8::/0", True), ("2001:db8::/128", True), \
            ("2001:db8::/129", False), ("2001:db8::", False), ("192.0.2.0/24", False), \
            ("::ffff:192.0.2.1/128", False), \
            ("2001:0db8:0000:0000:0000:0000:0000:0001/128", True), \
            ("2001:0db8:0000:0000:0000:0000:0000:0001:0001/128", False):
        yield "Ipv6Cidr %r" % cidr, one(net("Ipv6", "CIDR_MATCHES", cidr)), good
    for n, good in (0, False), (1, True), (256, True), (257, False):
        yield "ResultField of %d" % n, analysis(ResultField="f" * n), good
    for field, good in ("addon.f", True), ("addon.", False), ("other.f", False), ("a b_1", True):
        yield "ResultField %r" % field, analysis(ResultField=field), good
    for name, good in ("a:_/+=,@.#-0", True), ("a b", False), ("", False):
        yield "Analyzer %r" % name, analysis(Analyzer=name), good
    for n, good in (0, False), (1, True), (2, False):
        yield "%d address lists" % n, one(yes({"IsInAddressList": {
            "Attribute": "RECIPIENT", "AddressLists": ["vips"] * n}}, "IS_TRUE")), good
    for action, good in ("ALLOW", True), ("DENY", True), ("allow", False), ("PERMIT", False):
        yield "Action %s" % action, policy(dict(ok, Action=action)), good
        yield "DefaultAction %s" % action, policy(ok, default=action), good
    for operator in "EQUALS", "IS", "CIDR_MATCHES", "IS_TRUE", "MATCHES":
        yield "StringExpression %s" % operator, one(text(RCPT, operator, "a@b")), \
            operator == "EQUALS"
        yield "IpExpression %s" % operator, one(net("Ip", operator, "192.0.2.0/24")), \
            operator == "CIDR_MATCHES"
        yield "TlsExpression %s" % operator, one(tls(operator, "TLS1_2")), operator == "IS"
        yield "BooleanExpression %s" % operator, one(yes(LISTED, operator)), \
            operator == "IS_TRUE"
    for value, good in ("TLS1_2", True), ("TLS1_3", True), ("TLS1_1", False):
        yield "TlsExpression %s" % value, one(tls("IS", value)), good
    for attribute in "SENDER", "MAIL_FROM", "SUBJECT":
        yield "Attribute %s" % attribute, one(text({"Attribute": attribute}, "EQUALS", "a")), \
            False
    yield "two expressions in one condition", one(dict(
        text(RCPT, "EQUALS", "a"), **tls("IS", "TLS1_2"))), False
    yield "no expression in a condition", one({}), False
    yield "Tags, 200", policy(ok, Tags=[{"Key": "k%d" % i, "Value": ""}
                                        for i in range(200)]), True
    yield "Tags, 201", policy(ok, Tags=[{"Key": "k%d" % i, "Value": ""}
                                        for i in range(201)]), False


def write_limits(where):
    for i, (name, document, good) in enumerate(limits()):
        with open("%s/%d.json" % (where, i), "w") as f:
            json.dump(document, f)
        print("%s\t%s" % (name, {True: "ok", False: "bad", None: "warning"}[good]))


{"decide": write_decisions, "limits": write_limits}[sys.argv[1]](sys.argv[2])
