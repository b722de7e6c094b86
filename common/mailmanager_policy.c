/* CreateTrafficPolicy, and what get-traffic-policy adds. */
#include "mailmanager_shapes.h"

#define OCTET "(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"
#define HEX "[0-9a-fA-F]{1,4}"

SHAPE_OF_ENUM(accept_action, "ALLOW", "DENY");

SHAPE_OF_ENUM(string_attribute, "RECIPIENT");
SHAPE_OF_UNION(string_evaluate, {"Attribute", &string_attribute, false},
	{"Analysis", &mm_analysis, false});
SHAPE_OF_LIST(string_values, mm_string, 0, 0);
SHAPE_OF_STRUCT(string_expression, {"Evaluate", &string_evaluate, true},
	{"Operator", &mm_string_operator, true}, {"Values", &string_values, true});

SHAPE_OF_ENUM(ipv4_attribute, "SENDER_IP");
SHAPE_OF_UNION(ipv4_evaluate, {"Attribute", &ipv4_attribute, false});
SHAPE_OF_STRING(ipv4_cidr, "an IPv4 network such as 192.0.2.0/24", 0, 0,
	"(" OCTET "\\.){3}" OCTET "/([0-9]|[12][0-9]|3[0-2])");
SHAPE_OF_LIST(ipv4_cidrs, ipv4_cidr, 0, 0);
SHAPE_OF_STRUCT(ip_expression, {"Evaluate", &ipv4_evaluate, true},
	{"Operator", &mm_cidr_operator, true}, {"Values", &ipv4_cidrs, true});

SHAPE_OF_ENUM(ipv6_attribute, "SENDER_IPV6");
SHAPE_OF_UNION(ipv6_evaluate, {"Attribute", &ipv6_attribute, false});
SHAPE_OF_STRING(ipv6_cidr, "an IPv6 network such as 2001:db8::/32", 0, 49,
	"((" HEX ":){7}" HEX "|(" HEX ":){1,7}:|(" HEX ":){1,6}:" HEX "|(" HEX ":){1,5}(:" HEX
	"){1,2}|(" HEX ":){1,4}(:" HEX "){1,3}|(" HEX ":){1,3}(:" HEX "){1,4}|(" HEX
	":){1,2}(:" HEX "){1,5}|" HEX ":((:" HEX "){1,6})|:((:" HEX
	"){1,7}|:))/(12[0-8]|1[0-1][0-9]|[1-9][0-9]|[0-9])");
SHAPE_OF_LIST(ipv6_cidrs, ipv6_cidr, 0, 0);
SHAPE_OF_STRUCT(ipv6_expression, {"Evaluate", &ipv6_evaluate, true},
	{"Operator", &mm_cidr_operator, true}, {"Values", &ipv6_cidrs, true});

SHAPE_OF_ENUM(tls_attribute, "TLS_PROTOCOL");
SHAPE_OF_UNION(tls_evaluate, {"Attribute", &tls_attribute, false});
SHAPE_OF_ENUM(tls_operator, "MINIMUM_TLS_VERSION", "IS");
SHAPE_OF_ENUM(tls_version, "TLS1_2", "TLS1_3");
SHAPE_OF_STRUCT(tls_expression, {"Evaluate", &tls_evaluate, true},
	{"Operator", &tls_operator, true}, {"Value", &tls_version, true});

SHAPE_OF_ENUM(list_attribute, "RECIPIENT", "SENDER");
SHAPE_OF_STRUCT(in_address_list, {"Attribute", &list_attribute, true},
	{"AddressLists", &mm_address_lists, true});
SHAPE_OF_UNION(boolean_evaluate, {"Analysis", &mm_analysis, false},
	{"IsInAddressList", &in_address_list, false});
SHAPE_OF_STRUCT(boolean_expression, {"Evaluate", &boolean_evaluate, true},
	{"Operator", &mm_boolean_word, true});

SHAPE_OF_UNION(condition, {"StringExpression", &string_expression, false},
	{"IpExpression", &ip_expression, false}, {"Ipv6Expression", &ipv6_expression, false},
	{"TlsExpression", &tls_expression, false},
	{"BooleanExpression", &boolean_expression, false});
SHAPE_OF_LIST(conditions, condition, 1, 0);

SHAPE_OF_STRUCT(statement, {"Conditions", &conditions, true}, {"Action", &accept_action, true});
SHAPE_OF_LIST(statements, statement, 0, 0);

SHAPE_OF_STRING(policy_name, "a traffic policy name (letters, digits, _ and -)", 3, 63,
	"[A-Za-z0-9_\\-]+");
static const struct shape message_size = {
	.kind = SHAPE_INTEGER, .name = "a number of octets", .min = 1};

const struct shape shape_traffic_policy = {
	.kind = SHAPE_STRUCT,
	.name = "a traffic policy",
	.members = MEMBERS({"TrafficPolicyName", &policy_name, true},
		{"PolicyStatements", &statements, true},
		{"DefaultAction", &accept_action, true},
		{"MaxMessageSizeBytes", &message_size, false}, {"Tags", &mm_tags, false},
		{"ClientToken", &mm_client_token, false}, {"TrafficPolicyId", &mm_any, false},
		{"TrafficPolicyArn", &mm_any, false}, {"CreatedTimestamp", &mm_any, false},
		{"LastUpdatedTimestamp", &mm_any, false}),
};
