#!/usr/bin/env python3
"""archive_corpus.py COUNT [SEED] [DAY]: a mail stream of COUNT made-up messages.

Plain, multipart, HTML, encoded words, many charsets, raw 8-bit headers, attachments,
long lines, boundaries that are missing; the same for the same SEED.  Received at
random over 2026, or on DAY.
"""
import base64
import quopri
import random
import sys

WORDS = ("invoice order pallet warehouse nutrition apple banana café crème naïve straße "
         "Überweisung façade résumé shipping tracking refund urgent meeting lunch report "
         "quarterly budget forecast delivery customs Zürich Łódź señor piñata 東京 請求書 "
         "привет заказ").split()
PEOPLE = ["Alice Smith", "Bob Müller", "Eve O'Neil", "José García", "Анна", "山田太郎"]
DOMAINS = ["example.org", "warehouse.example", "nutrition.example", "mail.example.net"]


def word_header(text, r):
    if all(ord(c) < 128 for c in text):
        return text
    if r.random() < 0.5:
        return "=?utf-8?B?" + base64.b64encode(text.encode()).decode() + "?="
    return "=?utf-8?Q?" + "".join(
        chr(b) if chr(b).isalnum() and b < 128 else "=%02X" % b for b in text.encode()) + "?="


def person(r):
    name = r.choice(PEOPLE)
    user = r.choice(["alice", "bob", "eve", "jose", "anna", "yamada"])
    return word_header(name, r), "%s@%s" % (user, r.choice(DOMAINS))


def words(r, low, high):
    return " ".join(r.choice(WORDS) for _ in range(r.randint(low, high)))


# labels as mail has them, and what they mean
CHARSETS = {"utf-8": "utf-8", "UTF8": "utf-8", "iso-8859-1": "cp1252", "koi8-r": "koi8-r",
            "iso-2022-jp": "iso2022_jp", "x-sjis": "cp932", "Shift_JIS": "cp932", "euc-jp": "euc_jp",
            "windows-1251": "cp1251", "\"windows-1252\"": "cp1252", "iso-8859-2": "iso8859_2",
            "cp-850": "cp850", "gb2312": "gb18030", "big5": "big5hkscs", "unicode-1-1-utf-7": "utf-7",
            "ks_c_5601-1987": "cp949", "iso-8859-5": "iso8859_5", "us-ascii": "utf-8",
            "x-user-defined": "utf-8", "iso-8859-15": "iso8859_15"}


def text_part(r, text):
    charset = r.choice(list(CHARSETS))
    try:
        raw = text.encode(CHARSETS[charset])
    except UnicodeError:
        charset, raw = "utf-8", text.encode()
    how = r.choice(["8bit", "base64", "quoted-printable"])
    if r.random() < 0.05:
        raw = b" ".join([raw] * 40)  # a line of more than 998 octets
    if how == "base64":
        raw = base64.encodebytes(raw)
    elif how == "quoted-printable":
        raw = quopri.encodestring(raw)
    raw = raw.rstrip(b"\n").replace(b"\n", b"\r\n") + b"\r\n"
    return charset, how, raw


def part(r, kind, text):
    if kind == "html":
        text = "<html><head><style>p {color: hiddenstyle}</style></head><body><p>" + \
            "</p>\n<p>".join(text.split(" ")) + "<!-- hiddencomment --></p></body></html>"
    charset, how, raw = text_part(r, text)
    return ("Content-Type: text/%s; charset=%s\r\nContent-Transfer-Encoding: %s\r\n\r\n"
            % (kind, charset, how)).encode() + raw


def attachment(r, i):
    data = base64.encodebytes(r.randbytes(r.randint(50, 3000))).replace(b"\n", b"\r\n")
    name = "scan%d-%s.pdf" % (i, r.choice(["invoice", "contract", "photo"]))
    if r.random() < 0.3:
        return ("Content-Type: application/pdf\r\nContent-Disposition: attachment;\r\n"
                " filename*0*=iso-8859-1''r%%E9sum%%E9-;\r\n filename*1=\"%s\"\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\n" % name).encode() + data
    return ("Content-Type: application/pdf; name=\"%s\"\r\nContent-Disposition: attachment; "
            "filename=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            % (name, name)).encode() + data


def message(r, i):
    sender, address = person(r)
    to, to_address = person(r)
    head = "From: %s <%s>\r\nTo: %s <%s>\r\n" % (sender, address, to, to_address)
    if r.random() < 0.3:
        head += "Cc: %s <%s>\r\n" % person(r)
    raw = r.random() < 0.1
    head += "Subject: %s\r\n" % "\r\n ".join(
        w if raw else word_header(w, r) for w in words(r, 1, 5).split(" "))
    head += "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <%d@%s>\r\nMIME-Version: 1.0\r\n" \
        % (i, r.choice(DOMAINS))
    kind = r.choice(["plain", "plain", "html", "alternative", "mixed"])
    body = words(r, 3, 60)
    if kind in ("plain", "html"):
        return address, to_address, head.encode() + part(r, kind, body)
    mark = "=_%d" % i
    parts = [part(r, "plain", body)]
    parts += [part(r, "html", body)] if kind == "alternative" else \
        [attachment(r, i) for _ in range(r.randint(1, 2))]
    out = head.encode() + ("Content-Type: multipart/%s; boundary=\"%s\"\r\n\r\n" % (kind, mark)).encode()
    for p in parts:
        out += b"--" + mark.encode() + b"\r\n" + p
    if r.random() < 0.1:
        return address, to_address, out  # the last boundary is missing
    return address, to_address, out + b"--" + mark.encode() + b"--\r\n"


def main():
    count = int(sys.argv[1])
    seed = sys.argv[2] if len(sys.argv) > 2 else "1"
    day = sys.argv[3] if len(sys.argv) > 3 else None
    r = random.Random(seed)
    for i in range(count):
        sender, rcpt, octets = message(r, i)
        when = day or "2026-%02d-%02d" % (r.randint(1, 11), r.randint(1, 28))
        fields = ["id: %s-%06d" % (seed, i),
                  "received: %sT%02d:%02d:%02d.%03dZ" % (when, r.randint(0, 23), r.randint(0, 59),
                                                        r.randint(0, 59), r.randint(0, 999)),
                  "ingress: " + r.choice(["inbound", "Partners"]),
                  "client-ip: " + r.choice(["192.0.2.%d", "198.51.100.%d"]) % r.randint(1, 254),
                  "mail-from: <%s>" % sender,
                  "rcpt-to: <%s>" % rcpt,
                  "spf: %s domain=x.example" % r.choice(["pass", "fail", "softfail"]),
                  "dkim: " + r.choice(["none", "pass d=x.example s=a"])]
        sys.stdout.buffer.write(("mail 1 %d\n%s\n\n" % (len(octets), "\n".join(fields))).encode()
                                + octets)


main()
