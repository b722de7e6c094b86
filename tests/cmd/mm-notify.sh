#!/bin/bash
# mm-notify against an HTTP server and against local programs.
. "$(dirname "$0")/../lib/tap.sh"
need mm-notify python3 jq curl

sink() { # NAME [ANSWER...]: a fresh server; its address in $url, what it got in $T/NAME
	mkdir -p "$T/$1"
	[ $# -eq 1 ] || printf '%s\n' "${@:2}" >"$T/$1/answers"
	start "$1" python3 "$top/tests/tools/http-sink.py" "$T/$1"
	wait_for "the HTTP server" test -s "$T/$1/port"
	url=http://127.0.0.1:$(cat "$T/$1/port")
}

site=$T/site
export MM_SITE=$site
mkdir -p "$site/topics" "$site/functions"

cat >"$T/msg" <<'M'
From: "Doe, Jane" <jane@example.org>, joe@example.org
To: bob@example.net
Subject: =?UTF-8?Q?gr=C3=BC=C3=9Fe?=
 an alle
Date: Sun, 22 Nov 2026 10:00:00 +0000
Message-ID: <1@example.org>

hello
M
fields=(--field id=m1 --field received=2026-11-22T10:00:00.000Z
	--mail-from jane@example.org --rcpt-to bob@example.net
	--field 'spf=pass domain=example.org' --field 'dkim=fail d=example.org s=a'
	--field 'dkim=pass d=example.org s=b' --field 'dmarc=fail d=example.org policy=reject')

# Without what depends on the clock.
still='del(.. | .processingTimeMillis?)'

sink sns
echo "{\"TopicName\": \"news\", \"TopicArn\": \"arn:aws:sns:eu-west-1:123456789012:news\", \"Endpoint\": \"$url/t\"}" \
	>"$site/topics/news.json"
exit_is "sns" 0 mm-notify sns news "${fields[@]}" "$T/msg"
is "the record says so" "$(grep -aE '^(notified|status|reply): ' "$T/.out")" \
	'notified: sns:news
status: ok
reply: 250 2.0.0 notified sns:news'
is "as SNS posts it" "$(grep -iE '^(POST|content-type|x-amz)' "$T/sns/1.head" | tr -d '\r')" \
	'POST /t HTTP/1.1
Content-Type: text/plain; charset=UTF-8
x-amz-sns-message-type: Notification
x-amz-sns-topic-arn: arn:aws:sns:eu-west-1:123456789012:news'
is "the envelope" "$(jq -cS 'del(.Message, .Timestamp)' "$T/sns/1.body")" \
	'{"MessageId":"m1","Subject":"Amazon SES Email Receipt Notification","TopicArn":"arn:aws:sns:eu-west-1:123456789012:news","Type":"Notification"}'
is "the message" "$(jq -r .Message "$T/sns/1.body" | jq -S "$still | del(.mail.headers)")" '{
  "content": "From: \"Doe, Jane\" <jane@example.org>, joe@example.org\r\nTo: bob@example.net\r\nSubject: =?UTF-8?Q?gr=C3=BC=C3=9Fe?=\r\n an alle\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nhello\r\n",
  "mail": {
    "commonHeaders": {
      "date": "Sun, 22 Nov 2026 10:00:00 +0000",
      "from": [
        "\"Doe, Jane\" <jane@example.org>",
        "joe@example.org"
      ],
      "messageId": "<1@example.org>",
      "returnPath": "jane@example.org",
      "subject": "grüße an alle",
      "to": [
        "bob@example.net"
      ]
    },
    "destination": [
      "bob@example.net"
    ],
    "headersTruncated": false,
    "messageId": "m1",
    "source": "jane@example.org",
    "timestamp": "2026-11-22T10:00:00.000Z"
  },
  "notificationType": "Received",
  "receipt": {
    "action": {
      "encoding": "UTF8",
      "topicArn": "arn:aws:sns:eu-west-1:123456789012:news",
      "type": "SNS"
    },
    "dkimVerdict": {
      "status": "PASS"
    },
    "dmarcPolicy": "reject",
    "dmarcVerdict": {
      "status": "FAIL"
    },
    "recipients": [
      "bob@example.net"
    ],
    "spamVerdict": {
      "status": "DISABLED"
    },
    "spfVerdict": {
      "status": "PASS"
    },
    "timestamp": "2026-11-22T10:00:00.000Z",
    "virusVerdict": {
      "status": "DISABLED"
    }
  }
}'
mm-notify sns news --encoding BASE64 "${fields[@]}" "$T/msg" >/dev/null 2>&1
check_same "base64 keeps every octet" \
	"jq -r .Message '$T/sns/2.body' | jq -r .content | base64 -d" "sed 's/\$/\r/' '$T/msg'"
mm-notify sns news --payload HEADERS "${fields[@]}" "$T/msg" >/dev/null 2>&1
is "headers alone" "$(jq -r .Message "$T/sns/3.body" | jq -c '[has("content"), (.mail.headers | map(.name))]')" \
	'[false,["From","To","Subject","Date","Message-ID"]]'

{
	cat "$T/msg"
	head -c 300000 /dev/zero | tr '\0' x
} >"$T/big"
exit_is "content beyond what SNS takes is refused" 69 mm-notify sns news "$T/big"
is "with a size reply" "$(grep -a '^reply' "$T/.out")" \
	'reply: 552 5.3.4 the message is too large to be sent as a notification'
{
	printf 'X-Filler-%s: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n' $(seq 400)
	cat "$T/msg"
} >"$T/wide"
mm-notify sns news "$T/wide" >/dev/null 2>&1
is "beside the content, 20 KB of header" \
	"$(jq -r .Message "$T/sns/4.body" | jq -c '[.mail.headersTruncated, (.mail.headers | length) < 250]')" '[true,true]'

sink lambda '200 {"disposition":"STOP_RULE_SET"}' '200 {}' \
	'200 X-Amz-Function-Error:Unhandled {"errorMessage":"oops"}' '202'
echo "{\"FunctionName\": \"judge\", \"Endpoint\": \"$url/2015-03-31/functions/judge/invocations\"}" \
	>"$site/functions/judge.json"
exit_is "a function that is asked" 0 \
	mm-notify lambda arn:aws:lambda:eu-west-1:123456789012:function:judge \
	--invocation REQUEST_RESPONSE "${fields[@]}" "$T/msg"
is "its disposition is a field" "$(grep -aE '^(notified|disposition): ' "$T/.out")" \
	'notified: lambda:judge
disposition: STOP_RULE_SET'
is "the event" "$(jq -c '[.Records[0] | .eventSource, .eventVersion, .ses.mail.messageId, .ses.receipt.action.type, (.ses | has("content"))]' "$T/lambda/1.body")" \
	'["aws:ses","1.0","m1","Lambda",false]'
mm-notify lambda judge --invocation request-response "${fields[@]}" "$T/msg" >"$T/out" 2>/dev/null
is "no disposition is CONTINUE" "$(grep -a '^disposition: ' "$T/out")" 'disposition: CONTINUE'
exit_is "a function that failed is tried again" 75 \
	mm-notify lambda judge --invocation request-response "$T/msg"
exit_is "an event" 0 mm-notify lambda judge "$T/msg"
is "has no disposition" "$(grep -ac '^disposition: ' "$T/.out")" 0
is "and says its type" "$(grep -i invocation-type "$T/lambda/4.head" | tr -d '\r')" \
	'X-Amz-Invocation-Type: Event'

sink documents '200 {"failedDocuments":[]}' \
	'200 {"failedDocuments":[{"id":"m1","error":{"errorCode":"InvalidRequest","errorMessage":"too-odd"}}]}'
mkdir -p "$site/applications"
echo "{\"ApplicationId\": \"app-1\", \"Endpoint\": \"$url/documents\"}" >"$site/applications/help.json"
exit_is "a document" 0 mm-notify qbusiness app-1 --index idx-2 "${fields[@]}" "$T/msg"
is "notified" "$(grep -a '^notified: ' "$T/.out")" 'notified: qbusiness:app-1'
is "the document's members" "$(jq -c '[.applicationId, .indexId, (.documents[0] | .id, .contentType, .title)]' "$T/documents/1.body")" \
	'["app-1","idx-2","m1","PLAIN_TEXT","grüße an alle"]'
like "its text" "$(jq -r '.documents[0].content.blob' "$T/documents/1.body" | base64 -d)" "^From: .*
Subject: .*
"
is "its recipients" "$(jq -c '.documents[0].attributes[] | select(.name == "recipients").value' "$T/documents/1.body")" \
	"$(printf '%s\n' "${fields[@]}" | sed -n '/^--rcpt-to$/{n;p}' | jq -Rsc '{stringListValue: split("\n")[:-1]}')"
exit_is "a document that is refused" 65 mm-notify qbusiness help "${fields[@]}" "$T/msg"
is "and why" "$(grep -a '^reply' "$T/.out")" 'reply: 554 5.6.0 the index has refused the document: too-odd'

sink hook '500' '503' '200'
exit_is "a webhook that recovers" 0 mm-notify webhook "$url/x" "$T/msg"
is "was asked three times" "$(find "$T/hook" -name '*.body' | wc -l)" 3
sink bad '404'
exit_is "a webhook that is not there: the mail waits" 75 mm-notify webhook "$url/x" "$T/msg"
is "after one try" "$(find "$T/bad" -name '*.body' | wc -l)" 1
like "and a reply" "$(grep -a '^reply' "$T/.out")" '^reply: 451 4.3.5 notification: HTTP 404'
exit_is "nobody listens: the mail waits" 75 \
	mm-notify webhook "http://127.0.0.1:$(free_port)/" "$T/msg"

cat >"$T/prog" <<'P'
#!/bin/sh
jq -r '.Records[0].ses.mail.commonHeaders.subject' >>"$1"
echo '{"disposition": "STOP_RULE"}'
exit "${2:-0}"
P
chmod +x "$T/prog"
echo "{\"FunctionName\": \"local\", \"Command\": [\"$T/prog\", \"$T/said\"]}" >"$site/functions/local.json"
exit_is "a local program" 0 mm-notify lambda local --invocation request-response "$T/msg"
is "got the event" "$(cat "$T/said")" 'grüße an alle'
is "its answer counts" "$(grep -a '^disposition: ' "$T/.out")" 'disposition: STOP_RULE'
for pair in 65:69 69:69 75:75 1:75; do
	echo "{\"FunctionName\": \"local\", \"Command\": [\"$T/prog\", \"$T/said\", \"${pair%:*}\"]}" \
		>"$site/functions/local.json"
	exit_is "a program's exit ${pair%:*} is ours of ${pair#*:}" "${pair#*:}" mm-notify lambda local "$T/msg"
done
echo "{\"FunctionName\": \"local\", \"Command\": [\"$T/nothing\"]}" >"$site/functions/local.json"
exit_is "a program that is not there: the mail waits" 75 mm-notify lambda local "$T/msg"
exit_is "no such topic: the mail waits" 75 mm-notify sns nope "$T/msg"
exit_is "no such kind" 75 mm-notify telex x "$T/msg"

sink many
python3 - >"$T/in" <<'P'
for i in range(500):
    print("mail 1 2\nid: m%d\nmail-from: <>\nrcpt-to: <b@example.net>\nx-own: kept\n\n\r" % i)
P
mm-notify webhook "$url/" <"$T/in" >"$T/out" 2>"$T/err"
is "500 records, 500 answers" \
	"$(grep -ac '^status: ok' "$T/out") $(grep -ac '^x-own: kept' "$T/out") $(find "$T/many" -name '*.body' | wc -l)" "500 500 500"
done_testing
