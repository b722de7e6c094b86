#!/bin/bash
# mm-archive add, killed at any moment, by several writers, on a full disk: what was
# acknowledged is there, once; the tars are whole.
rounds=${MM_ROUNDS:-20} # tap.sh unsets it
. "$(dirname "$0")/../lib/tap.sh"
need python3 tar zstd

export MM_SITE=$T/site MM_ARCHIVE_ROOT=$T/root MM_NODE=n MM_LOG=error
kind=${1:-plain} # or encrypted
encrypt=()
[ "$kind" = plain ] || encrypt=(--encrypt)
mm-archive create Box --retention PERMANENT "${encrypt[@]}" >/dev/null
for w in a b c; do
	python3 "$top/tests/tools/archive_corpus.py" 300 $w 2024-03-22 >"$T/in.$w"
done
acknowledged() { # FILE...: ids whose record came out whole
	python3 - "$@" <<'END'
import sys
for path in sys.argv[1:]:
    data, at = open(path, "rb").read(), 0
    while at < len(data):
        end = data.find(b"\n\n", at)
        if end < 0:
            break
        head = data[at:end].split(b"\n")
        n = int(head[0].split()[2])
        if end + 2 + n > len(data):
            break
        if b"status: ok" in head:
            print(next(h[4:] for h in head if h.startswith(b"id: ")).decode())
        at = end + 2 + n
END
}
ids() {
	mm-search -a Box --ids | sort
}
# once NAME: every acknowledged id is listed once, every message is whole
once() {
	acknowledged "$T"/out.* | sort -u >"$T/acked"
	ids >"$T/listed"
	is "$1: nothing acknowledged is missing" "$(comm -23 "$T/acked" "$T/listed")" ""
	is "$1: nothing is there twice" "$(uniq -d "$T/listed")" ""
	exit_is "$1: verify" 0 mm-archive verify Box
	is "$1: tar reads all" "$(for f in "$T"/root/Box/*/*.tar.zst*; do
		mm-archive cat Box "$f" | tar --zstd -t 2>&1 >/dev/null
	done)" ""
}

# --- killed
# feed FILE: its records in any order; pauses make many small commits
feed() {
	python3 - "$1" <<'END'
import random, re, sys, time
data = open(sys.argv[1], "rb").read()
cuts = [m.start() for m in re.finditer(rb"^mail 1 \d+\nid: ", data, re.M)] + [len(data)]
order = list(range(len(cuts) - 1))
random.shuffle(order)
try:
    for k in order:
        sys.stdout.buffer.write(data[cuts[k]:cuts[k + 1]])
        if random.random() < 0.3:
            sys.stdout.buffer.flush()
            time.sleep(0.001)
    sys.stdout.buffer.flush()
except BrokenPipeError:
    pass
END
}
for ((i = 0; i < rounds; i++)); do
	pids=()
	for w in a b; do
		feed "$T/in.$w" 2>/dev/null | mm-archive add Box >"$T/out.$w.$i" 2>>"$T/err" &
		pids+=($!)
	done
	wait_for "an answer" test -s "$T/out.a.$i"
	sleep "0.0$((RANDOM % 10))"
	kill -9 "${pids[@]}" 2>/dev/null
	wait "${pids[@]}" 2>/dev/null
done
pids=()
like "some were acknowledged before the kill" "$(acknowledged "$T"/out.* | sort -u | wc -l)" '^[1-9]'
for w in a b; do
	mm-archive add Box <"$T/in.$w" >"$T/out.$w.last" 2>"$T/err.$w"
done
once killed
is "killed: both streams are there whole" "$(wc -l <"$T/listed")" 600

# --- three writers at once, two of the same stream
rm -rf "$T"/root/Box/20* "$T"/out.*
for w in a b c a; do
	n=$((n + 1))
	mm-archive add Box <"$T/in.$w" >"$T/out.$n" 2>>"$T/err3" &
	pids[${#pids[@]}]=$!
done
wait "${pids[@]}"
is "together: no errors" "$(cat "$T/err3")" ""
once together
is "together: each message once" "$(wc -l <"$T/listed")" 900
is "together: all are answered" "$(cat "$T"/out.* | grep -acE '^archived: Box( duplicate)?$')" 1200

# --- a full disk
if [ "$(id -u)" -eq 0 ] && mkdir "$T/small" && mount -t tmpfs -o size=700k none "$T/small" 2>/dev/null; then
	at_exit "umount $T/small"
	export MM_ARCHIVE_ROOT=$T/small
	rm -f "$T"/out.*
	mm-archive create Box "${encrypt[@]}" >/dev/null
	for i in 1 2 3 4; do
		mm-archive add Box <"$T/in.a" >"$T/out.$i" 2>"$T/err.$i"
	done
	for ((i = 0; i < 60; i++)); do # how much fits depends on what came in one batch
		python3 "$top/tests/tools/archive_corpus.py" 40 "d$i" 2024-03-22 |
			mm-archive add Box >"$T/out.d$i" 2>>"$T/err.d"
		[ "$i" -lt 3 ] || ! grep -aq '^reply: 4' "$T"/out.* || break
	done
	like "full: told as such" "$(cat "$T"/out.* | grep -a '^reply: 4' | sort -u)" \
		'reply: 452 4.3.1 no space in archive Box'
	acknowledged "$T"/out.* | sort -u >"$T/acked"
	ids >"$T/listed"
	is "full: nothing acknowledged is missing" "$(comm -23 "$T/acked" "$T/listed")" ""
	is "full: nothing else is there" "$(comm -13 "$T/acked" "$T/listed")" ""
	exit_is "full: verify" 0 mm-archive verify Box
	mount -o remount,size=20m "$T/small"
	mm-archive add Box <"$T/in.a" >"$T/out.again" 2>"$T/err.again"
	is "full: with room again everything is taken" "$(grep -ac '^status: ok' "$T/out.again")" 300
	exit_is "full: and whole" 0 mm-archive verify Box
else
	skip "a full disk" "needs root and tmpfs"
fi
done_testing
