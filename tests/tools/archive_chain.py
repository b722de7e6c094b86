#!/usr/bin/env python3
"""Checks the chain of an archive by mm-archive(5) alone.

    archive_chain.py ARCHIVE-DIRECTORY [--public-key FILE] [--head LINE]

Every line's hash and place, what the events say of each other, every file that is to be there
by its octets and, of plain archives, by what it holds, back to what was closed first; the
signatures by python3-nacl.  Prints what is wrong; exit 1 then.
"""
import argparse
import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile

wrong = []


def sha(octets):
    return hashlib.sha256(octets).hexdigest()


class File:
    def __init__(self, line, at, origin=None):
        self.line, self.at, self.origin = line, at, origin
        self.name = line.get("Into", line["File"])


def entries_of(path):
    """The hashes of a tar file's entries, and how many are messages."""
    unpacked = subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE, check=True).stdout
    hashes, messages = [], 0
    tar = tarfile.open(fileobj=io.BytesIO(unpacked), mode="r|")
    for e in tar:
        hashes.append(sha(e.name.encode() + b"\n" + tar.extractfile(e).read()))
        messages += e.name.endswith(".eml")
    return hashes, messages


def content(hashes):
    return sha("".join(h + "\n" for h in hashes).encode())


def put_back(hashes, removed):
    whole = list(hashes)
    for r in removed:
        whole.insert(r["At"], r["Entry"])
    return whole


def load_key(path):
    text = open(path).read().split("-----")[2]
    der = base64.b64decode(text)
    return der[-32:], sha(der)[:32]


def verify(key, text, signature):
    from nacl.exceptions import BadSignatureError
    from nacl.signing import VerifyKey
    try:
        VerifyKey(key).verify(text.encode(), base64.b64decode(signature))
        return True
    except (BadSignatureError, ValueError):
        return False


def read_lines(path):
    previous, hashes = "0" * 64, []
    for n, raw in enumerate(open(path, "rb"), 1):
        text = raw.rstrip(b"\n")
        line = json.loads(text)
        before = text[:text.rindex(b',"Hash":"')]
        if list(line)[-2:] != ["Previous", "Hash"]:
            wrong.append(f"line {n}: Previous and Hash are not last")
        if line["N"] != n:
            wrong.append(f"line {n}: N is {line['N']}")
        if line["Previous"] != previous:
            wrong.append(f"line {n}: Previous")
        if line["Hash"] != sha(before):
            wrong.append(f"line {n}: Hash")
        previous = line["Hash"]
        hashes.append(previous)
        yield line, hashes


def replay(path, key):
    """What is to be there, and all hashes of lines."""
    live, hashes = {}, []
    for line, hashes in read_lines(path):
        event, name = line["Event"], line.get("File")
        if event == "seal":
            if name in live:
                wrong.append(f"line {line['N']}: {name} is closed twice")
            live[name] = File(line, line["N"])
        elif event in ("recut", "forget"):
            old = live.pop(name, None)
            if old is None:
                wrong.append(f"line {line['N']}: {name} is not there")
            elif "Into" in line:
                live[line["Into"]] = File(line, line["N"], old)
            elif event == "recut" and "Removed" not in line:
                if old.origin is None or old.origin.name in live:
                    wrong.append(f"line {line['N']}: {name} took no place that could be back")
                else:
                    live[old.origin.name] = old.origin
            elif len(line["Removed"]) != old.line["Entries"]:
                wrong.append(f"line {line['N']}: not all is told of")
        elif event == "index":
            live[name] = File(line, line["N"])
        elif event == "document":
            if "Sha256" in line:
                live[name] = File(line, line["N"])
            else:
                live.pop(name, None)
        elif event == "prune":
            for f in [f for f in live if f == name or f.startswith(name + "/")]:
                del live[f]
        elif event == "head":
            text = f"mm-archive {line['Archive']} {line['Time']} {line['N'] - 1} {line['Previous']}"
            if key and line["Key"] == key[1] and not verify(key[0], text, line["Signature"]):
                wrong.append(f"line {line['N']}: Signature")
        else:
            wrong.append(f"line {line['N']}: Event {event}")
    return live, hashes


def check_file(root, name, f):
    path = os.path.join(root, name)
    try:
        octets = open(path, "rb").read()
    except OSError:
        wrong.append(f"{name} is not there")
        return
    if name in ("holds/log.jsonl", "forgotten.jsonl"):
        octets = octets[:f.line["Size"]]
    if len(octets) != f.line["Size"] or sha(octets) != f.line["Sha256"]:
        if not (f.line["Event"] == "index" and os.stat(path).st_mode & 0o200):
            wrong.append(f"{name}: its octets are not those of line {f.at}")
        return
    if not name.endswith(".tar.zst"):
        return
    hashes, messages = entries_of(path)
    if (len(hashes), messages) != (f.line["Entries"], f.line["Messages"]):
        wrong.append(f"{name}: Entries or Messages of line {f.at}")
    while True:
        if content(hashes) != f.line["Content"]:
            wrong.append(f"{name}: Content of line {f.at}")
        if f.origin is None:
            return
        hashes = put_back(hashes, f.line.get("Removed", []))
        f = f.origin


def check_head(head, hashes, key):
    word = head.split()
    if len(word) != 7 or word[0] != "mm-archive":
        wrong.append("the line that was kept is no such line")
        return
    n = int(word[3])
    if n > len(hashes) or hashes[n - 1] != word[4]:
        wrong.append(f"line {n} is not that of the line that was kept")
    if key and (word[5] != key[1] or not verify(key[0], " ".join(word[:5]), word[6])):
        wrong.append("the signature of the line that was kept")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("archive")
    p.add_argument("--public-key")
    p.add_argument("--head")
    o = p.parse_args()
    key = load_key(o.public_key) if o.public_key else None
    live, hashes = replay(os.path.join(o.archive, "chain.jsonl"), key)
    for name, f in sorted(live.items()):
        check_file(o.archive, name, f)
    if o.head:
        check_head(o.head, hashes, key)
    for w in wrong:
        print(w)
    sys.exit(1 if wrong else 0)


main()
