#!/usr/bin/env python3
"""archive_oracle.py STREAM QUERIES: what mm-search --ids must say, by brute force.

Reads the messages with Python's email package, takes words as FTS5's unicode61
with remove_diacritics does, and evaluates each query (one a line of QUERIES)
on every message.  Prints "QUERY<TAB>sorted ids".
"""
import datetime
import email
import email.policy
import html.parser
import re
import sys
import unicodedata
from email.header import decode_header, make_header


def is_cjk(c):
    return "\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u4dbf" or "\u4e00" <= c <= "\u9fff"


def tokens(text):
    out, word = [], ""
    for c in text:
        if is_cjk(c):
            if word:
                out.append(word)
            word = ""
            out.append(c)
        elif unicodedata.category(c)[0] in "LN" or unicodedata.category(c) in ("Co", "Mn"):
            word += c
        elif word:
            out.append(word)
            word = ""
    if word:
        out.append(word)
    return [fold(w) for w in out]


def fold(word):
    # the tokenizer folds case one character at a time, so that ß stays
    return "".join(d for c in word for d in unicodedata.normalize("NFD", c.lower())
                   if unicodedata.category(d) != "Mn" or not d)


def header(value):
    return str(make_header(decode_header(re.sub("[\r\n]+", "", str(value)))))


class Html(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self.hidden = "", 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in ("script", "style")
        self.text += " "

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style")
        self.text += " "

    def handle_data(self, data):
        if not self.hidden:
            self.text += data


class Message:
    def __init__(self, fields, octets):
        m = email.message_from_bytes(octets, policy=email.policy.compat32)
        self.fields = fields
        self.id = fields["id"]
        self.message_id = (m["message-id"] or "").strip("<>")
        self.received = datetime.datetime.fromisoformat(fields["received"].replace("Z", "+00:00"))
        self.size = len(octets)
        self.attachments, names, body = 0, [], []
        for part in m.walk():
            name = part.get_filename()
            if part.is_multipart():
                continue
            if name or part.get_content_disposition() == "attachment":
                self.attachments += 1
                names.append(name or "")
            if part.get_content_maintype() == "text":
                text = part.get_payload(decode=True).decode(part.get_content_charset("utf-8"), "replace")
                if part.get_content_subtype() == "html":
                    h = Html()
                    h.feed(text)
                    text = h.text
                body.append(text)
        self.columns = {
            "from": [tokens(header(v)) for v in m.get_all("from", [])],
            "to": [tokens(header(v)) for v in m.get_all("to", [])],
            "cc": [tokens(header(v)) for v in m.get_all("cc", [])],
            "subject": [tokens(header(v)) for v in m.get_all("subject", [])],
            "attachment": [sum((tokens(n) for n in names), [])],
            "body": [sum((tokens(b) for b in body), [])],
        }

    def phrase(self, columns, wanted, prefix):
        for name in columns:
            for have in self.columns[name]:
                for i in range(len(have) - len(wanted) + 1):
                    part = have[i:i + len(wanted)]
                    if part[:-1] == wanted[:-1] and (
                            part[-1].startswith(wanted[-1]) if prefix else part[-1] == wanted[-1]):
                        return True
        return False


def span(text):
    utc = datetime.timezone.utc
    parts = [int(p) for p in text.split("-")]
    start = datetime.datetime(parts[0], parts[1] if len(parts) > 1 else 1,
                              parts[2] if len(parts) > 2 else 1, tzinfo=utc)
    if len(parts) == 3:
        return start, start + datetime.timedelta(days=1)
    month = parts[0] * 12 + (parts[1] if len(parts) > 1 else 12)
    return start, datetime.datetime(month // 12, month % 12 + 1, 1, tzinfo=utc)


def size_test(text, size):
    unit = {"K": 1024, "M": 1 << 20}.get(text[-1], 1)
    n = int(text.strip("<>KM")) * unit
    return size > n if text[0] == ">" else size < n


def term(m, t):
    field, _, value = t.partition(":") if re.match(r"[a-z-]+:", t) else ("", "", t)
    if field in ("", "from", "to", "cc", "subject", "body", "attachment"):
        prefix = value.endswith("*")
        return m.phrase([field] if field else list(m.columns), tokens(value.strip('*"')), prefix)
    if field == "has":
        return m.attachments > 0
    if field == "since":
        return m.received >= span(value)[0]
    if field == "until":
        return m.received < span(value)[1]
    if field == "date":
        low, _, high = value.partition("..")
        return span(low)[0] <= m.received < span(high or low)[1]
    if field == "size":
        return size_test(value, m.size)
    if field == "id":
        return value in (m.id, m.message_id)
    if field in ("spf", "dkim"):
        return m.fields[field].split()[0] == value
    if field == "ip":
        return m.fields["client-ip"].startswith(value.replace(".0/24", "."))
    if field == "ingress":
        return m.fields["ingress"].lower() == value.lower()
    key = {"mail-from": "mail-from", "rcpt": "rcpt-to"}[field]
    return value.lower() in m.fields[key].lower()


LEX = re.compile(r'\(|\)|-(?=\S)|(?:[a-z-]+:)?"[^"]*"\*?|[^\s()]+')


class Query:
    """Compiles to a function of a message; the grammar of mm-search(1)."""

    def __init__(self, text):
        self.lexemes = LEX.findall(text)
        self.test = self.either()

    def peek(self):
        return self.lexemes[0] if self.lexemes else ")"

    def either(self):
        kids = [self.both()]
        while self.peek() == "OR":
            self.lexemes.pop(0)
            kids.append(self.both())
        return lambda m: any(k(m) for k in kids)

    def both(self):
        kids = []
        while self.peek() not in (")", "OR"):
            if self.peek() == "AND":
                self.lexemes.pop(0)
            kids.append(self.one())
        return lambda m: all(k(m) for k in kids)

    def one(self):
        lexeme = self.lexemes.pop(0)
        if lexeme in ("-", "NOT"):
            kid = self.one()
            return lambda m: not kid(m)
        if lexeme == "(":
            kid = self.either()
            self.lexemes.pop(0)
            return kid
        return lambda m: term(m, lexeme)


def read(path):
    data, at = open(path, "rb").read(), 0
    while at < len(data):
        end = data.index(b"\n\n", at)
        head = data[at:end].decode().split("\n")
        n = int(head[0].split()[2])
        yield Message(dict(h.split(": ", 1) for h in head[1:]), data[end + 2:end + 2 + n])
        at = end + 2 + n


def main():
    messages = list(read(sys.argv[1]))
    for line in open(sys.argv[2]):
        line = line.rstrip("\n")
        query = Query(line)
        print(line, " ".join(sorted(m.id for m in messages if query.test(m))), sep="\t")


main()
