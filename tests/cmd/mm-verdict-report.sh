#!/bin/bash
# DMARC aggregate reports: what is noted of each message, and the reports of a day.
. "$(dirname "$0")/../lib/tap.sh"
need mm-verdict mm-relay python3 sqlite3 xmllint
printf '{"Hostname": "mx.example"}\n' >"$T/site.json"
export MM_SITE=$T
long=$(printf 'x%.0s' {1..60})
cat >"$T/zone" <<END
_dmarc.example.com. TXT "v=DMARC1; p=reject; sp=quarantine; np=none; fo=1:d; adkim=s; rua=mailto:r@example.com,mailto:s@reports.example.com"
mail.example.com. A 192.0.2.1
reports.example.com. MX 10 mail.example.com.
_dmarc.test.example. TXT "v=DMARC1; p=reject; t=y; rua=mailto:r@big.example!500,mailto:r%2bx@small.example!10m"
test.example._report._dmarc.big.example. TXT "v=DMARC1;"
test.example._report._dmarc.small.example. TXT "v=DMARC1"
_dmarc.quiet.example. TXT "v=DMARC1; p=reject"
_dmarc.out.example. TXT "v=DMARC1; p=none; rua=mailto:a@no.example,mailto:b@yes.example,mailto:c@moved.example,mailto:d@evil.example,https://x.example/,mailto:e@wild.example?subject=x,mailto:b@yes.example"
out.example._report._dmarc.yes.example. TXT "v=DMARC1"
out.example._report._dmarc.moved.example. TXT "x"
out.example._report._dmarc.moved.example. TXT "v=DMARC1; rua=mailto:new@moved.example,mailto:too@moved.example"
out.example._report._dmarc.evil.example. TXT "v=DMARC1; rua=mailto:victim@victim.example"
*._report._dmarc.wild.example. TXT "v=DMARC1"
_dmarc.xn--bcher-kva.example. TXT "v=DMARC1; p=none; rua=mailto:none@nowhere.example"
_dmarc.half.example. TXT "v=DMARC1; p=reject; pct=0; rua=mailto:r@half.example"
_dmarc.$long.example. TXT "v=DMARC1; p=none; rua=mailto:r@$long.example"
END
export MM_ZONE=$T/zone
db=$T/dmarc.db

message() { # FROM IP MAIL-FROM TIME FIELD...: a record
	local body
	body=$(printf 'From: <a@%s>\r\nSubject: x\r\n\r\nhi\r\n.' "$1")
	body=${body%.}
	printf 'mail 1 %d\nclient-ip: %s\nmail-from: %s\nreceived: %s\n' "$(printf %s "$body" | wc -c)" \
		"$2" "$3" "$4"
	printf '%s\n' "${@:5}"
	printf '\n%s' "$body"
}
noon=2026-11-25T12:00:00Z
{
	for _ in 1 2 3; do
		message mail.example.com 192.0.2.1 '<b@example.com>' $noon 'spf: pass domain=example.com' \
			'dkim: pass d=example.com s=s1' 'dkim: fail d=other.example s=s2 reason="body <changed> & so"'
	done
	message example.com 2001:db8::1 '<>' 2026-11-25T00:00:00Z 'spf: softfail domain=helo.example' 'dkim: none'
	message example.com 192.0.2.9 '<b@x.example>' 2026-11-25T23:59:59.999Z 'spf: none' 'dkim: none' \
		'dmarc-override: local_policy a "friend" <of> ours & more'
	message example.com 192.0.2.9 '<b@x.example>' 2026-11-26T00:00:00Z 'spf: none' 'dkim: none'
	message example.com 192.0.2.9 '<b@x.example>' 2026-11-24T23:59:59Z 'spf: none' 'dkim: none'
	message test.example 192.0.2.2 '<b@x.example>' $noon 'spf: fail domain=x.example' 'dkim: none'
	message quiet.example 192.0.2.2 '<b@x.example>' $noon 'spf: fail domain=x.example' 'dkim: none'
	message out.example 192.0.2.2 '<b@x.example>' $noon 'spf: fail domain=x.example' 'dkim: none'
	message $'b\xc3\xbccher.example' 192.0.2.2 '<b@x.example>' $noon 'spf: fail domain=x.example' 'dkim: none'
	message nothing.example 192.0.2.2 '<b@x.example>' $noon 'spf: fail domain=x.example' 'dkim: none'
	message "$long.example" 192.0.2.2 '<b@x.example>' $noon 'spf: fail domain=x.example' 'dkim: none'
} >"$T/stream"
mm-verdict --given --no-header <"$T/stream" >"$T/plain"
mm-verdict --given --no-header --dmarc-log "$db" <"$T/stream" >"$T/out" 2>"$T/err"
is "the verdicts are the same with a log" "$(grep -a '^dmarc:' "$T/out" | sort)" \
	"$(grep -a '^dmarc:' "$T/plain" | sort)"
is "nothing to complain of" "$(cat "$T/err")" ""
is "a row a message that has a policy" "$(sqlite3 "$db" 'SELECT count(*) FROM messages')" 12
message example.com 192.0.2.9 '<b@x.example>' $noon 'spf: none' 'dkim: none' 'dmarc: fail d=example.com' \
	'attempt: 2' | mm-verdict --no-header --dmarc-log "$db" >/dev/null
is "but none for a queue's second attempt" "$(sqlite3 "$db" 'SELECT count(*) FROM messages')" 12

report() { mm-verdict report --dmarc-log "$db" --day 2026-11-25 --email dmarc@mx.example "$@" 2>"$T/err"; }
mkdir "$T/files"
ok "reports as files" report --org 'Our <Org> & "Co"' --out "$T/files"
is "one a domain that asks for it" "$(cd "$T/files" && ls)" \
	"$(for d in example.com out.example test.example xn--bcher-kva.example "$long.example"; do
		printf 'mx.example!%s!1795564800!1795651199.xml.gz\n' "$d"
	done | sort)"
show() { python3 "$top/tests/tools/dmarc_report_check.py" "$T/files/mx.example!$1!1795564800!1795651199.xml.gz"; }
is "what it says" "$(show example.com)" \
	"1795564800 1795651199 domain=example.com p=reject sp=quarantine np=none adkim=s aspf=r testing=n discovery_method=treewalk fo=1:d
192.0.2.1 3 pass fail pass mail.example.com <example.com> dkim=pass:example.com:s1 dkim=fail:other.example:s2 spf=pass:example.com
192.0.2.9 1 none fail fail example.com <x.example> spf=none:x.example reason=local_policy(a \"friend\" <of> ours & more)
2001:db8::1 1 reject fail fail example.com <> spf=softfail:helo.example"
is "t=y is told" "$(show test.example | tail -n 1)" \
	"192.0.2.2 1 quarantine fail fail test.example <x.example> spf=fail:x.example reason=policy_test_mode(t=y)"
for f in "$T/files"/*; do
	gzip -dc "$f" >"$T/one.xml"
	ok "well formed: $(basename "$f" | cut -c1-40)" xmllint --noout "$T/one.xml"
	unlike "and right" "$(python3 "$top/tests/tools/dmarc_report_check.py" "$f")" wrong:
done
is "who reports" "$(gzip -dc "$T/files/mx.example!example.com!"* | grep org_name)" \
	'    <org_name>Our &lt;Org&gt; &amp; "Co"</org_name>'

# --- mail
report --org 'Übermail "GmbH"' >"$T/mail"
is "to whom: those of the same organization, and those who consent" \
	"$(sed -n 's/^rcpt-to: //p' "$T/mail" | sed "s/$long/LONG/" | sort)" \
	"<b@yes.example>
<e@wild.example>
<new@moved.example>
<r+x@small.example>
<r@LONG.example>
<r@example.com>
<s@reports.example.com>
<too@moved.example>"
like "too large for who said so" "$(cat "$T/err")" 'report for test.example: larger than r@big.example takes'
like "none that may be sent it" "$(cat "$T/err")" 'report for xn--bcher-kva.example: it may be sent to none'
ok "a mail as the RFC wants it" python3 - "$T/mail" "$T/files" <<'END'
import email, email.policy, os, re, sys
data = open(sys.argv[1], "rb").read()
seen = 0
while data:
    head, data = data.split(b"\n\n", 1)
    n = int(head.split(b"\n")[0].split()[2])
    body, data = data[:n], data[n:]
    m = email.message_from_bytes(body, policy=email.policy.default)
    fields = dict(l.split(": ", 1) for l in head.decode().split("\n")[1:])
    assert fields["mail-from"] == "<dmarc@mx.example>", fields
    assert fields["rcpt-to"] == "<" + m["To"].addresses[0].addr_spec + ">"
    assert m["From"].addresses[0].display_name == 'Übermail "GmbH"', m["From"]
    assert m["From"].addresses[0].addr_spec == "dmarc@mx.example"
    subject = re.fullmatch(r"Report Domain: (\S+) Submitter: mx\.example Report-ID: <(\S+@mx\.example)>", m["Subject"])
    assert subject, m["Subject"]
    assert m["Message-ID"] == "<" + subject[2] + ">"
    part = [p for p in m.iter_attachments()]
    assert len(part) == 1 and part[0].get_content_type() == "application/gzip"
    name = part[0].get_filename()
    assert name == f"mx.example!{subject[1]}!1795564800!1795651199.xml.gz", name
    import gzip
    xml = gzip.decompress(part[0].get_content())
    assert subject[2].encode() in xml
    assert "Übermail".encode() in xml
    assert all(len(l) <= 998 and l.isascii() for l in body.split(b"\r\n"))
    assert b"\n" not in body.replace(b"\r\n", b"")
    seen += 1
assert seen == 8, seen
END
is "the same report has the same id" "$(grep -a '^Message-ID' "$T/mail" | sort -u)" \
	"$(report --org 'Übermail "GmbH"' | grep -a '^Message-ID' | sort -u)"
is "a day without mail" "$(mm-verdict report --dmarc-log "$db" --day 2026-11-20 --email d@mx.example)" ""
is "mm-relay takes it" "$(mm-relay -n --mx <"$T/mail" 2>/dev/null | grep -a '^plan: <s@')" \
	"plan: <s@reports.example.com> relay=mx reason=mx tls=may 10:mail.example.com[192.0.2.1]:25"

# --- RFC 7489
message half.example 192.0.2.2 '<b@x.example>' $noon 'spf: fail domain=x.example' 'dkim: none' |
	mm-verdict --given --no-header --dmarc rfc7489 --dmarc-log "$T/old.db" >/dev/null
mkdir "$T/old"
mm-verdict report --dmarc-log "$T/old.db" --day 2026-11-25 --email dmarc@mx.example --out "$T/old"
like "by public suffixes: spared by pct=" "$(python3 "$top/tests/tools/dmarc_report_check.py" "$T/old"/*)" \
	'discovery_method=psl
192.0.2.2 1 quarantine fail fail half.example <x.example> spf=fail:x.example reason=other\(not one of pct=\)'

# --- a policy that changes: the last one is told
sed 's/p=none; rua=mailto:a@no/p=quarantine; rua=mailto:a@no/' "$T/zone" >"$T/zone2"
message out.example 192.0.2.3 '<b@x.example>' 2026-11-25T13:00:00Z 'spf: none' 'dkim: none' |
	MM_ZONE=$T/zone2 mm-verdict --given --no-header --dmarc-log "$db" >/dev/null
report --out "$T/files"
like "one report of both" "$(show out.example)" 'domain=out.example p=quarantine .*
192.0.2.2 1 none .*
192.0.2.3 1 quarantine '

# --- many writers, a log that cannot be had, a log that is locked
for ((i = 0; i < 500; i++)); do
	message out.example 192.0.2.7 '<b@x.example>' 2026-11-01T00:00:00Z 'spf: none' 'dkim: none'
done >"$T/many"
pids=()
for i in 1 2 3; do
	mm-verdict --given --no-header --dmarc-log "$db" <"$T/many" >"$T/w$i" 2>>"$T/werr" &
	pids+=($!)
done
wait "${pids[@]}"
is "three at once lose nothing" \
	"$(sqlite3 "$db" "SELECT count(*) FROM messages WHERE source_ip = '192.0.2.7'")" 1500
mm-verdict --given --no-header --dmarc-log "$T/nowhere/x.db" <"$T/stream" >"$T/out2" 2>"$T/err"
is "a log that cannot be had holds no mail up" "$(grep -ac '^dmarc:' "$T/out2")" 13
is "and is told once" "$(grep -c 'level=error' "$T/err")" 1
mkfifo "$T/lock"
sqlite3 "$db" <"$T/lock" >/dev/null &
exec 3>"$T/lock"
echo 'BEGIN IMMEDIATE; SELECT writefile('"'$T/locked'"', 1);' >&3
wait_for "a lock" test -e "$T/locked"
mkfifo "$T/in"
mm-verdict --given --no-header --dmarc-log "$T/other.db" <"$T/in" >"$T/out3" 2>"$T/err" 3>&- &
pid=$!
exec 4>"$T/in"
cat "$T/many" >&4
wait_for "its rows" sh -c "[ \$(sqlite3 '$T/other.db' 'SELECT count(*) FROM messages') = 500 ]"
exec 4>&-
wait "$pid"
is "rows are there within a second, not at the end only" "$(grep -ac '^dmarc:' "$T/out3")" 500
mkfifo "$T/in4"
mm-verdict --given --no-header --dmarc-log "$db" <"$T/in4" >"$T/out4" 2>"$T/err" 3>&- &
pid=$!
exec 4>"$T/in4"
cat "$T/many" >&4
wait_for "the mail, while somebody else writes" sh -c "[ \$(grep -ac '^dmarc:' '$T/out4') = 500 ]"
exec 3>&-
wait_for "the rows, once he does not" sh -c "[ \$(sqlite3 '$db' \"SELECT count(*) FROM messages WHERE source_ip = '192.0.2.7'\") = 2000 ]"
exec 4>&-
wait
is "nothing to complain of" "$(cat "$T/err")" ""

# --- what is old goes
before=$(sqlite3 "$db" 'SELECT count(*) FROM messages')
ok "nothing is that old" mm-verdict report --dmarc-log "$db" --keep 3650d
is "all is there" "$(sqlite3 "$db" 'SELECT count(*) FROM messages')" "$before"
sqlite3 "$db" "UPDATE messages SET received = 0 WHERE source_ip = '192.0.2.7'"
sqlite3 "$db" "UPDATE messages SET received = strftime('%s', 'now') * 1000 WHERE source_ip <> '192.0.2.7'"
ok "what is older goes" mm-verdict report --dmarc-log "$db" --keep 30d
is "what is not stays" "$(sqlite3 "$db" 'SELECT count(*) FROM messages')" 13
sqlite3 "$db" "UPDATE messages SET received = 0"
mm-verdict report --dmarc-log "$db" --keep 30d
is "policies that no message had go too" "$(sqlite3 "$db" 'SELECT count(*) FROM policies')" 0

exit_is "no log" 64 mm-verdict report --email a@b.example
exit_is "no sender" 64 mm-verdict report --dmarc-log "$db"
exit_is "a day that is none" 64 mm-verdict report --dmarc-log "$db" --email a@b.example --day 2026-02-31
exit_is "a sender that is none" 64 mm-verdict report --dmarc-log "$db" --email 'a b'
exit_is "an operand" 64 mm-verdict report --dmarc-log "$db" --email a@b.example x
printf 'no database, but long enough to be one %0200d' 1 >"$T/text"
exit_is "a file that is no database" 75 mm-verdict report --dmarc-log "$T/text" --email a@b.example
exit_is "a directory that is not there" 75 env MM_ZONE="$T/zone" sh -c "
	mm-verdict --given --no-header --dmarc-log '$T/new.db' <'$T/stream' >/dev/null
	mm-verdict report --dmarc-log '$T/new.db' --email a@b.example --day 2026-11-25 --out '$T/none'"
done_testing
