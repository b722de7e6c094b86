#!/bin/bash
# mm-scan rspamd before a server that answers as told, also wrongly.
. "$(dirname "$0")/../lib/tap.sh"
need mm-scan python3

cat >"$T/answers" <<'JSON'
{ "clean": "{\"score\":-0.5,\"required_score\":15.0,\"action\":\"no action\",\"symbols\":{}}",
  "together": "{\"score\":0,\"action\":\"no action\"}",
  "spam": "{\"score\":21.25,\"required_score\":15,\"action\":\"reject\",\"symbols\":{\"A\":{\"score\":0.5},\"B\":{\"score\":20},\"C\":{\"score\":-1.25},\"D E\":{\"score\":9},\"F\":{}}}",
  "gray": "{\"score\":5,\"required_score\":15,\"action\":\"add header\"}",
  "own": "{\"score\":5,\"required_score\":15,\"action\":\"of\\nour own\"}",
  "skipped": "{\"is_skipped\":true,\"score\":0,\"required_score\":15,\"action\":\"no action\"}",
  "gtube": "{\"is_skipped\":true,\"score\":15,\"required_score\":15,\"action\":\"reject\"}",
  "nothing": "", "list": "[1]", "number": "{\"score\":\"5\",\"action\":\"reject\"}",
  "big": "{\"score\":1e999,\"action\":\"reject\"}",
  "noaction": "{\"score\":5}", "half": "{\"score\":5,\"action\"",
  "404": [404, "no such thing"], "500": [500, "{}"], "slow": "slow", "close": "close" }
JSON
start rspamd python3 "$top/tests/tools/fake-rspamd.py" "$T/answers" "$T/seen"
wait_for "its port" test -s "$T/rspamd.log"
url=http://127.0.0.1:$(cat "$T/rspamd.log")

scan() { # SUBJECT OPTION...
	printf '%s\r\n' 'From: <a@example.org>' "Subject: $1" '' text >"$T/m.eml"
	mm-scan --url "$url/" "${@:2}" rspamd "$T/m.eml" 2>"$T/err" | sed -n 's/^analysis: rspamd //p'
}
is "spam: the symbols by their weight" "$(scan spam)" "score 21.25
required_score 15.00
action reject
symbol B 20.00
symbol C -1.25
symbol A 0.50
verdict FAIL
is_passed FALSE"
is "not spam" "$(scan clean)" "score -0.50
required_score 15.00
action no action
verdict PASS
is_passed TRUE"
is "perhaps spam" "$(scan gray | tail -n 2)" "verdict GRAY
is_passed TRUE"
is "an action that is not rspamd's" "$(scan own | sed -n 3,4p)" "action of?our own
verdict GRAY"
is "skipped, with a decision" "$(scan gtube | tail -n 2)" "verdict FAIL
is_passed FALSE"
reason() { # SUBJECT REASON
	is "no verdict: $1" "$(scan "$1")" "verdict PROCESSING_FAILED
reason rspamd: $2"
}
reason skipped "its settings say to skip the message"
reason nothing "its answer is no JSON object"
reason half "its answer is no JSON object"
reason big "its answer is no JSON object"
reason list "its answer is no JSON object"
reason number "its answer has no score"
reason noaction "its answer has no action"
reason 404 "answered HTTP 404"
reason 500 "answered HTTP 500"
reason close "Empty reply from server"
like "a daemon that is too slow" "$(scan slow --timeout 200ms)" \
	'verdict PROCESSING_FAILED
reason rspamd: Operation timed out after'
url=http://127.0.0.1:1
like "a daemon that is down" "$(scan clean)" 'verdict PROCESSING_FAILED
reason rspamd: Failed to connect'
url=http://127.0.0.1:$(cat "$T/rspamd.log")

: >"$T/seen"
printf 'Subject: clean\r\n\r\n' >"$T/e.eml"
mm-scan rspamd --url "$url" --ip 192.0.2.7 --helo mx.example.org --mail-from '<a@example.org> SIZE=5' \
	--rcpt-to '<b@example.net>' --rcpt-to '<c@example.net>' --field id=I1 --field auth-user=bob \
	--field client-name=mx.example.org "$T/e.eml" >/dev/null
is "what it is told of the envelope" "$(sort "$T/seen" | grep -E '^(POST|From|Rcpt|IP|Helo|User:|Queue-Id|Hostname)')" \
	"From: a@example.org
Helo: mx.example.org
Hostname: mx.example.org
IP: 192.0.2.7
POST /checkv2 HTTP/1.1
Queue-Id: I1
Rcpt: b@example.net
Rcpt: c@example.net
User: bob"
: >"$T/seen"
mm-scan rspamd --url "$url" --mail-from '<>' "$T/e.eml" >/dev/null
is "the null path" "$(grep '^From' "$T/seen")" "From: <>"

printf 'Subject: together\r\n\r\n' >"$T/t.eml"
for ((i = 0; i < 20; i++)); do
	printf 'mail 1 21\nid: t%d\n\n' $i
	cat "$T/t.eml"
done >"$T/stream"
is "several at once" "$(mm-scan rspamd --parallel 5 --url "$url" <"$T/stream" | grep -ac 'verdict PASS')" 20
is "an envelope alone passes" "$(printf 'mail 1 0\nid: e\n\n' | mm-scan rspamd)" \
	"$(printf 'mail 1 0\nid: e\n\n')"
exit_is "a URL that is none" 75 mm-scan rspamd --url ftp://x "$T/e.eml"
exit_is "a socket that is none" 75 mm-scan rspamd --socket x "$T/e.eml"
done_testing
