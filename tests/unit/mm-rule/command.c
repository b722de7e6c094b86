/* The command line of every action, from its JSON. */
#include <stdlib.h>

#include "action.h"
#include "tap.h"

#define ROLE "\"RoleArn\":\"arn:aws:iam::123456789012:role/x\""

static const struct {
	const char *json, *command, *target;
} cases[] = {
	{"{\"Archive\":{\"TargetArchive\":\"arn:aws:ses:eu-west-1:1:mailmanager-archive/"
	 "a-1\"}}",
		"mm-archive add -C site a-1", "a-1"},
	{"{\"Relay\":{\"Relay\":\"one\"}}", "mm-relay -C site one", "one"},
	{"{\"Relay\":{\"Relay\":\"one\",\"MailFrom\":\"PRESERVE\"}}", "mm-relay -C site one",
		"one"},
	{"{\"Relay\":{\"Relay\":\"one\",\"MailFrom\":\"REPLACE\"}}",
		"mm-relay -C site --mail-from replace one", "one"},
	{"{\"Send\":{" ROLE "}}", "mm-relay -C site --mx", "mx"},
	{"{\"DeliverToMailbox\":{" ROLE ",\"MailboxArn\":\"arn:aws:workmail:x:1:org/m-1\"}}",
		"mm-relay -C site --mailbox m-1", "m-1"},
	{"{\"WriteToS3\":{" ROLE ",\"S3Bucket\":\"b\"}}", "mm-s3put -C site --bucket b",
		"s3://b/"},
	{"{\"WriteToS3\":{" ROLE
	 ",\"S3Bucket\":\"b\",\"S3Prefix\":\"in/\",\"S3SseKmsKeyId\":\"k\"}}",
		"mm-s3put -C site --bucket b --prefix in/ --kms-key k", "s3://b/in/"},
	{"{\"PublishToSns\":{" ROLE ",\"TopicArn\":\"arn:aws:sns:eu-west-1:123456789012:t\"}}",
		"mm-notify sns -C site t", "t"},
	{"{\"PublishToSns\":{" ROLE ",\"TopicArn\":\"arn:aws:sns:eu-west-1:123456789012:t\","
	 "\"Encoding\":\"BASE64\",\"PayloadType\":\"HEADERS\"}}",
		"mm-notify sns -C site t --encoding BASE64 --payload HEADERS", "t"},
	{"{\"InvokeLambda\":{" ROLE
	 ",\"FunctionArn\":\"arn:aws:lambda:eu-west-1:1:function:f\","
	 "\"InvocationType\":\"REQUEST_RESPONSE\",\"RetryTimeMinutes\":5}}",
		"mm-notify lambda -C site f --invocation REQUEST_RESPONSE", "f"},
	{"{\"SignDkim\":{\"Domain\":\"b.example\"}}",
		"mm-verdict sign --required -C site --domain b.example", "b.example"},
	{"{\"SealArc\":{}}", "mm-verdict seal --required -C site", "-"},
	{"{\"Drop\":{}}", NULL, "-"},
	{"{\"ReplaceRecipient\":{\"ReplaceWith\":[\"a@b\"]}}", NULL, "-"},
	{"{\"AddHeader\":{\"HeaderName\":\"X-A\",\"HeaderValue\":\"b\"}}", NULL, "X-A"},
	{"{\"Bounce\":{" ROLE ",\"Sender\":\"a@b\",\"StatusCode\":\"5.1.1\","
	 "\"SmtpReplyCode\":\"550\",\"DiagnosticMessage\":\"no\"}}",
		NULL, "-"},
};

/* A site that has nothing: every target is a warning. */
static struct action_context context = {.site = "site",
	.rule_set = "set",
	.rule = "r",
	.lenient = true,
	.overrides = (char *[ACTION_KINDS]){NULL}};

static int
compile(struct action *a, const char *text, struct problems *ps)
{
	struct json_doc doc;
	struct json_at at = {NULL, NULL, 3};
	if (json_doc_parse(&doc, "test", str_of(text), ps) < 0)
		return -1;
	int rc = action_compile(a, &context, &doc, doc.root, &at, ps);
	json_doc_release(&doc);
	return rc;
}

static void
check_commands(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct action a;
		struct problems ps = {0};
		ok(compile(&a, cases[i].json, &ps) == 0 && a.index == 3, "%s", cases[i].json);
		if (cases[i].command)
			is_str(a.command, cases[i].command, "its command");
		else
			ok(!a.command && !a.argv, "done by mm-rule itself");
		is_str(a.target, cases[i].target, "its target");
		action_release(&a);
		problems_release(&ps);
	}
}

/* 128 characters that all must be encoded: still one well-formed field. */
static void
check_long_value(void)
{
	struct problems ps = {0};
	struct action a;
	struct buf text = {0};
	buf_addstr(&text, "{\"AddHeader\":{\"HeaderName\":\"X-A\",\"HeaderValue\":\"");
	for (int i = 0; i < 128; i++)
		buf_addstr(&text, "\u20ac");
	buf_addstr(&text, "\"}}");
	ok(compile(&a, buf_cstr(&text), &ps) == 0, "a long header value");
	size_t n = strlen(a.header);
	const char *lf = memchr(a.header, '\n', n);
	ok(lf == a.header + n - 1, "on one line");
	for (const char *p = a.header; p < lf - 1; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			ok(false, "octet %d is not printable ASCII", (unsigned char)*p);
	buf_release(&text);
	action_release(&a);
	problems_release(&ps);
}

static void
check_headers(void)
{
	static const char *const values[][2] = {
		{"plain text", "X-A: plain text\r\n"},
		{"K\u00e4se", "X-A: =?UTF-8?b?S8Okc2U=?=\r\n"},
	};
	struct problems ps = {0};
	struct action a;
	for (size_t i = 0; i < 2; i++) {
		char text[200];
		snprintf(text, sizeof(text),
			"{\"AddHeader\":{\"HeaderName\":\"X-A\",\"HeaderValue\":\"%s\"}}",
			values[i][0]);
		ok(compile(&a, text, &ps) == 0, "a header value");
		is_str(a.header, values[i][1], "the field");
		action_release(&a);
	}
	ok(compile(&a,
		   "{\"AddHeader\":{\"HeaderName\":\"X-A\",\"HeaderValue\":\"a\\r\\nB: c\"}}",
		   &ps) < 0,
		"no line ends in a header value");
	action_release(&a);
	problems_release(&ps);
}

static void
check_refused(void)
{
	struct problems ps = {0};
	struct action a;
	context.lenient = false;
	ok(compile(&a, "{\"Relay\":{\"Relay\":\"one\"}}", &ps) < 0, "no such relay");
	action_release(&a);
	context.overrides = (char *[ACTION_KINDS]){[ACTION_RELAY] = (char[]){"cat"}};
	ok(compile(&a, "{\"Relay\":{\"Relay\":\"one\",\"ActionFailurePolicy\":\"DROP\"}}",
		   &ps) == 0,
		"unless a command stands in");
	is_str(a.argv[0], "env", "run with the action's environment");
	ok(a.drop_on_failure, "ActionFailurePolicy");
	action_release(&a);
	context.overrides = (char *[ACTION_KINDS]){NULL};
	ok(compile(&a, "{\"Relay\":{\"Relay\":\"-n\"}}", &ps) < 0, "no target like an option");
	action_release(&a);
	problems_release(&ps);
}

int
main(void)
{
	check_commands();
	check_headers();
	check_long_value();
	check_refused();
	return done();
}
