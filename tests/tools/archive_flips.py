#!/usr/bin/env python3
"""archive_flips.py ARCHIVE-DIRECTORY NUMBER COMMAND...: flips single bits all over an archive,
one at a time; the command is to exit 65 for each.  Every file gets some, the first and the last
octet among them; the rest go by size.  Prints what was not found, then how many were."""
import os
import random
import subprocess
import sys


def files_of(root):
    for folder, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            # what SQLite makes anew for readers says nothing
            if not name.endswith("-shm") and os.path.getsize(path):
                yield path


def sample(files, number):
    sizes = {f: os.path.getsize(f) for f in files}
    some = random.Random(7)
    for f in files:
        for at in {0, sizes[f] - 1, *(some.randrange(sizes[f]) for _ in range(4))}:
            yield f, at, some.randrange(8)
    for f in some.choices(list(sizes), weights=list(sizes.values()), k=number):
        yield f, some.randrange(sizes[f]), some.randrange(8)


def flip(path, at, bit):
    mode = os.stat(path).st_mode
    os.chmod(path, mode | 0o200)
    with open(path, "r+b") as f:
        f.seek(at)
        octet = f.read(1)[0]
        f.seek(at)
        f.write(bytes([octet ^ (1 << bit)]))
    os.chmod(path, mode)


root, number, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
files, found = list(files_of(root)), 0
for path, at, bit in sample(files, max(0, number - 6 * len(files))):
    flip(path, at, bit)
    status = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    flip(path, at, bit)
    if status == 65:
        found += 1
    else:
        print(f"{path}: byte {at}, bit {bit}: {status}")
print(found, "found in", " ".join(os.path.relpath(f, root) for f in files))
