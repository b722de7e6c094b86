#!/usr/bin/python3
"""rule-table.py DIR: every attribute and operator of a rule set's conditions at every edge.

For each set N there are DIR/N.json, a rule set with a condition a rule; DIR/N.mail, a
record; and DIR/N.rows, a line "CONDITION: true" or false for each rule.  What a message
has in its attributes is written down below by hand; what holds follows from that here.
"""
import ipaddress
import itertools
import json
import sys

ADDRESSES = "MAIL_FROM", "RECIPIENT", "FROM", "TO", "CC", "SENDER"
PROBE = "nothing such"

# Header, the record's fields, and what the attributes have; the others have nothing.
MESSAGES = {
    "plain": ("From: Alice <Alice@example.org>\r\nTo: Bob <bob@a.example>\r\nCc: carol@c.example\r\n"
              "Sender: Desk <desk@example.org>\r\nSubject: Twelve sacks\r\nX-Tag: Here\r\n",
              ["mail-from: <alice@example.org> SIZE=100", "helo: mx.example.org"],
              {"MAIL_FROM": ["alice@example.org"], "HELO": ["mx.example.org"],
               "FROM": ["Alice@example.org"], "TO": ["bob@a.example"], "CC": ["carol@c.example"],
               "SENDER": ["desk@example.org"], "SUBJECT": ["Twelve sacks"], "X-Tag": ["Here"]}),
    "absent": ("Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n", ["mail-from: <>"], {"MAIL_FROM": [""]}),
    "empty": ("From:\r\nTo: \r\nCc:\t\r\nSender: \r\n \r\nSubject:\r\nX-Tag: \r\n",
              ["mail-from: <>", "helo: [192.0.2.7]"],
              {"MAIL_FROM": [""], "HELO": ["[192.0.2.7]"], "SUBJECT": [""], "X-Tag": [""]}),
    "several": ('To: "Doe, Jane" <jane@b.example>, bob@a.example ,\r\n (x@no.example) Carol\r\n'
                " <carol@c.example>\r\nFrom: a@a.example, b@b.example\r\nSubject: one\r\n"
                "Cc: dave@d.example\r\ncc: eve@e.example\r\nX-Tag: first\r\nx-tag: second\r\n"
                "SUBJECT: two\r\n", ["mail-from: <a@a.example>"],
                {"MAIL_FROM": ["a@a.example"],
                 "TO": ["jane@b.example", "bob@a.example", "carol@c.example"],
                 "FROM": ["a@a.example", "b@b.example"], "SUBJECT": ["one", "two"],
                 "CC": ["dave@d.example", "eve@e.example"], "X-Tag": ["first", "second"]}),
    "encoded": ("Subject: =?UTF-8?q?gr=C3=BCn_?= =?ISO-8859-1?b?5g==?= tea\r\n"
                "From: =?utf-8?B?SsO8cmdlbiA8eEBuby5leGFtcGxlPg==?= <j@example.org>\r\n"
                "X-Tag: a =?us-ascii*en?Q?b_c?= =?utf-8?q?broken\r\n", [],
                {"SUBJECT": ["grün æ tea"], "FROM": ["j@example.org"],
                 "X-Tag": ["a b c =?utf-8?q?broken"]}),
    "folded": ("Subject: one\r\n two\r\n\tthree\r\nTo: Bob (the\r\n builder) <bob@a.example>,\r\n\t"
               "jane@b.example\r\nX-Tag:\r\n below\r\n", [],
               {"SUBJECT": ["one two\tthree"], "TO": ["bob@a.example", "jane@b.example"],
                "X-Tag": ["below"]}),
    "groups": ("To: Friends: bob@a.example, Jane <jane@b.example>;, carol@c.example\r\n"
               "Cc: undisclosed-recipients:;\r\nFrom: g: h@example.org;\r\n", [],
               {"TO": ["bob@a.example", "jane@b.example", "carol@c.example"],
                "FROM": ["h@example.org"]}),
    "quoted": ('To: "bob smith"@a.example\r\nFrom: <@relay.example:alice@example.org>\r\n'
               'Cc: "carol@no.example" <carol@c.example>\r\n', ["mail-from: <\"a b\"@example.org>"],
               {"MAIL_FROM": ['"a b"@example.org'], "TO": ['"bob smith"@a.example'],
                "FROM": ["alice@example.org"], "CC": ["carol@c.example"]}),
    "not ASCII": ("From: Jürgen <jürgen@müller.example>\r\nTo: bØrge@a.example\r\n"
                  "Subject: Grüße\r\nX-Tag: ΔΣ\r\n",
                  ["mail-from: <jürgen@müller.example> SMTPUTF8", "rcpt-to: <bØrge@a.example>"],
                  {"MAIL_FROM": ["jürgen@müller.example"], "RECIPIENT": ["bØrge@a.example"],
                   "FROM": ["jürgen@müller.example"], "TO": ["bØrge@a.example"],
                   "SUBJECT": ["Grüße"], "X-Tag": ["ΔΣ"]}),
    "certificate": ("", ["cert-cn: mx.partner.example", "cert-cn: Backup MX", "cert-serial: 0A1B",
                         "cert-san-dns: a.partner.example", "cert-san-dns: b.partner.example",
                         "cert-san-email: ops@partner.example", "cert-san-ip: 192.0.2.7",
                         "cert-san-uri: spiffe://partner.example/mx", "cert-san-rid: 1.2.3.4",
                         "cert-san-dir: CN=mx,O=Partner"],
                    {"CN": ["mx.partner.example", "Backup MX"], "SERIAL_NUMBER": ["0A1B"],
                     "SAN_DNS_NAME": ["a.partner.example", "b.partner.example"],
                     "SAN_RFC822_NAME": ["ops@partner.example"], "SAN_IP_ADDRESS": ["192.0.2.7"],
                     "SAN_UNIFORM_RESOURCE_IDENTIFIER": ["spiffe://partner.example/mx"],
                     "SAN_REGISTERED_ID": ["1.2.3.4"],
                     "SAN_DIRECTORY_NAME": ["CN=mx,O=Partner"]}),
}
CERTIFICATE = ("CN", "SAN_RFC822_NAME", "SAN_DNS_NAME", "SAN_DIRECTORY_NAME", "SAN_IP_ADDRESS",
               "SAN_UNIFORM_RESOURCE_IDENTIFIER", "SAN_REGISTERED_ID", "SERIAL_NUMBER")
TEXTS = ADDRESSES + ("HELO", "SUBJECT")
LISTED = "bob@a.example", "b.example", "*.deep.example", "*@c.example", "ali*@example.org", "h@*.example"


def fold(s):
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in s)


def text_holds(operator, values, have):
    compare = {"EQUALS": str.__eq__, "NOT_EQUALS": str.__eq__, "STARTS_WITH": str.startswith,
               "ENDS_WITH": str.endswith, "CONTAINS": str.__contains__}[operator]
    found = any(compare(fold(h), fold(v)) for h in have for v in values)
    return found != (operator == "NOT_EQUALS")


def listed(address):
    local, _, domain = fold(address).rpartition("@")
    return (local, domain) == ("bob", "a.example") or domain in ("b.example", "c.example") \
        or domain.endswith(".deep.example") or domain == "example.org" and local[:3] == "ali" \
        or local == "h" and domain.endswith(".example")


def condition(kind, operator, values, **evaluate):
    one = kind == "Number"
    x = {"Operator": operator}
    if kind != "Boolean":
        x["Value" if one else "Values"] = values if one else list(values)
    if evaluate:
        x["Evaluate"] = evaluate
    return {kind + "Expression": x}


def probes(have):
    """Lists of values: parts of what is there, in another case, and what is not."""
    yield [PROBE]
    for h in filter(None, have):
        yield [h]
        yield [PROBE, h.swapcase() if h.isascii() else h]
        yield [h[:len(h) // 2 + 1]]
        yield [h[len(h) // 2:]]
        yield [h[1:-1] or h]
        yield [h + "x"]
    if "Ø" in "".join(have):
        yield ["børge@a.example"]  # only ASCII letters have a case


def text_rows(has):
    for name in TEXTS + CERTIFICATE + ("X-Tag", "X-Missing"):
        member = "MimeHeaderAttribute" if name[:2] == "X-" else \
            "ClientCertificateAttribute" if name in CERTIFICATE else "Attribute"
        have = has.get(name, [])
        for values in probes(have):
            for operator in "EQUALS", "NOT_EQUALS", "STARTS_WITH", "ENDS_WITH", "CONTAINS":
                yield (condition("String", operator, values, **{member: name}),
                       text_holds(operator, values, have))


def list_rows(has):
    for name, operator in itertools.product(ADDRESSES, ("IS_TRUE", "IS_FALSE")):
        found = any(map(listed, has.get(name, [])))
        yield (condition("Boolean", operator, None, IsInAddressList={
            "Attribute": name, "AddressLists": ["vips"]}), found == (operator == "IS_TRUE"))


def ip_rows(client):
    ip = client and ipaddress.ip_address(client)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    for values in (["192.0.2.0/24"], ["192.0.2.7/32"], ["0.0.0.0/0"], ["::/0"], ["2001:db8::/32"],
                   ["198.51.100.0/24", "192.0.2.4/30"], ["2001:db8:0:0::7/128"], ["192.0.2.8/29"]):
        found = bool(ip) and any(ip in ipaddress.ip_network(v) for v in values)
        for operator in "CIDR_MATCHES", "NOT_CIDR_MATCHES":
            yield (condition("Ip", operator, values, Attribute="SOURCE_IP"),
                   found == (operator == "CIDR_MATCHES"))


def size_rows(size):
    compare = {"EQUALS": "__eq__", "NOT_EQUALS": "__ne__", "LESS_THAN": "__lt__",
               "GREATER_THAN": "__gt__", "LESS_THAN_OR_EQUAL": "__le__",
               "GREATER_THAN_OR_EQUAL": "__ge__"}
    near = size or 0
    for value in sorted({0, near - 1, near - .5, near, near + .5, near + 1, 41943040, 1e15}):
        for operator, method in compare.items():
            if value < 0:
                continue
            holds = operator == "NOT_EQUALS" if size is None else \
                getattr(float(size), method)(float(value))
            yield condition("Number", operator, value, Attribute="MESSAGE_SIZE"), holds


WORDS = "PASS", "FAIL", "GRAY", "PROCESSING_FAILED"
SPF = {"pass": "PASS", "fail": "FAIL", "none": "GRAY", "softfail": "GRAY", "neutral": "GRAY",
       "permerror": "PROCESSING_FAILED", "temperror": "PROCESSING_FAILED", None: "PROCESSING_FAILED"}
DKIM = {(): "PROCESSING_FAILED", ("none",): "GRAY", ("pass",): "PASS", ("fail",): "FAIL",
        ("fail", "pass"): "PASS", ("pass", "fail"): "PASS", ("temperror", "fail"): "FAIL",
        ("none", "temperror"): "PROCESSING_FAILED", ("permerror",): "PROCESSING_FAILED",
        ("neutral",): "PROCESSING_FAILED", ("policy",): "FAIL"}
ANALYSIS = {None: "PROCESSING_FAILED", "PASS": "PASS", "true": "PASS", "YES": "PASS", "1": "PASS",
            "fail": "FAIL", "FALSE": "FAIL", "No": "FAIL", "0": "FAIL", "gray": "GRAY",
            "perhaps": "PROCESSING_FAILED", "PROCESSING_FAILED": "PROCESSING_FAILED"}


def word_rows(kind, words, have, **evaluate):
    for n in range(1, len(words) + 1):
        for values in itertools.combinations(words, n):
            for operator in "EQUALS", "NOT_EQUALS":
                yield (condition(kind, operator, values, **evaluate),
                       (have in values) == (operator == "EQUALS"))


def analysis_rows(field, value):
    """A field of the analyser "scan"; asked in several spellings, and what is not there."""
    for asked in "listed_on", "Listed on", "addon.listed_on", "addon.LISTED ON", "other":
        a = {"Analyzer": "scan", "ResultField": asked}
        there = value if asked != "other" and field else None
        yield from itertools.islice(word_rows("Verdict", WORDS, ANALYSIS[there], Analysis=a), 8)
        for operator in "IS_TRUE", "IS_FALSE":
            yield (condition("Boolean", operator, None, Analysis=a), there is not None
                   and (ANALYSIS[there] == "PASS") == (operator == "IS_TRUE"))
        for operator in "EQUALS", "NOT_EQUALS", "STARTS_WITH", "ENDS_WITH", "CONTAINS":
            for probe in (value or "x"), "s", "zz":
                have = [] if there is None else [there]
                yield (condition("String", operator, [probe], Analysis=a),
                       text_holds(operator, [probe], have))


def boolean_rows(**true):
    for name, operator in itertools.product(("TLS", "TLS_WRAPPED", "READ_RECEIPT_REQUESTED"),
                                            ("IS_TRUE", "IS_FALSE")):
        yield (condition("Boolean", operator, None, Attribute=name),
               true.get(name, False) == (operator == "IS_TRUE"))


def sets():
    """NAME, header or None for an envelope alone, fields, rows."""
    for name, (header, fields, has) in MESSAGES.items():
        has = dict({"RECIPIENT": ["joe@q.example"]}, **has)
        yield name, header, fields, itertools.chain(text_rows(has), list_rows(has))
    for rcpt in "BOB@A.example", "x@b.example", "x@sub.b.example", "x@deep.example", \
            "x@a.b.deep.example", "alice@example.org", "al@example.org", "h@a.b.example", "h@example":
        yield "list " + rcpt, "", ["rcpt-to: <%s>" % rcpt], list_rows({"RECIPIENT": [rcpt]})
    for ip in "192.0.2.7", "::ffff:192.0.2.7", "::FFFF:c000:207", "192.0.2.3", "2001:db8::7", \
            "2001:DB8:0:0:0:0:0:7", "203.0.113.1", None:
        yield "client %s" % ip, "", ["client-ip: " + ip] if ip else [], ip_rows(ip)
    yield "size", "X-A: b\r\n", [], size_rows(len("X-A: b\r\n\r\n"))
    yield "declared size", None, ["mail-from: <a@b.example> BODY=8BITMIME SIZE=5000"], size_rows(5000)
    yield "no size", None, ["mail-from: <a@b.example>"], size_rows(None)
    for word, verdict in SPF.items():
        yield "spf %s" % word, "", ["spf: %s domain=a.example" % word] if word else [], \
            word_rows("Verdict", WORDS, verdict, Attribute="SPF")
    for words, verdict in DKIM.items():
        yield "dkim %s" % (words,), "", ["dkim: %s d=a.example s=s" % w for w in words], \
            word_rows("Verdict", WORDS, verdict, Attribute="DKIM")
    for field in None, "none d=a.example", "fail d=a.example policy=none", \
            "fail d=a.example policy=quarantine", "pass d=a.example policy=reject", \
            "pass policy=REJECT d=a.example":
        have = None if not field else fold(field).partition("policy=")[2].split(" ")[0] or "none"
        yield "dmarc %s" % field, "", ["dmarc: " + field] if field else [], \
            word_rows("Dmarc", ("NONE", "QUARANTINE", "REJECT"), have and have.upper())
    for value in ANALYSIS:
        yield "analysis %s" % value, "", ["analysis: SCAN Listed_On " + value] if value else [], \
            analysis_rows(value is not None, value)
    yield "nothing asked", "", [], boolean_rows()
    yield "TLS", "", ["tls: TLSv1.3"], boolean_rows(TLS=True)
    yield "TLS wrapped", "", ["tls: TLSv1", "tls-wrapped: yes"], boolean_rows(TLS=True, TLS_WRAPPED=True)
    yield "receipt", "Disposition-Notification-To: a@b.example\r\n", [], boolean_rows(
        READ_RECEIPT_REQUESTED=True)
    yield "empty receipt", "Disposition-Notification-To: \r\n", [], boolean_rows()


def text_of(c):
    return json.dumps(c, ensure_ascii=False, separators=(",", ":"))


def write(where, n, header, fields, rows):
    with open("%s/%d.json" % (where, n), "w") as f:
        json.dump({"RuleSetName": "t", "Rules": [
            {"Conditions": [c], "Actions": [{"AddHeader": {
                "HeaderName": "X-Done", "HeaderValue": "y"}}]} for c, _ in rows]}, f)
    body = b"" if header is None else header.encode() + b"\r\n"
    if not any(line.startswith("rcpt-to") for line in fields):
        fields = fields + ["rcpt-to: <joe@q.example>"]
    with open("%s/%d.mail" % (where, n), "wb") as f:
        f.write(("mail 1 %d\nid: r\n%s\n\n" % (len(body), "\n".join(fields))).encode() + body)
    with open("%s/%d.rows" % (where, n), "w") as f:
        f.writelines("%s: %s\n" % (text_of(c), str(holds).lower()) for c, holds in rows)


def main(where):
    for n, (name, header, fields, rows) in enumerate(sets()):
        rows = list(rows)
        write(where, n, header, fields, rows)
        print("%s, %d conditions" % (name, len(rows)))
    with open(where + "/vips", "w") as f:
        f.writelines(entry + "\n" for entry in LISTED)


main(sys.argv[1])
