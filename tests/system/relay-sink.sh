#!/bin/bash
# mm-relay against postfix's smtp-sink: many messages, and its failure modes.
. "$(dirname "$0")/../lib/tap.sh"
need mm-relay smtp-sink python3

export MM_SITE=$T/site
mkdir -p "$MM_SITE"
chmod 755 "$T"

sink() { # NAME [OPTION...]
	port=$(free_port)
	mkdir -m 777 "$T/$1"
	start "$1" smtp-sink -u nobody -c -R "$T/$1" "${@:2}" "127.0.0.1:$port" 200
	wait_for "smtp-sink" port_open "$port"
}

stream() { # N FILE: records of various bodies, also one of each in DIR
	python3 - "$1" "$2" <<'P'
import random, sys
random.seed(1)
with open(sys.argv[2], "wb") as f:
    for i in range(int(sys.argv[1])):
        lines = [b"X-Id: m%d" % i, b"From: a@example.org", b""]
        for _ in range(random.randrange(40)):
            lines.append(random.choice([b"", b".", b"..", b".x", b"a" * random.randrange(300), b"text \xc3\xa9"]))
        body = b"".join(l + b"\r\n" for l in lines)
        f.write(b"mail 1 %d\nid: m%d\nmail-from: <a@example.org>\nrcpt-to: <b@example.net>\nx-own: m%d\n\n" % (len(body), i, i))
        f.write(body)
P
}
stream 2000 "$T/in"

sink many -d '%M.'
mm-relay --to "127.0.0.1:$port" --max-connections 4 <"$T/in" >"$T/out" 2>"$T/err"
is "2000 records: exit 0" $? 0
is "2000 records, 2000 times ok" "$(grep -ac '^status: ok$' "$T/out")" 2000
is "unknown fields are kept" "$(grep -a '^x-own: ' "$T/out" | sort -u | wc -l)" 2000
ok "each arrived once, byte for byte" python3 - "$T/in" "$T/many" <<'P'
import os, re, sys
want = {}
data = open(sys.argv[1], "rb").read()
while data:
    head, rest = data.split(b"\n\n", 1)
    n = int(head.split(b"\n")[0].split()[2])
    body, data = rest[:n], rest[n:]
    want[re.search(rb"id: (\S+)", head)[1]] = body
got = {}
for name in os.listdir(sys.argv[2]):
    # smtp-sink puts its own header fields on top, and LF for CRLF
    text = open(os.path.join(sys.argv[2], name), "rb").read()
    for one in [text]:
        at = one.index(b"X-Id: ")
        key = re.match(rb"X-Id: (\S+)", one[at:])[1]
        assert key not in got, key
        got[key] = one[at:].rstrip(b"\n")
assert len(got) == len(want), (len(got), len(want))
for key, body in want.items():
    assert got[key] == body.replace(b"\r\n", b"\n").rstrip(b"\n"), key
P
stop many
sessions=$(tr '\r' '\n' <"$T/many.log" | grep -o 'sess=[0-9]*' | tail -n 1)
ok "over four connections at most (and the one of the test)" test "${sessions#sess=}" -le 5
is "the peer heard QUIT on each" "$(tr '\r' '\n' <"$T/many.log" | grep -o 'quit=[0-9]*' | tail -n 1 | cut -d= -f2)" \
	"$((${sessions#sess=} - 1))"

stream 20 "$T/few"
# OPTION | exit with one message | status of all of 20 records
printf 'From: a@example.org\n\nx\n' >"$T/msg"
while IFS='|' read -r options code status; do
	name=mode$((n += 1))
	# shellcheck disable=SC2086
	sink "$name" $options
	mm-relay --to "127.0.0.1:$port" --timeout 20s <"$T/few" >"$T/out" 2>"$T/err"
	is "smtp-sink $options: every record comes back $status" \
		"$(grep -ac "^status: $status\$" "$T/out")" 20
	exit_is "smtp-sink $options: exit $code" "$code" mm-relay --to "127.0.0.1:$port" \
		--mail-from a@example.org --rcpt-to b@example.net "$T/msg"
	stop "$name"
done <<'X'
-p|0|ok
-e|0|ok
-P|0|ok
-N|0|ok
-n 3|0|ok
-f connect|69|permfail
-r connect|75|tempfail
-q connect|75|tempfail
-Q connect|75|tempfail
-f ehlo|0|ok
-f ehlo,helo|69|permfail
-r ehlo|75|tempfail
-q ehlo|75|tempfail
-f mail|69|permfail
-r mail|75|tempfail
-q mail|75|tempfail
-Q mail|75|tempfail
-f rcpt|69|permfail
-r rcpt|75|tempfail
-q rcpt|75|tempfail
-Q rcpt|75|tempfail
-f data|69|permfail
-r data|75|tempfail
-q data|75|tempfail
-Q data|75|tempfail
-f .|69|permfail
-r .|75|tempfail
-q .|75|tempfail
-Q .|75|tempfail
X

sink lmtp -L
exit_is "LMTP" 0 mm-relay --to "lmtp:127.0.0.1:$port" --mail-from a@example.org \
	--rcpt-to b@example.net --rcpt-to c@example.net "$T/msg"
done_testing
