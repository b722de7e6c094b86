/* CreateRuleSet with its twelve actions and our own, and what get-rule-set adds. */
#include "mailmanager_conditions.h"
#include "mailmanager_extensions.h"
#include "mailmanager_shapes.h"

SHAPE_OF_ENUM(failure_policy, "CONTINUE", "DROP");
#define ACTION_FAILURE_POLICY \
	{ \
		"ActionFailurePolicy", &failure_policy, false \
	}

SHAPE_OF_STRING(reference, "a name, id or ARN", 1, 2048, ARN_CHARACTERS);
SHAPE_OF_STRING(role_arn, "a role ARN", 20, 2048, ARN_CHARACTERS);
SHAPE_OF_STRING(address, "a mail address", 0, 254, "[a-zA-Z0-9._+-]+@[a-zA-Z0-9.-]+");

static const struct shape drop = {
	.kind = SHAPE_STRUCT, .members = (const struct member[]){{0}}};

SHAPE_OF_ENUM(mail_from, "REPLACE", "PRESERVE");
SHAPE_OF_STRUCT(relay, ACTION_FAILURE_POLICY, {"Relay", &reference, true},
	{"MailFrom", &mail_from, false});

SHAPE_OF_STRUCT(archive, ACTION_FAILURE_POLICY, {"TargetArchive", &reference, true});

SHAPE_OF_STRING(bucket, "a bucket name (letters, digits, . and -)", 1, 62, "[a-zA-Z0-9.-]+");
SHAPE_OF_STRING(
	prefix, "a key prefix (letters, digits and !_.*'()/-)", 1, 62, "[a-zA-Z0-9!_.*'()/-]+");
SHAPE_OF_STRING(kms_key_id, "a KMS key id or ARN", 20, 2048, "[a-zA-Z0-9-:/]+");
SHAPE_OF_STRUCT(write_to_s3, ACTION_FAILURE_POLICY, {"RoleArn", &role_arn, true},
	{"S3Bucket", &bucket, true}, {"S3Prefix", &prefix, false},
	{"S3SseKmsKeyId", &kms_key_id, false});

SHAPE_OF_STRUCT(send_action, ACTION_FAILURE_POLICY, {"RoleArn", &role_arn, true});

SHAPE_OF_STRING(header_name, "a header name that begins with X- (letters, digits and -)", 1, 64,
	"[xX]\\-[a-zA-Z0-9\\-]+");
SHAPE_OF_STRING(header_value, "a header value", 1, 128, NULL);
SHAPE_OF_STRUCT(
	add_header, {"HeaderName", &header_name, true}, {"HeaderValue", &header_value, true});

SHAPE_OF_LIST(addresses, address, 1, 100);
SHAPE_OF_STRUCT(replace_recipient, {"ReplaceWith", &addresses, false});

SHAPE_OF_STRUCT(deliver_to_mailbox, ACTION_FAILURE_POLICY, {"MailboxArn", &reference, true},
	{"RoleArn", &role_arn, true});

SHAPE_OF_STRING(q_id, "an id (a-z, digits and -)", 36, 36, "[a-z0-9-]+");
SHAPE_OF_STRUCT(deliver_to_q, ACTION_FAILURE_POLICY, {"ApplicationId", &q_id, true},
	{"IndexId", &q_id, true}, {"RoleArn", &role_arn, true});

SHAPE_OF_STRING(topic_arn, "a topic ARN such as arn:aws:sns:eu-west-1:123456789012:orders", 20,
	2048, "arn:(aws|aws-cn|aws-us-gov|aws-eusc):sns:[a-z0-9-]+:\\d{12}:[\\w\\-]{1,256}");
SHAPE_OF_ENUM(encoding, "UTF-8", "BASE64");
SHAPE_OF_ENUM(payload_type, "HEADERS", "CONTENT");
SHAPE_OF_STRUCT(publish_to_sns, ACTION_FAILURE_POLICY, {"TopicArn", &topic_arn, true},
	{"RoleArn", &role_arn, true}, {"Encoding", &encoding, false},
	{"PayloadType", &payload_type, false});

SHAPE_OF_STRING(status_code, "an enhanced status code such as 5.7.1", 5, 9,
	"[45]\\.[0-9]{1,3}\\.[0-9]{1,3}");
SHAPE_OF_STRING(reply_code, "an SMTP reply code from 400 to 599", 3, 3, "[45][0-9][0-9]");
SHAPE_OF_STRING(diagnostic, "printable ASCII", 1, 256, "[\\x20-\\x7e]+");
SHAPE_OF_STRING(bounce_message, "printable ASCII lines", 1, 500, "[\\r\\n\\x20-\\x7e]+");
SHAPE_OF_STRUCT(bounce, ACTION_FAILURE_POLICY, {"RoleArn", &role_arn, true},
	{"Sender", &address, true}, {"StatusCode", &status_code, true},
	{"SmtpReplyCode", &reply_code, true}, {"DiagnosticMessage", &diagnostic, true},
	{"Message", &bounce_message, false});

SHAPE_OF_STRING(function_arn, "a function ARN", 20, 2048, ARN_CHARACTERS);
SHAPE_OF_ENUM(invocation_type, "EVENT", "REQUEST_RESPONSE");
static const struct shape retry_minutes = {
	.kind = SHAPE_INTEGER, .name = "a number of minutes", .max = 2160};
SHAPE_OF_STRUCT(invoke_lambda, ACTION_FAILURE_POLICY, {"FunctionArn", &function_arn, true},
	{"InvocationType", &invocation_type, true}, {"RoleArn", &role_arn, true},
	{"RetryTimeMinutes", &retry_minutes, false});

SHAPE_OF_UNION(action, {"Drop", &drop, false}, {"Relay", &relay, false},
	{"Archive", &archive, false}, {"WriteToS3", &write_to_s3, false},
	{"Send", &send_action, false}, {"AddHeader", &add_header, false},
	{"ReplaceRecipient", &replace_recipient, false},
	{"DeliverToMailbox", &deliver_to_mailbox, false},
	{"DeliverToQBusiness", &deliver_to_q, false}, {"PublishToSns", &publish_to_sns, false},
	{"Bounce", &bounce, false}, {"InvokeLambda", &invoke_lambda, false},
	{"Stop", &mm_stop, false}, {"Hold", &mm_hold, false},
	{"RemoveHeader", &mm_remove_header, false},
	{"ReplaceHeader", &mm_replace_header, false}, {"SubjectTag", &mm_subject_tag, false},
	{"Copy", &mm_copy, false}, {"SignDkim", &mm_sign_dkim, false},
	{"SealArc", &mm_seal_arc, false}, {"Exec", &mm_exec, false});
SHAPE_OF_LIST(actions, action, 1, 10);

SHAPE_OF_STRING(
	rule_name, "a rule name (letters, digits, _ . and -)", 1, 32, "[a-zA-Z0-9_.-]+");
SHAPE_OF_STRUCT(rule, {"Name", &rule_name, false}, {"Conditions", &mm_rule_conditions, false},
	{"Unless", &mm_rule_conditions, false}, {"Actions", &actions, true});
SHAPE_OF_LIST(rules, rule, 0, 40);

SHAPE_OF_STRING(rule_set_name, "a rule set name (letters, digits, _ . and -)", 1, 100,
	"[a-zA-Z0-9_.-]+");

const struct shape shape_rule_set = {
	.kind = SHAPE_STRUCT,
	.name = "a rule set",
	.members = MEMBERS({"RuleSetName", &rule_set_name, true}, {"Rules", &rules, true},
		{"Tags", &mm_tags, false}, {"ClientToken", &mm_client_token, false},
		{"RuleSetId", &mm_any, false}, {"RuleSetArn", &mm_any, false},
		{"CreatedDate", &mm_any, false}, {"LastModificationDate", &mm_any, false}),
};
