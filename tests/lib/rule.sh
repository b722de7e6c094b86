# shellcheck shell=bash
# rule.sh: for the tests of mm-rule, sourced after tap.sh: a site with archive
# "keep", relays "one" and "two"; rule sets from short words; records; actions that
# note what they were asked in $T/log.

S=$T/site
export MM_SITE=$S MM_LOG=error
fake=$B/tools/fake-action
[ -x "$fake" ] || skip_all "tools/fake-action is not built"
# shellcheck disable=SC2034
role='"RoleArn": "arn:aws:iam::123456789012:role/mail"'

mkdir -p "$S"/{rule-sets,archives,relays,ingress-points,topics,functions,mailboxes,address-lists}
printf '{"ArchiveName": "keep"}\n' >"$S/archives/keep.json"
for r in one two; do
	cat >"$S/relays/$r.json" <<-END
		{"RelayName": "$r", "ServerName": "127.0.0.1", "ServerPort": 25,
		 "Authentication": {"NoAuthentication": {}}}
	END
done

# rules NAME: makes the rule set of the rules on standard input.
rules() {
	printf '{"RuleSetName": "%s", "Rules": [\n%s\n]}\n' "$1" "$(cat)" >"$S/rule-sets/$1.json"
}

# rcpt OPERATOR VALUE: a condition.
rcpt() {
	printf '{"StringExpression": {"Evaluate": {"Attribute": "RECIPIENT"}, "Operator": "%s", "Values": ["%s"]}}' \
		"$1" "$2"
}

# header NAME OPERATOR VALUE: a condition.
header() {
	printf '{"StringExpression": {"Evaluate": {"MimeHeaderAttribute": "%s"}, "Operator": "%s", "Values": ["%s"]}}' \
		"$1" "$2" "$3"
}

# record ID FIELD...: a record; the fields come behind id and mail-from.
record() {
	local id=$1 body=$'From: <alice@example.org>\r\nX-Tag: here\r\n\r\nhello\r\n'
	shift
	printf 'mail 1 %d\nid: %s\nmail-from: <alice@example.org>\n' ${#body} "$id"
	[ $# -eq 0 ] || printf '%s\n' "$@"
	printf '\n%s' "$body"
}

# to ADDRESS...: rcpt-to fields for record, one an argument; use with mapfile.
to() {
	printf 'rcpt-to: <%s>\n' "$@"
}

# fields REGEX: those fields of a stream, in order.
fields() {
	tr -d '\r' | grep -aE "^($1): "
}

# log: what the fake actions were asked so far, and forgets it.
log() {
	cat "$T/log" 2>/dev/null
	rm -f "$T/log"
}

# rule RULESET [OPTION...]: mm-rule with fake actions that succeed, unless -x says
# otherwise for one of them.
rule() {
	local set=$1
	shift
	mm-rule -x "Archive=$fake -o $T/log" -x "Relay=$fake -o $T/log" \
		-x "Send=$fake -o $T/log" -x "PublishToSns=$fake -o $T/log" "$@" "$set"
}
