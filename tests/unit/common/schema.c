#include <stdlib.h>

#include "mailmanager.h"
#include "tap.h"

/* Checks a document; all problems must be told exactly as expected, one a line. */
static void
told(const char *name, const struct shape *shape, bool lenient, const char *text,
	const char *expected)
{
	struct problems ps = {0};
	struct json_doc doc;
	char *got = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&got, &n);
	if (json_doc_parse(&doc, "f", str_of(text), &ps) == 0) {
		bool fine = schema_check(&doc, shape, lenient, &ps);
		ok(fine == (ps.errors == 0), "%s: the result says so", name);
		json_doc_release(&doc);
	}
	problems_print(&ps, out);
	fclose(out);
	is_str(got, expected, name);
	free(got);
	problems_release(&ps);
}

#define POLICY(statements) \
	"{\"TrafficPolicyName\":\"in\\u0062ound\",\n\"PolicyStatements\":[" statements \
	"],\n\"DefaultAction\":\"DENY\"}"
#define STATEMENT(conditions) \
	POLICY("{\"Action\":\"ALLOW\",\"Conditions\":[\n" conditions "\n]}")
#define RULE(conditions, actions) \
	"{\"RuleSetName\":\"r\",\"Rules\":[{\"Conditions\":[\n" conditions \
	"\n],\"Actions\":[\n" actions "\n]}]}"
#define ROLE "\"RoleArn\":\"arn:aws:iam::123456789012:role/x\""

static void
policies(void)
{
	const struct shape *p = &shape_traffic_policy;
	told("no statements", p, false, POLICY(""), "");
	told("every expression", p, false,
		STATEMENT(
			"{\"StringExpression\":{\"Evaluate\":{\"Attribute\":\"RECIPIENT\"},"
			"\"Operator\":\"ENDS_WITH\",\"Values\":[\"@example.org\"]}},"
			"{\"StringExpression\":{\"Evaluate\":{\"Analysis\":{\"Analyzer\":\"a\","
			"\"ResultField\":\"addon.Listed "
			"on\"}},\"Operator\":\"EQUALS\",\"Values\":[]}},"
			"{\"IpExpression\":{\"Evaluate\":{\"Attribute\":\"SENDER_IP\"},"
			"\"Operator\":\"CIDR_MATCHES\",\"Values\":[\"192.0.2.0/24\"]}},"
			"{\"Ipv6Expression\":{\"Evaluate\":{\"Attribute\":\"SENDER_IPV6\"},"
			"\"Operator\":\"NOT_CIDR_MATCHES\",\"Values\":[\"2001:db8::/32\",\"::/"
			"0\"]}},"
			"{\"TlsExpression\":{\"Evaluate\":{\"Attribute\":\"TLS_PROTOCOL\"},"
			"\"Operator\":\"IS\",\"Value\":\"TLS1_2\"}},"
			"{\"BooleanExpression\":{\"Evaluate\":{\"IsInAddressList\":{"
			"\"Attribute\":"
			"\"RECIPIENT\",\"AddressLists\":[\"vips\"]}},\"Operator\":\"IS_FALSE\"}"
			"}"),
		"");
	told("empty", p, false, "{}",
		"f:1:1: expected a member \"TrafficPolicyName\": a traffic policy name "
		"(letters, "
		"digits, _ and -)\n"
		"f:1:1: expected a member \"PolicyStatements\"\n"
		"f:1:1: expected a member \"DefaultAction\": \"ALLOW\" or \"DENY\"\n");
	told("not an object", p, false, "[]",
		"f:1:1: expected a traffic policy, found a list\n");
	told("a union of nothing", p, false, STATEMENT("{}"),
		"f:3:1: PolicyStatements[0].Conditions[0]: expected exactly one of "
		"\"StringExpression\", \"IpExpression\", \"Ipv6Expression\", \"TlsExpression\" "
		"or "
		"\"BooleanExpression\", found none\n");
	told("a misspelt union member", p, false, STATEMENT("{\"IPExpresion\":{}}"),
		"f:3:2: PolicyStatements[0].Conditions[0].IPExpresion: unknown member; did you "
		"mean "
		"\"IpExpression\"?\n");
	told("a foreign member", p, false, STATEMENT("{\"Frobnicate\":1}"),
		"f:3:2: PolicyStatements[0].Conditions[0].Frobnicate: unknown member; expected "
		"\"StringExpression\", \"IpExpression\", \"Ipv6Expression\", \"TlsExpression\" "
		"or "
		"\"BooleanExpression\"\n");
	told("Values for Value, and a word", p, false,
		STATEMENT("{\"TlsExpression\":{\"Evaluate\":{\"Attribute\":\"TLS\"},\n"
			  "\"Operator\":\"MINIMUM_TLS_VERSION\",\n\"Values\":\"TLS1_3\"}}"),
		"f:3:43: PolicyStatements[0].Conditions[0].TlsExpression.Evaluate.Attribute: "
		"expected \"TLS_PROTOCOL\", found \"TLS\"\n"
		"f:5:1: PolicyStatements[0].Conditions[0].TlsExpression.Values: unknown "
		"member; did "
		"you mean \"Value\"?\n"
		"f:3:18: PolicyStatements[0].Conditions[0].TlsExpression: expected a member "
		"\"Value\": \"TLS1_2\" or \"TLS1_3\"\n");
	told("two members of a union", p, false,
		STATEMENT("{\"BooleanExpression\":{\"Operator\":\"IS_TRUE\",\"Evaluate\":{\n"
			  "\"Analysis\":{\"Analyzer\":\"a\",\"ResultField\":\"b\"},"
			  "\"IsInAddressList\":{\"Attribute\":\"RECIPIENT\","
			  "\"AddressLists\":[\"v\"]}}}}"),
		"f:3:55: PolicyStatements[0].Conditions[0].BooleanExpression.Evaluate: "
		"expected "
		"exactly one of \"Analysis\" or \"IsInAddressList\", found \"Analysis\" and "
		"\"IsInAddressList\"\n");
	told("no conditions", p, false, STATEMENT(""),
		"f:2:52: PolicyStatements[0].Conditions: expected at least 1 item, found 0\n");
	told("an address without its prefix length", p, false,
		STATEMENT("{\"IpExpression\":{\"Evaluate\":{\"Attribute\":\"SENDER_IP\"},"
			  "\"Operator\":"
			  "\"CIDR_MATCHES\",\"Values\":[\"192.0.2.1\"]}}"),
		"f:3:91: PolicyStatements[0].Conditions[0].IpExpression.Values[0]: expected an "
		"IPv4 "
		"network such as 192.0.2.0/24, found \"192.0.2.1\"\n");
	told("names and sizes", p, false,
		"{\"TrafficPolicyName\":\"\xc3\xa4\xc3\xb6\",\"PolicyStatements\":{},"
		"\"DefaultAction\":true,\n\"MaxMessageSizeBytes\":0}",
		"f:1:22: TrafficPolicyName: expected a traffic policy name (letters, digits, _ "
		"and "
		"-) of 3 to 63 characters, it has 2\n"
		"f:1:46: PolicyStatements: expected a list, found an object\n"
		"f:1:65: DefaultAction: expected \"ALLOW\" or \"DENY\", found true\n"
		"f:2:23: MaxMessageSizeBytes: expected a number of octets of at least 1, found "
		"0\n");
	told("lenient: limits are warnings, kinds stay errors", p, true,
		"{\"TrafficPolicyName\":\"a b\",\"PolicyStatements\":[],\"DefaultAction\":1}",
		"f:1:22: TrafficPolicyName: warning: expected a traffic policy name (letters, "
		"digits, _ and -), found \"a b\"\n"
		"f:1:66: DefaultAction: expected \"ALLOW\" or \"DENY\", found 1\n");
	told("what get-traffic-policy returns", p, false,
		"{\"TrafficPolicyName\":\"abc\",\"PolicyStatements\":[],\"DefaultAction\":"
		"\"ALLOW\","
		"\"TrafficPolicyId\":\"tp-1\",\"TrafficPolicyArn\":\"arn:x\","
		"\"CreatedTimestamp\":1.5,"
		"\"LastUpdatedTimestamp\":\"2026-01-01T00:00:00Z\",\"Tags\":[{\"Key\":\"a\","
		"\"Value\":\"\"}]}",
		"");
}

static void
rule_sets(void)
{
	const struct shape *r = &shape_rule_set;
	told("twelve actions in two rules", r, false,
		"{\"RuleSetName\":\"r\",\"Rules\":[{\"Actions\":[{\"Drop\":{}},{\"Relay\":{"
		"\"Relay\":"
		"\"r\",\"MailFrom\":\"PRESERVE\",\"ActionFailurePolicy\":\"DROP\"}},{"
		"\"Archive\":{"
		"\"TargetArchive\":\"a\"}},{\"WriteToS3\":{" ROLE
		",\"S3Bucket\":\"b\"}},{\"Send\":{" ROLE
		"}},{\"AddHeader\":{\"HeaderName\":\"x-a\",\"HeaderValue\":\"1\"}},"
		"{\"ReplaceRecipient\":{\"ReplaceWith\":[\"a@b\"]}},{\"DeliverToMailbox\":{"
		"\"MailboxArn\":\"m\"," ROLE "}}]},{\"Name\":\"n\",\"Unless\":[],\"Actions\":["
		"{\"DeliverToQBusiness\":{\"ApplicationId\":\"00000000-0000-0000-0000-"
		"000000000000\","
		"\"IndexId\":\"00000000-0000-0000-0000-000000000000\"," ROLE
		"}},{\"PublishToSns\":{"
		"\"TopicArn\":\"arn:aws:sns:eu-west-1:123456789012:orders\"," ROLE
		"}},{\"Bounce\":{" ROLE
		",\"Sender\":\"a@b\",\"StatusCode\":\"5.1.1\",\"SmtpReplyCode\":\"550\","
		"\"DiagnosticMessage\":\"no\",\"Message\":\"a\\r\\nb\"}},{\"InvokeLambda\":{"
		"\"FunctionArn\":\"arn:aws:lambda:x:1:function:f\",\"InvocationType\":"
		"\"EVENT\"," ROLE ",\"RetryTimeMinutes\":2160}}]}]}",
		"");
	told("every expression", r, false,
		RULE("{\"BooleanExpression\":{\"Evaluate\":{\"Attribute\":\"TLS_WRAPPED\"},"
		     "\"Operator\":\"IS_TRUE\"}},"
		     "{\"StringExpression\":{\"Evaluate\":{\"MimeHeaderAttribute\":\"X-Spam\"},"
		     "\"Operator\":\"CONTAINS\",\"Values\":[\"y\"]}},"
		     "{\"StringExpression\":{\"Evaluate\":{\"ClientCertificateAttribute\":"
		     "\"CN\"},"
		     "\"Operator\":\"EQUALS\",\"Values\":[\"y\"]}},"
		     "{\"NumberExpression\":{\"Evaluate\":{\"Attribute\":\"MESSAGE_SIZE\"},"
		     "\"Operator\":\"LESS_THAN\",\"Value\":1e3}},"
		     "{\"IpExpression\":{\"Evaluate\":{\"Attribute\":\"SOURCE_IP\"},"
		     "\"Operator\":\"CIDR_MATCHES\",\"Values\":[\"2001:db8::/32\"]}},"
		     "{\"VerdictExpression\":{\"Evaluate\":{\"Attribute\":\"DKIM\"},"
		     "\"Operator\":\"NOT_EQUALS\",\"Values\":[\"GRAY\"]}},"
		     "{\"DmarcExpression\":{\"Operator\":\"EQUALS\",\"Values\":[\"REJECT\"]}}",
			"{\"Drop\":{}}"),
		"");
	told("actions", r, false,
		RULE("", "{\"Drop\":{\"ActionFailurePolicy\":\"DROP\"}},\n{\"Archive\":{}},\n"
			 "{\"Archiv\":{}},\n{\"Relay\":{\"Relay\":7}},\n"
			 "{\"AddHeader\":{\"HeaderName\":\"Subject\",\"HeaderValue\":\"\"}},\n"
			 "{\"InvokeLambda\":{\"FunctionArn\":\"f\",\"InvocationType\":"
			 "\"EVENT\"," ROLE ",\"RetryTimeMinutes\":2161}}"),
		"f:4:10: Rules[0].Actions[0].Drop.ActionFailurePolicy: unknown member; "
		"expected an "
		"empty object\n"
		"f:5:12: Rules[0].Actions[1].Archive: expected a member \"TargetArchive\": a "
		"name, "
		"id or ARN\n"
		"f:6:2: Rules[0].Actions[2].Archiv: unknown member; did you mean \"Archive\"?\n"
		"f:7:19: Rules[0].Actions[3].Relay.Relay: expected a name, id or ARN, found 7\n"
		"f:8:28: Rules[0].Actions[4].AddHeader.HeaderName: expected a header name that "
		"begins with X- (letters, digits and -), found \"Subject\"\n"
		"f:8:52: Rules[0].Actions[4].AddHeader.HeaderValue: expected a header value of "
		"1 to "
		"128 characters, it has 0\n"
		"f:9:32: Rules[0].Actions[5].InvokeLambda.FunctionArn: expected a function ARN "
		"of 20 "
		"to 2048 characters, it has 1\n"
		"f:9:125: Rules[0].Actions[5].InvokeLambda.RetryTimeMinutes: expected a number "
		"of "
		"minutes from 0 to 2160, found 2161\n");
	told("Evaluate in a DmarcExpression", r, false,
		RULE("{\"DmarcExpression\":{\"Evaluate\":{},\"Operator\":\"EQUALS\",\"Values\":"
		     "[]}}",
			"{\"Drop\":{}}"),
		"f:2:21: Rules[0].Conditions[0].DmarcExpression.Evaluate: unknown member; "
		"expected "
		"\"Operator\" or \"Values\"\n"
		"f:2:64: Rules[0].Conditions[0].DmarcExpression.Values: expected 1 to 10 "
		"items, "
		"found 0\n");
}

static void
resources(void)
{
	told("an ingress point", &shape_ingress_point, false,
		"{\"IngressPointName\":\"inbound\",\"Type\":\"OPEN\",\"RuleSetId\":\"rs-1\","
		"\"TrafficPolicyId\":\"tp-1\",\"TlsPolicy\":\"REQUIRED\","
		"\"IngressPointConfiguration\":{\"SecretArn\":\"users\"}}",
		"");
	told("a relay", &shape_relay, false,
		"{\"RelayName\":\"r\",\"ServerName\":\"mx_1\",\"ServerPort\":65536,"
		"\"Authentication\":{\"NoAuthentication\":{}}}",
		"f:1:31: ServerName: expected a host name or IPv4 address, found \"mx_1\"\n"
		"f:1:51: ServerPort: expected a port from 1 to 65535, found 65536\n");
	told("an archive", &shape_archive, false,
		"{\"ArchiveName\":\"-x\",\"Retention\":{\"RetentionPeriod\":\"PERMANENT\"}}",
		"f:1:16: ArchiveName: expected an archive name (letters, digits, _ and -, a "
		"letter "
		"or digit first and last), found \"-x\"\n");
	told("settings", &shape_settings, false,
		"{\"Hostname\":\"mx.example.org\",\"casesensitive\":true,\"DenyReply\":\"450 "
		"no\"}",
		"f:1:30: casesensitive: unknown member; did you mean \"CaseSensitive\"?\n"
		"f:1:63: DenyReply: expected an SMTP reply such as 550 5.7.1 not allowed of 9 "
		"to 400 "
		"characters, it has 6\n");
	told("a trust store of many lines", &shape_ingress_point, false,
		"{\"IngressPointName\":\"mtls\",\"Type\":\"MTLS\",\"RuleSetId\":\"r\","
		"\"TrafficPolicyId\":\"t\",\"IngressPointConfiguration\":{"
		"\"TlsAuthConfiguration\":{"
		"\"TrustStore\":{\"CAContent\":\"-----BEGIN\\nMII\\u00e9\\n\"}}}}",
		"");
}

static void
many(void)
{
	struct buf b = {0};
	struct problems ps = {0};
	struct json_doc doc;
	buf_addstr(&b, "{\"TrafficPolicyName\":\"abc\",\"DefaultAction\":\"DENY\","
		       "\"PolicyStatements\":[0");
	for (int i = 0; i < 5000; i++)
		buf_addstr(&b, ",0");
	buf_addstr(&b, "]}");
	ok(json_doc_parse(&doc, "f", buf_str(&b), &ps) == 0, "5,001 wrong items");
	ok(!schema_check(&doc, &shape_traffic_policy, false, &ps), "are refused");
	is_int((long long)ps.n, 201, "and not all told");
	json_doc_release(&doc);
	problems_release(&ps);
	buf_release(&b);
}

int
main(void)
{
	policies();
	rule_sets();
	resources();
	many();
	return done();
}
