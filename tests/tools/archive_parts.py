#!/usr/bin/env python3
"""Compares mm-archive get --attachments and --extract with Python's email package.

    archive_parts.py ARCHIVE SCRATCH <ids

Messages that email finds defects in are only run.  Prints what differs, then a summary."""
import email.policy
import io
import json
import os
import subprocess
import sys
from email.header import decode_header, make_header


def run(ids, *args):
    said = subprocess.run(("mm-archive", "get") + args, input="\n".join(ids).encode(),
                          stdout=subprocess.PIPE, check=True)
    return said.stdout


def messages(archive, ids):
    stream = io.BytesIO(run(ids, archive, "--record"))
    for line in stream:
        size = int(line.split()[2])
        while stream.readline() != b"\n":
            pass
        yield stream.read(size)


def filename(part):
    name = part.get_filename()
    if name is None or "\\" in name or "\ufffd" in name:
        return None
    try:
        return str(make_header(decode_header(name)))
    except (LookupError, UnicodeError, ValueError):
        return name


def octets(part):
    if part.get_content_type().startswith("message/"):
        return None  # email writes it anew
    data = part.get_payload(decode=True)
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64" and \
            data and data == part.get_payload().encode("ascii", "replace"):
        return None  # email could not decode it
    return data


def expected(raw):
    message = email.message_from_bytes(raw)
    found, good = [], True
    for part in message.walk():
        good = good and not part.defects and raw.count(b"\r\n") in (0, raw.count(b"\n"))
        kind = part.get_content_type()
        if part.is_multipart() and not kind.startswith("message/"):
            continue
        if part.get_content_disposition() == "attachment" or part.get_filename() is not None \
                or kind == "message/rfc822":
            found.append((kind, filename(part), octets(part)))
    return found, good and "message/delivery-status" not in [p.get_content_type() for p in message.walk()]


def actual(archive, ids, scratch):
    """The attachments of each id, in order, with their octets."""
    rows = [json.loads(l) for l in run(ids, archive, "--attachments", "--json").splitlines()]
    os.makedirs(scratch)
    paths = run(ids, archive, "--extract", "all", "-d", scratch).decode().splitlines()
    assert len(paths) == len(rows), (len(paths), len(rows))
    found = {ident: [] for ident in ids}
    for row, path in zip(rows, paths):
        assert os.path.dirname(path) == scratch, path
        with open(path, "rb") as f:
            row["octets"] = f.read()
        assert len(row["octets"]) == row["Size"], row
        found[row["ArchivedMessageId"]].append(row)
    return found


def differs(want, have):
    if len(want) != len(have):
        return "%d attachments, expected %d" % (len(have), len(want))
    for (kind, name, data), row in zip(want, have):
        if row["ContentType"].lower() != kind:
            return "type %s, expected %s" % (row["ContentType"], kind)
        if name is not None and " ".join(name.split()) != " ".join(row.get("FileName", "").split()):
            return "name %r, expected %r" % (row.get("FileName"), name)
        if data is not None and data != row["octets"]:
            return "%d octets differ from the expected %d" % (row["Size"], len(data))
    return None


def main():
    archive, scratch = sys.argv[1:3]
    compared = attachments = bad = 0
    ids = sys.stdin.read().split()
    found = actual(archive, ids, scratch)
    for ident, raw in zip(ids, messages(archive, ids)):
        have = found[ident]
        want, good = expected(raw)
        if not good:
            continue
        compared += 1
        attachments += len(want)
        why = differs(want, have)
        if why:
            bad += 1
            print("# %s: %s" % (ident, why))
    print("%d compared, %d attachments, %d differ" % (compared, attachments, bad))


main()
