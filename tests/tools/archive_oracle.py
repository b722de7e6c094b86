#!/usr/bin/env python3
"""archive_oracle.py STREAM QUERIES: what mm-search --ids must say, by brute force.
archive_oracle.py STREAM --sample COUNT SEED: the same for COUNT queries made of what
the messages say.

Reads the messages with Python's email package, takes words as mm-search(1) says and
text as mm-archive(5) says, and evaluates each query (one a line of QUERIES) on every
message.  Prints "QUERY<TAB>sorted ids".
"""
import base64
import binascii
import codecs
import datetime
import email
import email.policy
import html.parser
import quopri
import random
import re
import sys
import unicodedata

LIMIT = 512 << 10
LARGEST = {"iso-8859-1": "cp1252", "latin1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030",
           "shift_jis": "cp932", "x-sjis": "cp932", "big5": "big5hkscs", "chinesebig5": "big5hkscs", "euc-kr": "cp949",
           "ks_c_5601-1987": "cp949", "iso-8859-8-i": "iso-8859-8", "cp-850": "cp850",
           "windows-874": "cp874", "unicode-1-1-utf-7": "utf-7", "iso-8859-9": "cp1254"}
SAYS_NOTHING = ("", "utf-8", "us-ascii", "ascii", "utf8", "unknown-8bit", "x-user-defined")


def is_single(c):
    return any(low <= c <= high for low, high in (
        ("\u3040", "\u30ff"), ("\u3400", "\u4dbf"), ("\u4e00", "\u9fff"), ("\uf900", "\ufaff"),
        ("\U00020000", "\U0003ffff")))


def is_accent(c):
    return "\u0300" <= c <= "\u036f"


def fold(c):
    """What a character is in a word, "" for an accent, None where it parts words."""
    if "\uff01" <= c <= "\uff5e":
        c = chr(ord(c) - 0xfee0)
    if is_accent(c):
        return ""
    category = unicodedata.category(c)
    if category[0] not in "LNM" and category != "Co":
        return None
    apart = unicodedata.normalize("NFD", c)
    if all(is_accent(d) for d in apart[1:]):
        c = apart[0]
    lower = c.lower()
    return "\u03c3" if lower == "\u03c2" else lower[0]


FOLDED = {}


def tokens(text):
    out, word = [], ""
    for c in text:
        if c not in FOLDED:
            FOLDED[c] = fold(c)
        folded = FOLDED[c]
        single = folded and is_single(folded)
        if word and (folded is None or single):
            out.append(word)
            word = ""
        if single:
            out.append(folded)
        elif folded:
            word += folded
    if word:
        out.append(word)
    return out


def repair(octets):
    """UTF-8; an octet that is none as windows-1252 has it."""
    out = ""
    while octets:
        try:
            return out + octets.decode("utf-8")
        except UnicodeDecodeError as e:
            out += octets[:e.start].decode("utf-8") + octets[e.start:e.start + 1].decode("cp1252", "replace")
            octets = octets[e.start + 1:]
    return out


def decode(octets, charset):
    charset = charset.replace("\0", "").strip().strip("\"'").lower()
    try:
        name = codecs.lookup(LARGEST.get(charset, charset)).name if charset not in SAYS_NOTHING else ""
    except LookupError:
        name = ""
    name = "cp1252" if name == "iso8859-1" else name
    return octets.decode(name, "replace") if name and name != "utf-8" else repair(octets)


def guess(octets, charset):
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return decode(octets, charset)


WORD = re.compile(rb"=\?([^?* ]+)(?:\*[^? ]*)?\?([bBqQ])\?(.*?)\?=", re.S)


def word_octets(kind, text):
    if kind in b"qQ":
        return quopri.decodestring(text.replace(b"_", b"=20"))
    clean = re.match(rb"[A-Za-z0-9+/]*", re.sub(rb"[^A-Za-z0-9+/=]", b"", text)).group()
    if len(clean) % 4 == 1:
        clean = clean[:-1]
    return base64.b64decode(clean + b"=" * (-len(clean) % 4))


def header(value, charset):
    """RFC 2047, neighbouring words of a charset joined before they are decoded."""
    octets = re.sub(rb"\r?\n|\r|\0", b"", value.encode("utf-8", "surrogateescape"))
    out, run, at = "", None, 0
    for m in WORD.finditer(octets):
        between = octets[at:m.start()]
        label = m.group(1).decode("ascii", "replace")
        if run and not between.strip() and run[0].lower() == label.lower():
            run[1] += word_octets(m.group(2), m.group(3))
        else:
            if run:
                out += decode(run[1], run[0])
            if not run or between.strip():
                out += guess(between, charset)
            run = [label, word_octets(m.group(2), m.group(3))]
        at = m.end()
    if run:
        out += decode(run[1], run[0])
    return out + guess(octets[at:], charset)


INLINE = ("a abbr acronym b big em font i ins mark o:p s small span strike strong tt u wbr").split()


class Html(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self.hidden = [], 0

    def tag(self, tag, step):
        if tag in ("script", "style"):
            self.hidden = max(0, self.hidden + step)
        if tag not in INLINE:
            self.text.append(" ")

    def handle_starttag(self, tag, attrs):
        self.tag(tag, 1)

    def handle_startendtag(self, tag, attrs):
        self.tag(tag, 0)

    def handle_endtag(self, tag):
        self.tag(tag, -1)

    def handle_data(self, data):
        if not self.hidden:
            self.text.append(data)


def payload(part):
    data = part._payload  # get_payload() would decode raw octets
    if not isinstance(data, str):
        return b""
    octets = data.encode("ascii", "surrogateescape")
    how = str(part.get("content-transfer-encoding", "")).strip().lower()
    if how == "base64":
        return word_octets(b"b", octets)
    if how in ("x-uuencode", "uuencode", "uue", "x-uue"):
        try:
            return part.get_payload(decode=True)
        except (ValueError, binascii.Error):
            return octets
    return quopri.decodestring(octets) if how == "quoted-printable" else octets


def type_of(part):
    return str(part.get("content-type", "text/plain")).split(";")[0].strip().lower()


def text_of(part):
    charset = part.get_param("charset", "")
    charset = charset[2] if isinstance(charset, tuple) else charset or ""
    text = decode(payload(part), charset)
    if type_of(part) == "text/html":
        h = Html()
        if text.rfind("<!--") > text.rfind("-->"):  # a comment that never ends is a tag
            text = text[:text.rfind("<!--")] + text[text.rfind("<!--"):].replace("<!--", "<b ")
        h.feed(text + " ")  # without close(): a tag that never ends is no text
        text = "".join(h.text)
    return charset, text


class Message:
    def __init__(self, fields, octets):
        m = email.message_from_bytes(octets, policy=email.policy.compat32)
        self.fields = fields
        self.id = fields["id"]
        self.message_id = str(m["message-id"] or "").strip().strip("<>")
        self.received = datetime.datetime.fromisoformat(fields["received"].replace("Z", "+00:00"))
        self.size = len(octets)
        self.attachments, names, body, self.charset = 0, [], [], None
        self.walk(m, names, body)
        self.charset = self.charset or ""
        self.columns = {"attachment": [sum((tokens(header(n, self.charset)) for n in names), [])],
                        "body": [tokens("\n".join(body))]}
        for name in ("from", "to", "cc", "subject"):
            values = [v for k, v in m._headers if k.lower() == name]
            self.columns[name] = [tokens(", ".join(header(v, self.charset) for v in values))]
        self.known = {name: set(have[0]) for name, have in self.columns.items()}

    def attach(self, part, names, always):
        name = part.get_filename()
        disposition = str(part.get("content-disposition", "")).split(";")[0].strip().lower()
        if name is not None or always or disposition == "attachment":
            self.attachments += 1
            names.append(name or "")

    def walk(self, part, names, body):
        kind = type_of(part)
        if kind in ("message/rfc822", "message/news", "message/global"):
            self.attach(part, names, True)
            for inner in part.get_payload() if part.is_multipart() else []:
                subject = [v for k, v in inner._headers if k.lower() == "subject"]
                body.append(header(subject[0], self.charset or "") if subject else "")
                self.walk(inner, names, body)
            return
        if kind.startswith("multipart/") and part.is_multipart():
            for inner in part.get_payload():
                self.walk(inner, names, body)
            return
        if not kind.startswith("multipart/"):
            self.attach(part, names, False)
        if kind.startswith(("text/", "multipart/")) or "/" not in kind:
            charset, text = text_of(part)
            self.charset = charset if self.charset is None else self.charset
            body.append(text)

    def phrase(self, columns, wanted, prefix):
        for name in columns:
            for have in self.columns[name]:
                if wanted[0] not in self.known[name] and (not prefix or len(wanted) > 1):
                    continue
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


def sample(messages, count, seed):
    """Queries whose words are there, alone, in phrases, begun, in places, combined."""
    r = random.Random(seed)

    def leaf():
        m = r.choice(messages)
        name = r.choice(["body", "body", "body", "subject", "from", "to", "cc", "attachment"])
        have = [w for w in m.columns[name][0] if len(w) < 40]
        if not have:
            return leaf()
        at, n = r.randrange(len(have)), r.choice([1, 1, 1, 2, 3])
        words = have[at:at + n]
        field = name + ":" if r.random() < 0.5 else ""
        if n > 1:
            return field + '"%s"' % " ".join(words)
        if r.random() < 0.2 and len(words[0]) > 3:
            return field + words[0][:r.randint(2, len(words[0]))] + "*"
        return field + words[0]

    for _ in range(count):
        kind = r.randrange(4)
        yield leaf() if kind < 2 else leaf() + " " + leaf() if kind == 2 else \
            "(%s OR %s) %s%s" % (leaf(), leaf(), r.choice(["", "-"]), leaf())


def main():
    messages = list(read(sys.argv[1]))
    if sys.argv[2] == "--sample":
        queries = sample(messages, int(sys.argv[3]), sys.argv[4])
    else:
        queries = (line.rstrip("\n") for line in open(sys.argv[2]))
    for line in queries:
        query = Query(line)
        print(line, " ".join(sorted(m.id for m in messages if query.test(m))), sep="\t")


main()
