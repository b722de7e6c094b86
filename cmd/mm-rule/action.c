#include <gmime/gmime.h>
#include <stdarg.h>
#include <stdlib.h>

#include "action.h"
#include "address.h"
#include "command.h"
#include "mem.h"
#include "message.h"
#include "reply.h"
#include "site.h"

static const struct traits {
	const char *name, *log_name;
	enum delivery delivery;
	const char *target_member; /* names a resource of the site */
	enum site_kind target_kind;
} traits[ACTION_KINDS] = {
	[ACTION_DROP] = {"Drop", "DROP", DELIVERY_NONE, NULL, 0},
	[ACTION_RELAY] = {"Relay", "RELAY", DELIVERY_MADE, "Relay", SITE_RELAY},
	[ACTION_ARCHIVE] = {"Archive", "ARCHIVE", DELIVERY_STORED, "TargetArchive",
		SITE_ARCHIVE},
	[ACTION_WRITE_TO_S3] = {"WriteToS3", "WRITE_TO_S3", DELIVERY_STORED, NULL, 0},
	[ACTION_SEND] = {"Send", "SEND", DELIVERY_MADE, NULL, 0},
	[ACTION_ADD_HEADER] = {"AddHeader", "ADD_HEADER", DELIVERY_NONE, NULL, 0},
	[ACTION_REPLACE_RECIPIENT] = {"ReplaceRecipient", "REPLACE_RECIPIENT", DELIVERY_NONE,
		NULL, 0},
	[ACTION_DELIVER_TO_MAILBOX] = {"DeliverToMailbox", "DELIVER_TO_MAILBOX", DELIVERY_MADE,
		"MailboxArn", SITE_MAILBOX},
	[ACTION_DELIVER_TO_QBUSINESS] = {"DeliverToQBusiness", "DELIVER_TO_Q_BUSINESS",
		DELIVERY_STORED, NULL, 0},
	[ACTION_PUBLISH_TO_SNS] = {"PublishToSns", "PUBLISH_TO_SNS", DELIVERY_NONE, "TopicArn",
		SITE_TOPIC},
	[ACTION_BOUNCE] = {"Bounce", "BOUNCE", DELIVERY_NONE, NULL, 0},
	[ACTION_INVOKE_LAMBDA] = {"InvokeLambda", "INVOKE_LAMBDA", DELIVERY_NONE, "FunctionArn",
		SITE_FUNCTION},
};

const char *
action_name(enum action_kind kind)
{
	return traits[kind].name;
}

const char *
action_log_name(enum action_kind kind)
{
	return traits[kind].log_name;
}

enum delivery
action_delivery(enum action_kind kind)
{
	return traits[kind].delivery;
}

enum action_kind
action_kind_of(struct str name)
{
	int kind = 0;
	while (kind < ACTION_KINDS && !str_eq(name, str_of(traits[kind].name)))
		kind++;
	return (enum action_kind)kind;
}

bool
action_ends(enum action_kind kind)
{
	return kind == ACTION_DROP || kind == ACTION_BOUNCE;
}

/* Targets stand as one word in fields and logs. */
static char *
one_word(struct str s)
{
	struct buf b = {0};
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= ' ' || c >= 0x7f || c == '%')
			buf_addf(&b, "%%%02X", c);
		else
			buf_addc(&b, (char)c);
	}
	char *word = xstrdup(b.n ? buf_cstr(&b) : "-");
	buf_release(&b);
	return word;
}

static char *
target_of(enum action_kind kind, const json_t *members)
{
	struct buf b = {0};
	if (traits[kind].target_member) {
		buf_adds(
			&b, site_reference_name(json_str(members, traits[kind].target_member)));
	} else if (kind == ACTION_WRITE_TO_S3) {
		struct str bucket = json_str(members, "S3Bucket"),
			   prefix = json_str(members, "S3Prefix");
		buf_addf(&b, "s3://%.*s/%.*s", STR_ARG(bucket), STR_ARG(prefix));
	} else if (kind == ACTION_SEND) {
		buf_addstr(&b, "mx");
	} else if (kind == ACTION_ADD_HEADER) {
		buf_adds(&b, json_str(members, "HeaderName"));
	} else if (kind == ACTION_DELIVER_TO_QBUSINESS) {
		struct str application = json_str(members, "ApplicationId"),
			   index = json_str(members, "IndexId");
		buf_addf(&b, "%.*s/%.*s", STR_ARG(application), STR_ARG(index));
	}
	char *word = one_word(buf_str(&b));
	buf_release(&b);
	return word;
}

struct place {
	const struct action_context *context;
	const struct json_doc *doc;
	const struct json_at *at; /* of the members */
	struct problems *ps;
};

__attribute__((format(printf, 4, 5))) static void
member_problem(
	const struct place *p, const char *member, enum severity severity, const char *fmt, ...)
{
	struct json_at at = {p->at, member, 0};
	struct buf text = {0};
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	json_problem(p->ps, p->doc, &at, false, severity, "%s", buf_cstr(&text));
	buf_release(&text);
}

static void
check_target(const struct place *p, enum action_kind kind, const json_t *members)
{
	const struct traits *t = &traits[kind];
	if (p->context->overrides[kind])
		return;
	if (kind == ACTION_DELIVER_TO_QBUSINESS) {
		json_problem(p->ps, p->doc, p->at, false,
			p->context->lenient ? PROBLEM_WARNING : PROBLEM_ERROR,
			"no program here delivers to Amazon Q Business; expected "
			"-x DeliverToQBusiness=COMMAND");
		return;
	}
	if (!t->target_member)
		return;
	struct str reference = json_str(members, t->target_member);
	char *path = site_find(p->context->site, t->target_kind, reference);
	if (!path)
		member_problem(p, t->target_member,
			p->context->lenient ? PROBLEM_WARNING : PROBLEM_ERROR,
			"there is no %s \"%.*s\" in the site; expected one that it has",
			site_kind_name(t->target_kind),
			STR_ARG(site_reference_name(reference)));
	free(path);
	if (str_starts(site_reference_name(reference), STR("-")))
		member_problem(p, t->target_member, PROBLEM_ERROR,
			"expected a name that does not begin with '-'");
}

static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

static void
compile_header(struct action *a, const struct place *p, const json_t *members)
{
	struct str name = json_str(members, "HeaderName"),
		   value = json_str(members, "HeaderValue");
	if (!header_name_valid(name)) {
		member_problem(p, "HeaderName", PROBLEM_ERROR,
			"expected printable ASCII without spaces and colons");
		return;
	}
	if (has_control(value)) {
		member_problem(p, "HeaderValue", PROBLEM_ERROR,
			"expected text without control characters");
		return;
	}
	char *plain = str_dup(value);
	char *encoded = g_mime_utils_header_encode_text(NULL, plain, "utf-8"); /* RFC 2047 */
	a->header = xasprintf("%.*s: %s\r\n", STR_ARG(name), encoded ? encoded : plain);
	g_free(encoded);
	free(plain);
}

static void
compile_replacements(struct action *a, const struct place *p, const json_t *members)
{
	const json_t *list = json_object_get(members, "ReplaceWith"), *address;
	struct path path;
	size_t i;
	a->replacements = xcalloc(json_array_size(list) + 1, sizeof(*a->replacements));
	json_array_foreach (list, i, address) {
		struct str text = json_text(address);
		if (address_parse(text, &path) < 0)
			member_problem(p, "ReplaceWith",
				p->context->lenient ? PROBLEM_WARNING : PROBLEM_ERROR,
				"expected mail addresses, found \"%.*s\"", STR_ARG(text));
		a->replacements[a->nreplacements++] = xasprintf("<%.*s>", STR_ARG(text));
	}
}

/* RFC 2034: the class of the enhanced code is the first digit of the reply code. */
static char *
make_reply(const char *code, const struct reply *r)
{
	struct str detail = r->enhanced.n ? str_skip(r->enhanced, 1) : STR(".0.0");
	return xasprintf("%s %c%.*s %.*s", code, *code, STR_ARG(detail), STR_ARG(r->text));
}

static void
compile_reply(struct action *a, const struct place *p, const json_t *members)
{
	struct str code = json_str(members, "SmtpReplyCode"),
		   status = json_str(members, "StatusCode"),
		   text = json_str(members, "DiagnosticMessage");
	struct reply reply;
	char *said = xasprintf("%.*s %.*s %.*s", STR_ARG(code), STR_ARG(status), STR_ARG(text));
	bool valid = reply_parse(str_of(said), &reply) == 0 && reply.code >= 400;
	if (!valid)
		json_problem(p->ps, p->doc, p->at, false, PROBLEM_ERROR,
			"expected members that make an SMTP reply such as 550 5.1.1 no such "
			"user, found \"%s\"",
			said);
	else if (reply.enhanced.n && *reply.enhanced.p != *said)
		member_problem(p, "StatusCode", PROBLEM_WARNING,
			"told as %c%.*s: its class is that of SmtpReplyCode", *said,
			STR_ARG(str_skip(reply.enhanced, 1)));
	if (valid) {
		said[3] = '\0';
		a->reply = make_reply(said, &reply);
		a->final_reply = make_reply(*said == '4' ? "554" : said, &reply);
	}
	free(said);
}

static int64_t
retry_time(const json_t *members)
{
	const json_t *minutes = json_object_get(members, "RetryTimeMinutes");
	return minutes ? (int64_t)json_integer_value(minutes) * 60 * 1000 : -1;
}

int
action_compile(struct action *a, const struct action_context *context,
	const struct json_doc *doc, const json_t *json, const struct json_at *at,
	struct problems *ps)
{
	const char *name = json_object_iter_key(json_object_iter((json_t *)json));
	const json_t *members = json_object_get(json, name);
	struct json_at inner = {at, name, 0};
	struct place p = {context, doc, &inner, ps};
	size_t errors = ps->errors;
	*a = (struct action){.index = at->index, .kind = action_kind_of(str_of(name))};
	if (a->kind == ACTION_KINDS) {
		json_problem(ps, doc, &inner, true, PROBLEM_ERROR, "expected a known action");
		return -1;
	}
	a->target = target_of(a->kind, members);
	a->retry_ms = retry_time(members);
	a->drop_on_failure = str_eq(json_str(members, "ActionFailurePolicy"), STR("DROP"));
	a->obeyed = a->kind == ACTION_INVOKE_LAMBDA &&
		    str_eq(json_str(members, "InvocationType"), STR("REQUEST_RESPONSE"));
	check_target(&p, a->kind, members);
	if (a->kind == ACTION_ADD_HEADER)
		compile_header(a, &p, members);
	else if (a->kind == ACTION_REPLACE_RECIPIENT)
		compile_replacements(a, &p, members);
	else if (a->kind == ACTION_BOUNCE)
		compile_reply(a, &p, members);
	command_build(a, context, members);
	return ps->errors == errors ? 0 : -1;
}

static void
free_list(char **list)
{
	for (char **p = list; p && *p; p++)
		free(*p);
	free(list);
}

void
action_release(struct action *a)
{
	free(a->target);
	free_list(a->argv);
	free(a->command);
	free(a->header);
	free(a->reply);
	free(a->final_reply);
	free_list(a->replacements);
	*a = (struct action){0};
}
