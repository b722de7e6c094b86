#!/bin/bash
# Documents of the forms that the service's guide, its API, CLI and SDK references and
# CloudFormation's pages show: every member of each is accepted as it is.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"
need mm-policy jq

arn=arn:aws:ses:us-east-1:123456789012:mailmanager
analysis="{\"Analyzer\": \"$arn-addon-instance/ai-1\", \"ResultField\": \"addon.is_listed\"}"
accepted() { # NAME COMMAND FILE: lenient, as nothing that it refers to is there
	exit_is "$1" 0 "$2" --check --lenient "$3"
	is "$1: no limit is passed" "$(grep 'expected\|unknown\|takes' "$T/.out" | grep -v 'there is no')" ""
}

# A request with each member of each union, one a rule, as the references list them.
cat >"$T/conditions" <<END
{"BooleanExpression": {"Evaluate": {"Attribute": "READ_RECEIPT_REQUESTED"}, "Operator": "IS_TRUE"}}
{"BooleanExpression": {"Evaluate": {"Attribute": "TLS_WRAPPED"}, "Operator": "IS_FALSE"}}
{"BooleanExpression": {"Evaluate": {"Analysis": $analysis}, "Operator": "IS_TRUE"}}
{"BooleanExpression": {"Evaluate": {"IsInAddressList": {"Attribute": "MAIL_FROM", "AddressLists": ["$arn-address-list/al-1"]}}, "Operator": "IS_FALSE"}}
{"StringExpression": {"Evaluate": {"Attribute": "HELO"}, "Operator": "ENDS_WITH", "Values": [".example.com"]}}
{"StringExpression": {"Evaluate": {"MimeHeaderAttribute": "X-Priority"}, "Operator": "EQUALS", "Values": ["1", "2"]}}
{"StringExpression": {"Evaluate": {"Analysis": $analysis}, "Operator": "STARTS_WITH", "Values": ["spam"]}}
{"StringExpression": {"Evaluate": {"ClientCertificateAttribute": "SAN_DNS_NAME"}, "Operator": "CONTAINS", "Values": ["partner"]}}
{"NumberExpression": {"Evaluate": {"Attribute": "MESSAGE_SIZE"}, "Operator": "GREATER_THAN_OR_EQUAL", "Value": 10485760.0}}
{"IpExpression": {"Evaluate": {"Attribute": "SOURCE_IP"}, "Operator": "NOT_CIDR_MATCHES", "Values": ["10.0.0.0/8", "2001:db8::/32"]}}
{"VerdictExpression": {"Evaluate": {"Attribute": "SPF"}, "Operator": "NOT_EQUALS", "Values": ["PASS", "GRAY"]}}
{"VerdictExpression": {"Evaluate": {"Analysis": $analysis}, "Operator": "EQUALS", "Values": ["FAIL", "PROCESSING_FAILED"]}}
{"DmarcExpression": {"Operator": "EQUALS", "Values": ["QUARANTINE", "REJECT"]}}
END
cat >"$T/actions" <<END
{"AddHeader": {"HeaderName": "X-Processed-By", "HeaderValue": "MailManager"}}
{"Archive": {"ActionFailurePolicy": "CONTINUE", "TargetArchive": "a-1234567890abcdef"}}
{"Relay": {"ActionFailurePolicy": "DROP", "Relay": "r-1234567890abcdef", "MailFrom": "PRESERVE"}}
{"ReplaceRecipient": {"ReplaceWith": ["support@example.com", "archive_1@example.com"]}}
{"Send": {"ActionFailurePolicy": "CONTINUE", $role}}
{"WriteToS3": {"ActionFailurePolicy": "DROP", $role, "S3Bucket": "my-mail-bucket", "S3Prefix": "inbound/", "S3SseKmsKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}}
{"DeliverToMailbox": {"MailboxArn": "arn:aws:workmail:us-east-1:123456789012:organization/m-0123456789abcdef", $role}}
{"DeliverToQBusiness": {"ActionFailurePolicy": "CONTINUE", "ApplicationId": "a1b2c3d4-5678-90ab-cdef-111111111111", "IndexId": "a1b2c3d4-5678-90ab-cdef-222222222222", $role}}
{"PublishToSns": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:mail", $role, "Encoding": "UTF-8", "PayloadType": "CONTENT"}}
{"InvokeLambda": {"FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:mail", "InvocationType": "EVENT", $role, "RetryTimeMinutes": 60}}
{"Bounce": {$role, "Sender": "mailer-daemon@example.com", "StatusCode": "5.1.1", "SmtpReplyCode": "550", "DiagnosticMessage": "Mailbox does not exist", "Message": "We do not know this mailbox."}}
{"Drop": {}}
END
jq -n --slurpfile c "$T/conditions" --slurpfile a "$T/actions" '{ClientToken: "token-1", RuleSetName: "All_of-it.1",
	Tags: [{Key: "Environment", Value: "Production"}],
	Rules: ([range($c | length) as $i | {Name: "condition-\($i)", Conditions: [$c[$i]], Actions: [$a[0]]},
		{Name: "unless-\($i)", Unless: [$c[$i]], Actions: [$a[0]]}] + [{Name: "actions", Conditions: [], Unless: [], Actions: $a[:10]},
		{Actions: $a[10:]}])}' >"$T/request.json"
accepted "create-rule-set, every member" mm-rule "$T/request.json"
jq '. + {RuleSetId: "rs-1", RuleSetArn: "'"$arn"'-rule-set/rs-1", CreatedDate: 1716000000.123, LastModificationDate: "2024-05-20T10:00:00+00:00"} |
	del(.ClientToken, .Tags)' "$T/request.json" >"$T/got.json"
accepted "get-rule-set" mm-rule "$T/got.json"
jq '{AWSTemplateFormatVersion: "2010-09-09", Resources: {RuleSet: {Type: "AWS::SES::MailManagerRuleSet",
	Properties: del(.ClientToken)}}}' "$T/request.json" >"$T/template.json"
accepted "AWS::SES::MailManagerRuleSet" mm-rule "$T/template.json"

cat >"$T/policy.json" <<END
{"ClientToken": "token-1", "TrafficPolicyName": "AllowPartners", "DefaultAction": "DENY", "MaxMessageSizeBytes": 10485760,
 "Tags": [{"Key": "Team", "Value": ""}], "PolicyStatements": [
 {"Action": "ALLOW", "Conditions": [
  {"IpExpression": {"Evaluate": {"Attribute": "SENDER_IP"}, "Operator": "CIDR_MATCHES", "Values": ["192.0.2.0/24", "198.51.100.7/32"]}},
  {"StringExpression": {"Evaluate": {"Attribute": "RECIPIENT"}, "Operator": "ENDS_WITH", "Values": ["@example.com"]}}]},
 {"Action": "ALLOW", "Conditions": [
  {"Ipv6Expression": {"Evaluate": {"Attribute": "SENDER_IPV6"}, "Operator": "NOT_CIDR_MATCHES", "Values": ["2001:db8::/32"]}},
  {"TlsExpression": {"Evaluate": {"Attribute": "TLS_PROTOCOL"}, "Operator": "MINIMUM_TLS_VERSION", "Value": "TLS1_2"}}]},
 {"Action": "DENY", "Conditions": [
  {"BooleanExpression": {"Evaluate": {"Analysis": $analysis}, "Operator": "IS_TRUE"}},
  {"StringExpression": {"Evaluate": {"Analysis": $analysis}, "Operator": "CONTAINS", "Values": ["exploit"]}}]},
 {"Action": "DENY", "Conditions": [{"BooleanExpression": {"Evaluate": {"IsInAddressList":
  {"Attribute": "RECIPIENT", "AddressLists": ["$arn-address-list/al-1"]}}, "Operator": "IS_TRUE"}}]}]}
END
accepted "create-traffic-policy, every member" mm-policy "$T/policy.json"
jq '. + {TrafficPolicyId: "tp-1", TrafficPolicyArn: "'"$arn"'-traffic-policy/tp-1", CreatedTimestamp: 1716000000.5,
	LastUpdatedTimestamp: 1716000000.5} | del(.ClientToken, .Tags)' "$T/policy.json" >"$T/got-policy.json"
accepted "get-traffic-policy" mm-policy "$T/got-policy.json"
jq '{Resources: {Policy: {Type: "AWS::SES::MailManagerTrafficPolicy", Properties: del(.ClientToken)}}}' \
	"$T/policy.json" >"$T/policy-template.json"
accepted "AWS::SES::MailManagerTrafficPolicy" mm-policy "$T/policy-template.json"

# What update-* takes, and what --rules and --policy-statements take.
jq '{RuleSetId: "rs-1", Rules}' "$T/request.json" >"$T/update.json"
accepted "update-rule-set" mm-rule "$T/update.json"
jq .Rules "$T/request.json" >"$T/rules.json"
accepted "--rules" mm-rule "$T/rules.json"
jq '{TrafficPolicyId: "tp-1", DefaultAction, PolicyStatements}' "$T/policy.json" >"$T/update-policy.json"
accepted "update-traffic-policy" mm-policy "$T/update-policy.json"
jq .PolicyStatements "$T/policy.json" >"$T/statements.json"
accepted "--policy-statements" mm-policy "$T/statements.json"
jq '.PolicyStatements = []' "$T/policy.json" >"$T/none.json"
accepted "a policy without statements" mm-policy "$T/none.json"

# What the references are about is there: accepted as well without --lenient.
printf 'a@example.com\n' >"$S/address-lists/al-1"
printf '{"ArchiveName": "mail", "ArchiveId": "a-1234567890abcdef"}\n' >"$S/archives/mail.json"
sed 's/"RelayName": "one"/"RelayName": "r1", "RelayId": "r-1234567890abcdef"/' "$S/relays/one.json" >"$S/relays/r1.json"
mkdir -p "$S/applications"
for f in topics/mail functions/mail mailboxes/m-0123456789abcdef applications/a1b2c3d4-5678-90ab-cdef-111111111111; do
	printf '{"Command": ["true"]}\n' >"$S/$f.json"
done
printf '{"Maildir": "%s/Maildir"}\n' "$T" >"$S/mailboxes/m-0123456789abcdef.json"
exit_is "create-rule-set, strict" 0 mm-rule --check "$T/request.json"
exit_is "create-traffic-policy, strict" 0 mm-policy --check "$T/policy.json"
jq '.Rules[0].Conditions[0].BooleanExpression.Evaluate.Attribute = "SIGNED"' "$T/request.json" >"$T/bad.json"
exit_is "what no document has is refused" 65 mm-rule --check --lenient "$T/bad.json"
done_testing
