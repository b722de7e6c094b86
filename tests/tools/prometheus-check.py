#!/usr/bin/python3
"""prometheus-check.py [SERIES...] <TEXT: is it Prometheus' text format 0.0.4?

Says what is wrong and exits 1, or prints the value of each SERIES, such as
'name{a="b"}' with its labels in alphabetical order.  "absent" if there is none.
"""
import re
import sys

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
SUFFIXES = ("_bucket", "_sum", "_count")


class Bad(Exception):
    pass


def labels_of(text):
    found, at = {}, 0
    while at < len(text):
        m = LABEL.match(text, at)
        if not m or m[1] in found:
            raise Bad(f"labels {text}")
        found[m[1]] = m[2]
        at = m.end()
        if at < len(text) and text[at] != ",":
            raise Bad(f"labels {text}")
        at += 1
    return found


def sample_of(line):
    name = NAME.match(line)
    if not name:
        raise Bad("no name")
    labels, rest = "", line[name.end():]
    if rest.startswith("{"):
        end = re.match(r'\{((?:[^"{}]|"(?:[^"\\]|\\.)*")*)\}', rest)
        if not end:
            raise Bad("braces")
        labels, rest = end[1], rest[end.end():]
    if not re.fullmatch(r" [+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf|NaN)", rest):
        raise Bad(f"value {rest!r}")
    return name[0], labels_of(labels), float(rest), rest[1:]


def family_of(name, kind):
    for suffix in SUFFIXES if kind == "histogram" else ():
        if name.endswith(suffix):
            return name[:-len(suffix)]
    return name


def check_histogram(family, samples):
    by_labels = {}
    for name, labels, value in samples:
        rest = tuple(sorted((k, v) for k, v in labels.items() if k != "le"))
        got = by_labels.setdefault(rest, {"buckets": []})
        if name == family + "_bucket":
            got["buckets"].append((float(labels["le"].replace("+Inf", "inf")), value))
        else:
            got[name[len(family):]] = value
    for got in by_labels.values():
        bounds = [b for b, _ in got["buckets"]]
        counts = [c for _, c in got["buckets"]]
        if bounds != sorted(set(bounds)) or bounds[-1] != float("inf"):
            raise Bad(f"{family}: bounds {bounds}")
        if counts != sorted(counts) or counts[-1] != got["_count"] or "_sum" not in got:
            raise Bad(f"{family}: counts {counts}")


def check_family(family, kind, samples):
    if not samples:
        raise Bad(f"{family}: no samples")
    if kind == "counter" and not family.endswith("_total"):
        raise Bad(f"{family}: a counter's name ends in _total")
    if kind != "gauge" and any(not value >= 0 for _, _, value in samples):
        raise Bad(f"{family}: negative")
    if kind == "histogram":
        check_histogram(family, samples)


def parse(text):
    if not text.endswith("\n"):
        raise Bad("the last line has no end")
    series, done, family, kind, helped, samples = {}, set(), None, None, None, []
    for number, line in enumerate(text[:-1].split("\n"), 1):
        try:
            m = re.fullmatch(r"# (HELP|TYPE) (\S+) (.+)", line)
            if m and m[1] == "HELP":
                helped = m[2]
            elif m:
                if family:
                    check_family(family, kind, samples)
                family, kind, samples = m[2], m[3], []
                if family in done or helped != family or \
                        kind not in ("counter", "gauge", "histogram"):
                    raise Bad(f"type of {family}")
                done.add(family)
            else:
                name, labels, value, shown = sample_of(line)
                key = name + ("{%s}" % ",".join(f'{k}="{labels[k]}"' for k in sorted(labels))
                              if labels else "")
                if family_of(name, kind) != family or key in series:
                    raise Bad(f"{key} does not belong here")
                series[key] = shown
                samples.append((name, labels, value))
        except Bad as e:
            raise Bad(f"line {number}: {e}") from e
    if family:
        check_family(family, kind, samples)
    return series


def main():
    try:
        series = parse(sys.stdin.buffer.read().decode())
    except (Bad, UnicodeDecodeError, KeyError) as e:
        sys.exit(f"prometheus-check: {e!r}")
    for wanted in sys.argv[1:]:
        print(series.get(wanted, "absent"))


main()
