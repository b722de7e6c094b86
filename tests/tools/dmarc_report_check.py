#!/usr/bin/env python3
"""dmarc_report_check.py FILE.xml.gz: an aggregate report as RFC 9990 has it.  Prints what
is wrong, else a line a record: IP COUNT DISPOSITION DKIM SPF FROM ENVELOPE [RESULTS]."""
import gzip
import ipaddress
import re
import sys
import xml.etree.ElementTree as tree

NS = "{urn:ietf:params:xml:ns:dmarc-2.0}"
POLICY = {"none", "quarantine", "reject"}
faults = []


def expect(condition, what):
    if not condition:
        faults.append(what)


def children(element, sequence, what):
    """sequence: names in order, with "?" optional, with "*" any number."""
    names = [c.tag.removeprefix(NS) for c in element]
    pattern = "".join(f"({n.rstrip('?*')} ){n[-1] if n[-1] in '?*' else ''}" for n in sequence)
    expect(re.fullmatch(pattern, "".join(n + " " for n in names)), f"{what} has {names}")


def text(element, path):
    found = element.find("/".join(NS + p for p in path.split("/")))
    return (found.text or "") if found is not None else None


def among(element, path, words, optional=False):
    value = text(element, path)
    expect(value in words or (optional and value is None), f"{path} is {value!r}")


def record(r):
    children(r, ["row", "identifiers", "auth_results"], "record")
    children(r.find(NS + "row"), ["source_ip", "count", "policy_evaluated"], "row")
    evaluated = r.find(f"{NS}row/{NS}policy_evaluated")
    children(evaluated, ["disposition", "dkim", "spf", "reason*"], "policy_evaluated")
    among(evaluated, "disposition", POLICY | {"pass"})
    among(evaluated, "dkim", {"pass", "fail"})
    among(evaluated, "spf", {"pass", "fail"})
    for reason in evaluated.findall(NS + "reason"):
        children(reason, ["type", "comment?"], "reason")
        among(reason, "type", {"local_policy", "mailing_list", "other", "policy_test_mode",
                               "trusted_forwarder"})
    ipaddress.ip_address(text(r, "row/source_ip"))
    expect(int(text(r, "row/count")) > 0, "count")
    children(r.find(NS + "identifiers"), ["envelope_from?", "header_from"], "identifiers")
    results = r.find(NS + "auth_results")
    children(results, ["dkim*", "spf?"], "auth_results")
    words = {"none", "pass", "fail", "policy", "neutral", "temperror", "permerror"}
    for d in results.findall(NS + "dkim"):
        children(d, ["domain", "selector", "result", "human_result?"], "dkim")
        among(d, "result", words)
    for s in results.findall(NS + "spf"):
        children(s, ["domain", "scope?", "result", "human_result?"], "spf")
        among(s, "result", words | {"softfail"})
        among(s, "scope", {"mfrom"}, True)
    fields = [text(r, p) for p in (
        "row/source_ip", "row/count", "row/policy_evaluated/disposition",
        "row/policy_evaluated/dkim", "row/policy_evaluated/spf", "identifiers/header_from")]
    fields.append("<" + (text(r, "identifiers/envelope_from") or "") + ">")
    fields += [f"dkim={text(d, 'result')}:{text(d, 'domain')}:{text(d, 'selector')}"
               for d in results.findall(NS + "dkim")]
    fields += [f"spf={text(s, 'result')}:{text(s, 'domain')}" for s in results.findall(NS + "spf")]
    fields += [f"reason={text(x, 'type')}({text(x, 'comment')})"
               for x in evaluated.findall(NS + "reason")]
    return " ".join(fields)


with gzip.open(sys.argv[1]) as f:
    root = tree.fromstring(f.read())
expect(root.tag == NS + "feedback", root.tag)
children(root, ["version", "report_metadata", "policy_published", "record*"], "feedback")
meta = root.find(NS + "report_metadata")
children(meta, ["org_name", "email", "report_id", "date_range", "generator?"], "report_metadata")
children(meta.find(NS + "date_range"), ["begin", "end"], "date_range")
published = root.find(NS + "policy_published")
children(published, ["domain", "p", "sp", "np?", "adkim", "aspf", "testing", "discovery_method",
                     "fo?"], "policy_published")
among(published, "p", POLICY)
among(published, "sp", POLICY)
among(published, "np", POLICY, True)
among(published, "testing", {"y", "n"})
among(published, "discovery_method", {"treewalk", "psl"})
lines = [record(r) for r in root.findall(NS + "record")]
expect(lines, "no record")
for fault in faults:
    print("wrong:", fault)
print(" ".join([text(meta, "date_range/begin"), text(meta, "date_range/end")] +
               [c.tag.removeprefix(NS) + "=" + (c.text or "") for c in published]))
print("\n".join(lines))
