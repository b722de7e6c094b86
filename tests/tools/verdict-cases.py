#!/usr/bin/python3
"""verdict-cases.py spf|dkim|arc TESTDATA [SUITE.yml] [OPTION...]: the public cases,
through mm-verdict, with the DNS server of TESTDATA on loopback.  Prints one line a case:
"ok ID" or "not ok ID: expected ..., got ...".  Needs python3-dnspython and python3-yaml."""
import json
import os
import random
import re
import subprocess
import sys
import tempfile

kind, testdata = sys.argv[1:3]
options = sys.argv[3:]  # for mm-verdict; before them may stand an SPF suite of one's own
suite = options.pop(0) if options[:1] and options[0].endswith(".yml") else \
    testdata + "/spf/rfc7208-tests.yml"
tmp = tempfile.mkdtemp(dir=os.environ.get("TMPDIR"))


def server_program():
    """dnsd.py, but for one line of it: dnspython escapes octets in names by three decimal
    digits, and it reads them as octal ones, so that it never finds a name with spaces."""
    text = open(testdata + "/dnsd.py", encoding="utf8").read()
    octal = "key.encode().decode('unicode_escape')"
    decimal = (r"__import__('re').sub(r'\\(\d{3}|.)', lambda m: "
               "chr(int(m[1])) if m[1].isdigit() else m[1], key)")
    path = tmp + "/dnsd.py"
    with open(path, "w", encoding="utf8") as f:
        f.write(text.replace(octal, decimal))
    return path


def serve(args):
    """Starts dnsd.py on ports that are free; returns it and its first port."""
    program = server_program()
    for _ in range(20):
        port = random.randrange(20000, 60000)
        p = subprocess.Popen(
            [sys.executable, program, *args, "--port", str(port),
             "--timeout-mode", "servfail"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if p.stdout.readline():
            return p, port
        p.wait()
    sys.exit("dnsd.py does not start")


def verdicts(stream, port):
    """The fields of each record, by id, as a list of (name, value)."""
    env = {k: v for k, v in os.environ.items() if k != "MM_ZONE"}
    env["MM_RESOLVER"] = f"127.0.0.1@{port}"
    out = subprocess.run(["mm-verdict", "--no-header", *options], input=stream, env=env,
                         stdout=subprocess.PIPE, check=True).stdout
    found, at = {}, 0
    while at < len(out):
        head, _, rest = out[at:].partition(b"\n\n")
        lines = head.decode().split("\n")
        fields = [tuple(line.split(": ", 1)) for line in lines[1:]]
        found[dict(fields)["id"]] = fields
        at = len(out) - len(rest) + int(lines[0].split()[2])
    return found


def record(ident, fields, body=b""):
    head = f"mail 1 {len(body)}\nid: {ident}\n" + "".join(f"{n}: {v}\n" for n, v in fields)
    return head.encode("utf8", "surrogateescape") + b"\n" + body


def report(ident, good, expected, got):
    print(f"ok {ident}" if good else f"not ok {ident}: expected {expected}, got {got}")


def spf():
    path = tmp + "/cases.json"
    server, _ = serve(["spf", suite, "--cases", path])
    try:
        while True:
            try:
                cases = json.load(open(path, encoding="utf8"))
                break
            except (OSError, ValueError):
                if server.poll() is not None:
                    sys.exit("dnsd.py ended")
        for port in sorted({c["port"] for c in cases}):
            mine = [c for c in cases if c["port"] == port]
            got = verdicts(b"".join(
                record(c["id"], [("client-ip", c["ip"]), ("helo", c["helo"]),
                                 ("mail-from", f"<{c['mailfrom'] or ''}>")])
                for c in mine), port)
            for c in mine:
                value = dict(got[c["id"]])["spf"]
                result, expected = value.split()[0], "|".join(c["accept"])
                good = result in c["accept"]
                if good and c["explanation"] and result == "fail":
                    said = re.search(' explanation="(.*)"', value)
                    result = said[1] if said else "DEFAULT"
                    expected = c["explanation"]
                    good = result == expected
                report(c["id"], good, expected, result)
    finally:
        server.kill()


def dkim():
    words = {"SUCCESS": "pass", "TEMPFAIL": "temperror"}
    for c in json.load(open(testdata + "/dkim/manifest.json", encoding="utf8")):
        server, port = serve(["json", f"{testdata}/dkim/{c['dns']}"])
        try:
            body = open(f"{testdata}/dkim/{c['file']}", "rb").read()
            if b"\r\n" not in body:
                body = body.replace(b"\n", b"\r\n")
            got = [v for n, v in verdicts(record("x", [], body), port)["x"] if n == "dkim"]
        finally:
            server.kill()
        results = [v.split()[0] for v in got]
        names = [tuple(re.findall(r" [ds]=(\S+)", v)) for v in got]
        wanted = c["per_signature"]
        if wanted is None:
            good = all(r == c["verdict"] for r in results) and results
        elif not wanted:
            good = results == ["none"]
        else:
            good = len(results) >= len(wanted) and all(
                r == words.get(w[2], r) and (w[2] in words or r != "pass")
                and (not w[0] or n == (w[0], w[1]))
                for r, n, w in zip(results, names, wanted))
        report(c["id"], good, wanted or c["verdict"], got)


def arc():
    cases = json.load(open(testdata + "/arc/manifest.json", encoding="utf8"))
    for zone in sorted({c["dns"] for c in cases}):
        server, port = serve(["json", f"{testdata}/arc/{zone}"])
        mine = [c for c in cases if c["dns"] == zone]
        try:
            got = verdicts(b"".join(
                record(c["id"], [], open(f"{testdata}/arc/{c['file']}", "rb").read())
                for c in mine), port)
        finally:
            server.kill()
        for c in mine:
            fields = dict(got[c["id"]])
            result = fields.get("arc", "none").split()[0]
            report(c["id"], result == c["cv"], c["cv"], fields.get("arc"))


{"spf": spf, "dkim": dkim, "arc": arc}[kind]()
