#!/usr/bin/env python3
"""corpus_stream.py DIR [MONTHS [COUNT [MAILDIR]]]: the messages of the files *.txt and
*.eml below DIR as a mail stream, received one after the other over so many months
(default 1, the last of them 2024-05).  The same into MAILDIR for other programs.
"""
import os
import sys


def files(folder):
    for path, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith((".txt", ".eml")):
                with open(os.path.join(path, name), "rb") as f:
                    yield f.read()


def main():
    months = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    count = int(sys.argv[3]) if len(sys.argv) > 3 else None
    maildir = sys.argv[4] if len(sys.argv) > 4 else None
    messages = [octets for octets in files(sys.argv[1]) if octets][:count]
    for folder in ("cur", "new", "tmp") if maildir else ():
        os.makedirs(os.path.join(maildir, folder))
    for i, octets in enumerate(messages):
        place = i * months * 28 // len(messages)
        month = 2024 * 12 + 4 - (months - 1) + place // 28
        sys.stdout.buffer.write(
            b"mail 1 %d\nid: m%06d\nreceived: %04d-%02d-%02dT%02d:%02d:%02dZ\n\n"
            % (len(octets), i, month // 12, month % 12 + 1, place % 28 + 1,
               i // 3600 % 24, i // 60 % 60, i % 60) + octets)
        if maildir:
            with open(os.path.join(maildir, "cur", "%06d:2,S" % i), "wb") as f:
                f.write(octets)


main()
