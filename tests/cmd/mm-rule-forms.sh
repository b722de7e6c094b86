#!/bin/bash
# Rule sets and traffic policies in the forms of CloudFormation, Terraform and the
# get operations, by mm-rule and mm-policy.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/rule.sh"

# What all of them say.
same='plan: inbound 0/0 tag AddHeader X-Seen <bob@a.example>
plan: inbound 0/1 tag Archive keep <bob@a.example>
plan: inbound 1/0 rest Drop - <bob@a.example>'
plan() { # FILE
	mm-rule -n "$1" --rcpt-to bob@a.example "$T/mail.eml" | fields plan
}
printf 'Subject: hello\r\n\r\nhi\r\n' >"$T/mail.eml"

cat >"$T/get.json" <<'END'
{"RuleSetId": "rs-1", "RuleSetArn": "arn:aws:ses:eu-west-1:123456789012:mailmanager-rule-set/rs-1",
 "RuleSetName": "inbound", "CreatedDate": "2026-01-02T03:04:05.678000+00:00", "LastModificationDate": 1767323045.5,
 "Rules": [{"Name": "tag", "Conditions": [{"StringExpression": {"Evaluate": {"Attribute": "SUBJECT"},
   "Operator": "CONTAINS", "Values": ["hello"]}}], "Unless": [],
   "Actions": [{"AddHeader": {"HeaderName": "X-Seen", "HeaderValue": "yes"}}, {"Archive": {"TargetArchive": "keep"}}]},
  {"Name": "rest", "Actions": [{"Drop": {}}]}]}
END
is "get-rule-set" "$(plan "$T/get.json")" "$same"

cat >"$T/template.json" <<'END'
{"AWSTemplateFormatVersion": "2010-09-09",
 "Parameters": {"Word": {"Type": "String", "Default": "hello"}},
 "Resources": {
  "Kept": {"Type": "AWS::SES::MailManagerArchive", "Properties": {"ArchiveName": "keep"}},
  "inbound": {"Type": "AWS::SES::MailManagerRuleSet",
   "Properties": {
    "Rules": [{"Name": "tag", "Conditions": [{"StringExpression": {"Evaluate": {"Attribute": "SUBJECT"},
      "Operator": "CONTAINS", "Values": [{"Ref": "Word"}]}}],
      "Actions": [{"AddHeader": {"HeaderName": "X-Seen", "HeaderValue": "yes"}},
       {"Archive": {"TargetArchive": {"Fn::GetAtt": ["Kept", "ArchiveId"]}}}]},
     {"Name": "rest", "Actions": [{"Drop": {}}]}]}},
  "Policy": {"Type": "AWS::SES::MailManagerTrafficPolicy", "Properties": {
   "TrafficPolicyName": "edge", "DefaultAction": "DENY", "PolicyStatements": [{"Action": "ALLOW", "Conditions": [
    {"StringExpression": {"Evaluate": {"Attribute": "RECIPIENT"}, "Operator": "ENDS_WITH", "Values": ["@a.example"]}}]}]}}}}
END
is "CloudFormation" "$(plan "$T/template.json")" "$same"
# shellcheck disable=SC2016
is "CloudFormation: Fn::GetAtt with a dot, Fn::Sub" "$(sed \
	's/{"Fn::GetAtt": \["Kept", "ArchiveId"\]}/{"Fn::GetAtt": "Kept.ArchiveId"}/
	s/{"Ref": "Word"}/{"Fn::Sub": "${Word}"}/' "$T/template.json" >"$T/sub.json" && plan "$T/sub.json")" "$same"
exit_is "CloudFormation: a traffic policy" 0 mm-policy --check "$T/template.json"
sed 's/"X-Seen"/"Seen"/' "$T/template.json" >"$T/bad.json"
is "CloudFormation: errors at their place in the template" "$(mm-rule --check "$T/bad.json" | cut -d: -f2-)" \
	'9:48: Rules[0].Actions[0].AddHeader.HeaderName: expected a header name that begins with X- (letters, digits and -), found "Seen"'
printf '{"Resources": {"a": {"Type": "AWS::S3::Bucket"}}}' >"$T/none.json"
like "CloudFormation: none of the kind" "$(mm-rule --check "$T/none.json")" \
	'expected one resource of type AWS::SES::MailManagerRuleSet, found 0'
jq '.Resources.second = .Resources.inbound' "$T/template.json" >"$T/two.json"
like "CloudFormation: two of the kind" "$(mm-rule --check "$T/two.json")" 'MailManagerRuleSet, found 2'
exit_is "and the others are found all the same" 0 mm-policy --check "$T/two.json"

cat >"$T/values" <<'END'
{"id": "rs-1", "rule_set_arn": null, "rule_set_id": "rs-1", "rule_set_name": "inbound", "tags": null,
 "rules": [
  {"name": "tag", "unless": null,
   "conditions": [{"boolean_expression": null, "string_expression": {"evaluate": {"attribute": "SUBJECT", "mime_header_attribute": null},
     "operator": "CONTAINS", "values": ["hello"]}}],
   "actions": [{"drop": null, "add_header": {"header_name": "X-Seen", "header_value": "yes"}},
     {"archive": {"action_failure_policy": null, "target_archive": "keep"}}]},
  {"name": "rest", "conditions": null, "actions": [{"drop": "{}"}]}]}
END
cat >"$T/plan.json" <<END
{"format_version": "1.2", "terraform_version": "1.9.5", "planned_values": {"root_module": {
 "resources": [{"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": {"id": "b"}}],
 "child_modules": [{"address": "module.mail", "resources": [
  {"address": "module.mail.awscc_ses_mail_manager_rule_set.inbound", "mode": "managed",
   "type": "awscc_ses_mail_manager_rule_set", "name": "inbound", "schema_version": 1, "values":
$(cat "$T/values")
}]}]}}}
END
is "Terraform: a plan, in a module" "$(plan "$T/plan.json")" "$same"
sed 's/planned_values/values/' "$T/plan.json" >"$T/state.json"
is "Terraform: a state" "$(plan "$T/state.json")" "$same"
jq '{resource: {awscc_ses_mail_manager_rule_set: {inbound: .}}}' "$T/values" >"$T/main.tf.json"
is "Terraform: a configuration" "$(plan "$T/main.tf.json")" "$same"
sed 's/"X-Seen"/"Seen"/; s/"target_archive"/"target_archives"/' "$T/plan.json" >"$T/bad.json"
is "Terraform: errors at their place in the plan" "$(mm-rule --check "$T/bad.json" | cut -d: -f2- | sed 's/expected a header.*/.../')" \
	'11:61: Rules[0].Actions[0].AddHeader.HeaderName: ...
12:50: Rules[0].Actions[1].Archive.target_archives: unknown member; did you mean "TargetArchive"?
12:18: Rules[0].Actions[1].Archive: expected a member "TargetArchive": a name, id or ARN'
cat >"$T/policy.json" <<'END'
{"resource": {"awscc_ses_mail_manager_traffic_policy": {"edge": {"default_action": "DENY", "policy_statements": [
 {"action": "ALLOW", "conditions": [{"ipv_6_expression": {"evaluate": {"attribute": "SENDER_IPV6"},
  "operator": "CIDR_MATCHES", "values": ["2001:db8::/32"]}},
  {"tls_expression": {"evaluate": {"attribute": "TLS_PROTOCOL"}, "operator": "MINIMUM_TLS_VERSION", "value": "TLS1_2"}}]}],
 "max_message_size_bytes": 1000000, "traffic_policy_name": "edge"}}}}
END
exit_is "Terraform: a traffic policy" 0 mm-policy --check "$T/policy.json"

# The provider aws: blocks are lists of one, named in the singular.
cat >"$T/values" <<'END'
{"arn": "arn:aws:ses:eu-west-1:123456789012:mailmanager-rule-set/rs-1", "created_date": "2026-08-01T10:00:00Z",
 "id": "rs-1", "last_modification_date": "2026-08-01T10:00:00Z", "name": "inbound", "region": "eu-west-1",
 "tags": {"Team": "mail"}, "tags_all": {"Team": "mail"},
 "rule": [
  {"name": "tag", "unless": [],
   "condition": [{"boolean_expression": [], "dmarc_expression": [], "ip_expression": [], "number_expression": [],
     "string_expression": [{"evaluate": [{"analysis": [], "attribute": "SUBJECT",
       "client_certificate_attribute": null, "mime_header_attribute": null}],
      "operator": "CONTAINS", "values": ["hello"]}], "verdict_expression": []}],
   "action": [{"archive": [], "drop": [], "add_header": [{"header_name": "X-Seen", "header_value": "yes"}]},
    {"add_header": [], "drop": [], "archive": [{"action_failure_policy": null, "target_archive": "keep"}]}]},
  {"name": "rest", "condition": [], "unless": [], "action": [{"archive": [], "drop": [{}]}]}]}
END
cat >"$T/aws.json" <<END
{"format_version": "1.0", "terraform_version": "1.14.0", "values": {"root_module": {"resources": [
 {"address": "aws_mailmanager_rule_set.inbound", "mode": "managed", "type": "aws_mailmanager_rule_set",
  "name": "inbound", "schema_version": 0, "values":
$(cat "$T/values")
}]}}}
END
is "Terraform, aws: a state" "$(plan "$T/aws.json")" "$same"
sed 's/"X-Seen"/"Seen"/; s/"target_archive"/"target_archives"/' "$T/aws.json" >"$T/bad.json"
is "Terraform, aws: errors at their place" "$(mm-rule --check "$T/bad.json" | cut -d: -f2- | sed 's/expected a header.*/.../')" \
	'13:74: Rules[0].Actions[0].AddHeader.HeaderName: ...
14:80: Rules[0].Actions[1].Archive.target_archives: unknown member; did you mean "TargetArchive"?
14:47: Rules[0].Actions[1].Archive: expected a member "TargetArchive": a name, id or ARN'
cat >"$T/main.tf.json" <<'END'
{"resource": {"aws_mailmanager_rule_set": {"example": {"name": "inbound", "rule": [
  {"name": "tag", "condition": {"string_expression": {"evaluate": {"attribute": "SUBJECT"},
    "operator": "CONTAINS", "values": ["hello"]}},
   "action": [{"add_header": {"header_name": "X-Seen", "header_value": "yes"}}, {"archive": {"target_archive": "keep"}}]},
  {"name": "rest", "action": {"drop": {}}}]}},
 "aws_mailmanager_traffic_policy": {"edge": {"default_action": "DENY", "max_message_size_bytes": 100000, "name": "edge",
  "tags": {"Team": "mail"}, "policy_statement": {"action": "ALLOW", "condition": [
   {"ipv6_expression": {"evaluate": {"attribute": "SENDER_IPV6"}, "operator": "CIDR_MATCHES", "values": ["2001:db8::/32"]}},
   {"tls_expression": {"evaluate": {"attribute": "TLS_PROTOCOL"}, "operator": "MINIMUM_TLS_VERSION", "value": "TLS1_2"}}]}}},
 "aws_mailmanager_relay": {"three": {"name": "three", "server_name": "127.0.0.1", "server_port": 25,
  "authentication": {"no_authentication": {}}}}}}
END
is "Terraform, aws: a configuration" "$(plan "$T/main.tf.json")" "$same"
exit_is "Terraform, aws: a traffic policy" 0 mm-policy --check "$T/main.tf.json"
cp "$T/main.tf.json" "$S/relays/three.json"
rules three <<<'{"Actions": [{"Relay": {"Relay": "three"}}]}'
exit_is "Terraform, aws: a relay" 0 mm-rule --check three
sed 's/"DENY", "max/"NEVER", "max/; s/"value": "TLS1_2"/"value": "TLS"/' "$T/main.tf.json" >"$T/bad.json"
is "Terraform, aws: errors of a traffic policy" "$(mm-policy --check "$T/bad.json" | cut -d: -f2-4 | sort)" \
	"6:64: DefaultAction
9:111: PolicyStatements[0].Conditions[1].TlsExpression.Value"
jq '.resource.awscc_ses_mail_manager_rule_set = {other: {rules: []}}' "$T/main.tf.json" >"$T/two.json"
like "Terraform: one of each provider are two" "$(mm-rule --check "$T/two.json")" 'found 2'

# A list of rules alone has the name of its file; its places are those of the file.
jq -c .Rules "$T/get.json" >"$S/rule-sets/bare.json"
is "rules alone" "$(plan bare)" "$(sed 's/^plan: inbound /plan: bare /' <<<"$same")"
jq '.[0].Actions[0].AddHeader.HeaderName = "Seen"' "$S/rule-sets/bare.json" >"$T/bad.json"
is "rules alone: errors at their place" "$(mm-rule --check "$T/bad.json" | cut -d: -f2-4)" \
	"$(grep -n '"Seen"' "$T/bad.json" | cut -d: -f1):25: Rules[0].Actions[0].AddHeader.HeaderName"
jq -c '{RuleSetId: "rs-7", Rules}' "$T/get.json" >"$T/update.json"
is "an update names its rule set by its id" "$(plan "$T/update.json")" "$(sed 's/^plan: inbound /plan: rs-7 /' <<<"$same")"

# They serve as resources of a site too.
cp "$T/template.json" "$S/rule-sets/stack.json"
is "a resource of a site, by its name" "$(plan inbound)" "$same"
printf '{"a":' >"$T/half.json"
like "no JSON is told as before" "$(mm-rule --check "$T/half.json")" 'half.json:1:5: not valid JSON'
printf '{"Resources": {"a": {"Type": "AWS::SES::MailManagerRuleSet", "Properties": []}}}' >"$T/odd.json"
exit_is "properties that are none" 65 mm-rule --check "$T/odd.json"
done_testing
