#!/usr/bin/env python3
"""archive_remains.py DIR WORD...: where words are in the files of an archive.

In their octets as they are, in what zstd frames unpack to, and in names.  One line
FILE WORD each; nothing when there is none.
"""
import os
import subprocess
import sys

words = [w.encode() for w in sys.argv[2:]]
for where, folders, names in os.walk(sys.argv[1]):
    for name in names + folders:
        path = os.path.join(where, name)
        octets = name.encode()
        if os.path.isfile(path):
            octets += open(path, "rb").read()
            if ".tar.zst" in name and not name.endswith(".enc"):
                octets += subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL).stdout
        for word in words:
            if word in octets:
                print(os.path.relpath(path, sys.argv[1]), word.decode())
