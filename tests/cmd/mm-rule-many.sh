#!/bin/bash
# Messages with very many recipients: the work grows with their number, not with its square.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"

N=20000
export MM_LOG=error

# many FIELD...: a record for N recipients, with these fields behind them.
many() {
	mapfile -t rcpt < <(seq -f 'rcpt-to: <u%.0f@a.example>' $N)
	record m1 "${rcpt[@]}" "$@"
}

# A filter that answers with a result and a finding for each recipient, the last first.
cat >"$T/backwards" <<'END'
#!/usr/bin/python3
import sys
stream, out = sys.stdin.buffer, sys.stdout.buffer
while first := stream.readline():
    lines = list(iter(stream.readline, b"\n"))
    body = stream.read(int(first.split()[2]))
    rcpt = [l[9:-1] for l in lines if l.startswith(b"rcpt-to: ")]
    for i in range(len(rcpt) - 1, -1, -1):
        said = b"permfail 550 5.1.1 no " if i % 2 else b"ok 250 2.0.0 yes "
        lines.append(b"result: %s %s%d\n" % (rcpt[i], said, i))
        lines.append(b"relayed: %s relay=one\n" % rcpt[i])
    out.write(first + b"".join(lines) + b"\n" + body)
    out.flush()
END
chmod +x "$T/backwards"

rules twice <<END
{"Actions": [{"Archive": {"TargetArchive": "keep"}}]},
{"Actions": [{"Relay": {"Relay": "one"}}]}
END
rules replace <<END
{"Actions": [{"Archive": {"TargetArchive": "keep"}},
 {"ReplaceRecipient": {"ReplaceWith": ["x@b.example", "y@b.example"]}}, {"Relay": {"Relay": "one"}}]}
END

# expected FIRST SECOND: the result fields, odd and even recipients in turn.
expected() {
	awk -v n=$N -v a="$1" -v b="$2" \
		'BEGIN { for (i = 0; i < n; i++) print "result: <u" i + 1 "@a.example> " (i % 2 ? b : a) i }'
}

many >"$T/in"
timeout 20 mm-rule -x "Archive=cat" -x "Relay=$T/backwards" twice <"$T/in" >"$T/out"
is "every result is its recipient's" "$(fields result <"$T/out" | md5sum)" \
	"$(expected 'ok 250 2.0.0 yes ' 'permfail 550 5.1.1 no ' | md5sum)"
is "every finding is kept, once" "$(fields relayed <"$T/out" | sort -u | wc -l) $(fields relayed <"$T/out" | wc -l)" \
	"$N $N"

timeout 20 mm-rule -x Archive=cat -x "Relay=$fake -o $T/log" replace <"$T/in" >"$T/out"
is "all of them replaced" "$(log | cut -d[ -f1)" "0/2 Relay one m1 <x@b.example> <y@b.example> "
is "and each has a result" "$(fields result <"$T/out" | sort -u | wc -l)" $N

mapfile -t finished < <(seq -f "done: twice 0/0 - Archive keep ok <u%.0f@a.example> 250 2.0.0 kept" $N -1 2)
many "${finished[@]}" | timeout 20 mm-rule -x "Archive=$fake -o $T/log" -x Relay=cat twice >"$T/out"
is "what was done is not done again" "$(log)" "0/0 Archive keep m1 <u1@a.example> [X-Tag: here]"

mapfile -t final < <(seq -f "result: <u%.0f@a.example> ok 250 2.0.0 gone" $N -1 2)
many "${final[@]}" | timeout 20 mm-rule -x "Archive=$fake -o $T/log" -x Relay=cat twice >"$T/out"
is "nor for those that are done" "$(log)" "0/0 Archive keep m1 <u1@a.example> [X-Tag: here]"

# A header of a megabyte of addresses, and large messages with headers on top.
rules tall <<END
{"Conditions": [{"StringExpression": {"Evaluate": {"Attribute": "TO"}, "Operator": "EQUALS", "Values": ["a@9999.example"]}}],
 "Actions": [{"AddHeader": {"HeaderName": "X-Seen", "HeaderValue": "9999"}}]},
{"Conditions": [{"StringExpression": {"Evaluate": {"Attribute": "TO"}, "Operator": "EQUALS", "Values": ["a@10001.example"]}}],
 "Actions": [{"AddHeader": {"HeaderName": "X-Seen", "HeaderValue": "10001"}}]},
{"Actions": [{"AddHeader": {"HeaderName": "X-Last", "HeaderValue": "1"}}]},
{"Conditions": [$(header X-Seen EQUALS 9999), $(header X-Last EQUALS 1)], "Actions": [{"Relay": {"Relay": "one"}}]}
END
{
	printf 'To:'
	seq -f ' a@%.0f.example,' 1 40000
	printf '\n'
	head -c 3000000 /dev/zero | tr '\0' x | fold -w 70
} >"$T/tall.eml"
timeout 20 mm-rule -x "Relay=$fake -o $T/log" tall --rcpt-to bob@a.example --field id=m2 "$T/tall.eml" >"$T/out"
is "10,000 values are looked at; what was added is seen" "$(log)" \
	"3/0 Relay one m2 <bob@a.example> [X-Last: 1] [X-Seen: 9999]"

done_testing
