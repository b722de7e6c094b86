#include "mailmanager_conditions.h"
#include "mailmanager_shapes.h"

SHAPE_OF_ENUM(list_attribute, "RECIPIENT", "MAIL_FROM", "SENDER", "FROM", "TO", "CC");
SHAPE_OF_STRUCT(in_address_list, {"Attribute", &list_attribute, true},
	{"AddressLists", &mm_address_lists, true});
SHAPE_OF_ENUM(boolean_attribute, "READ_RECEIPT_REQUESTED", "TLS", "TLS_WRAPPED");
SHAPE_OF_UNION(boolean_evaluate, {"Attribute", &boolean_attribute, false},
	{"Analysis", &mm_analysis, false}, {"IsInAddressList", &in_address_list, false});
SHAPE_OF_STRUCT(boolean_expression, {"Evaluate", &boolean_evaluate, true},
	{"Operator", &mm_boolean_word, true});

SHAPE_OF_ENUM(string_attribute, "MAIL_FROM", "HELO", "RECIPIENT", "SENDER", "FROM", "SUBJECT",
	"TO", "CC");
SHAPE_OF_ENUM(certificate_attribute, "CN", "SAN_RFC822_NAME", "SAN_DNS_NAME",
	"SAN_DIRECTORY_NAME", "SAN_UNIFORM_RESOURCE_IDENTIFIER", "SAN_IP_ADDRESS",
	"SAN_REGISTERED_ID", "SERIAL_NUMBER");
SHAPE_OF_STRING(
	mime_header, "a header name that begins with X-", 0, 0, "X-[a-zA-Z0-9-]{1,256}");
/* Extensions, mm-rules(5): any header, and what Mail Manager does not look at. */
SHAPE_OF_STRING(any_header, "a header name (printable ASCII without spaces and colons)", 1, 256,
	"[!-9;-~]+");
SHAPE_OF_ENUM(extended_attribute, "BODY", "ATTACHMENT_NAME", "ATTACHMENT_TYPE", "DMARC_RESULT",
	"ARC_RESULT", "AUTH_USER", "INGRESS");
SHAPE_OF_UNION(string_evaluate, {"Attribute", &string_attribute, false},
	{"MimeHeaderAttribute", &mime_header, false}, {"Analysis", &mm_analysis, false},
	{"ClientCertificateAttribute", &certificate_attribute, false},
	{"HeaderAttribute", &any_header, false},
	{"ExtendedAttribute", &extended_attribute, false});
SHAPE_OF_STRING(string_value, "a string", 1, 4096, NULL);
SHAPE_OF_LIST(string_values, string_value, 1, 10);
SHAPE_OF_STRUCT(string_expression, {"Evaluate", &string_evaluate, true},
	{"Operator", &mm_string_operator, true}, {"Values", &string_values, true});

SHAPE_OF_ENUM(number_attribute, "MESSAGE_SIZE");
SHAPE_OF_ENUM(extended_number, "ATTACHMENT_COUNT", "ATTACHMENT_SIZE");
SHAPE_OF_UNION(number_evaluate, {"Attribute", &number_attribute, false},
	{"ExtendedAttribute", &extended_number, false});
SHAPE_OF_ENUM(number_operator, "EQUALS", "NOT_EQUALS", "LESS_THAN", "GREATER_THAN",
	"LESS_THAN_OR_EQUAL", "GREATER_THAN_OR_EQUAL");
static const struct shape number = {.kind = SHAPE_NUMBER};
SHAPE_OF_STRUCT(number_expression, {"Evaluate", &number_evaluate, true},
	{"Operator", &number_operator, true}, {"Value", &number, true});

/* The model's pattern, "(([0-9]|.|:|/)*)", admits any line; what is a network
 * is decided when the condition is compiled. */
SHAPE_OF_ENUM(ip_attribute, "SOURCE_IP");
SHAPE_OF_UNION(ip_evaluate, {"Attribute", &ip_attribute, false});
SHAPE_OF_STRING(ip_value, "an IP network such as 192.0.2.0/24", 1, 43, NULL);
SHAPE_OF_LIST(ip_values, ip_value, 1, 10);
SHAPE_OF_STRUCT(ip_expression, {"Evaluate", &ip_evaluate, true},
	{"Operator", &mm_cidr_operator, true}, {"Values", &ip_values, true});

SHAPE_OF_ENUM(equality, "EQUALS", "NOT_EQUALS");
SHAPE_OF_ENUM(verdict_attribute, "SPF", "DKIM");
SHAPE_OF_UNION(verdict_evaluate, {"Attribute", &verdict_attribute, false},
	{"Analysis", &mm_analysis, false});
SHAPE_OF_ENUM(verdict, "PASS", "FAIL", "GRAY", "PROCESSING_FAILED");
SHAPE_OF_LIST(verdicts, verdict, 1, 10);
SHAPE_OF_STRUCT(verdict_expression, {"Evaluate", &verdict_evaluate, true},
	{"Operator", &equality, true}, {"Values", &verdicts, true});

SHAPE_OF_ENUM(dmarc_policy, "NONE", "QUARANTINE", "REJECT");
SHAPE_OF_LIST(dmarc_policies, dmarc_policy, 1, 10);
SHAPE_OF_STRUCT(
	dmarc_expression, {"Operator", &equality, true}, {"Values", &dmarc_policies, true});

/* The rest are extensions, mm-rules(5). */
SHAPE_OF_ENUM(regex_operator, "MATCHES", "NOT_MATCHES");
SHAPE_OF_STRUCT(regex_expression, {"Evaluate", &string_evaluate, true},
	{"Operator", &regex_operator, true}, {"Values", &string_values, true});

SHAPE_OF_ENUM(time_operator, "WITHIN", "NOT_WITHIN");
SHAPE_OF_ENUM(
	day, "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY");
SHAPE_OF_LIST(days, day, 1, 7);
SHAPE_OF_STRING(time_of_day, "a time of day such as 09:30", 5, 5, "[0-9]{2}:[0-9]{2}");
SHAPE_OF_STRING(time_zone, "a time zone such as Europe/Berlin", 1, 64, "[A-Za-z0-9_+/-]+");
SHAPE_OF_STRUCT(time_expression, {"Operator", &time_operator, true}, {"Days", &days, false},
	{"From", &time_of_day, false}, {"Until", &time_of_day, false},
	{"TimeZone", &time_zone, false});

SHAPE_OF_ENUM(rate_attribute, "MAIL_FROM", "FROM", "RECIPIENT", "HELO", "SOURCE_IP",
	"AUTH_USER", "INGRESS");
SHAPE_OF_UNION(rate_evaluate, {"Attribute", &rate_attribute, false});
SHAPE_OF_ENUM(rate_operator, "GREATER_THAN", "LESS_THAN_OR_EQUAL");
static const struct shape rate_value = {
	.kind = SHAPE_INTEGER, .name = "a number of messages", .max = 10000};
static const struct shape rate_window = {
	.kind = SHAPE_INTEGER, .name = "a number of seconds", .min = 1, .max = 604800};
SHAPE_OF_STRUCT(rate_expression, {"Evaluate", &rate_evaluate, true},
	{"Operator", &rate_operator, true}, {"Value", &rate_value, true},
	{"WindowSeconds", &rate_window, true});

static const struct shape condition;
SHAPE_OF_LIST(group, condition, 1, 100);
SHAPE_OF_UNION(condition, {"BooleanExpression", &boolean_expression, false},
	{"StringExpression", &string_expression, false},
	{"NumberExpression", &number_expression, false},
	{"IpExpression", &ip_expression, false},
	{"VerdictExpression", &verdict_expression, false},
	{"DmarcExpression", &dmarc_expression, false},
	{"RegexExpression", &regex_expression, false},
	{"TimeExpression", &time_expression, false},
	{"RateExpression", &rate_expression, false}, {"AnyOf", &group, false},
	{"AllOf", &group, false}, {"Not", &condition, false});

const struct shape mm_rule_conditions = {.kind = SHAPE_LIST, .element = &condition, .max = 10};
