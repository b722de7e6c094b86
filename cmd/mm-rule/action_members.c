#include <gmime/gmime.h>
#include <stdarg.h>
#include <stdlib.h>

#include "action_members.h"
#include "address.h"
#include "mem.h"
#include "message.h"
#include "reply.h"

#define QUEUES "/var/spool/mm"

void
action_problem(const struct action_place *p, const char *member, enum severity severity,
	const char *fmt, ...)
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

static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

/* A whole header field; NULL with a problem added. */
static char *
make_field(const struct action_place *p, const json_t *members)
{
	struct str name = json_str(members, "HeaderName"),
		   value = json_str(members, "HeaderValue");
	if (!header_name_valid(name)) {
		action_problem(p, "HeaderName", PROBLEM_ERROR,
			"expected printable ASCII without spaces and colons");
		return NULL;
	}
	if (has_control(value)) {
		action_problem(p, "HeaderValue", PROBLEM_ERROR,
			"expected text without control characters");
		return NULL;
	}
	char *plain = str_dup(value);
	char *encoded = g_mime_utils_header_encode_text(NULL, plain, "utf-8"); /* RFC 2047 */
	char *field = xasprintf("%.*s: %s\r\n", STR_ARG(name), encoded ? encoded : plain);
	g_free(encoded);
	free(plain);
	return field;
}

static void
compile_addresses(struct action *a, const struct action_place *p, const json_t *members,
	const char *member)
{
	const json_t *list = json_object_get(members, member), *address;
	struct path path;
	size_t i;
	a->replacements = xcalloc(json_array_size(list) + 1, sizeof(*a->replacements));
	json_array_foreach (list, i, address) {
		struct str text = json_text(address);
		if (address_parse(text, &path) < 0)
			action_problem(p, member,
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
compile_reply(struct action *a, const struct action_place *p, const json_t *members)
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
		action_problem(p, "StatusCode", PROBLEM_WARNING,
			"told as %c%.*s: its class is that of SmtpReplyCode", *said,
			STR_ARG(str_skip(reply.enhanced, 1)));
	if (valid) {
		said[3] = '\0';
		a->reply = make_reply(said, &reply);
		a->final_reply = make_reply(*said == '4' ? "554" : said, &reply);
	}
	free(said);
}

static void
compile_pattern(struct edit *e, const struct action_place *p, const json_t *members)
{
	struct str pattern = json_str(members, "Pattern");
	struct buf why = {0};
	if (!pattern.p)
		return;
	e->pattern = regex_new(pattern, true, &why);
	if (!e->pattern)
		action_problem(p, "Pattern", PROBLEM_ERROR, "expected a regular expression: %s",
			buf_cstr(&why));
	buf_release(&why);
}

static void
compile_edit(struct action *a, const struct action_place *p, const json_t *members)
{
	struct str name = json_str(members, "HeaderName");
	struct edit *e = a->edit = xcalloc(1, sizeof(*e));
	if (a->kind == ACTION_SUBJECT_TAG) {
		e->kind = EDIT_TAG;
		e->name = xstrdup("Subject");
		e->tag = str_dup(json_str(members, "Prefix"));
		if (has_control(str_of(e->tag)))
			action_problem(p, "Prefix", PROBLEM_ERROR,
				"expected text without control characters");
		return;
	}
	e->kind = a->kind == ACTION_REMOVE_HEADER ? EDIT_REMOVE : EDIT_REPLACE;
	e->name = str_dup(name);
	compile_pattern(e, p, members);
	if (e->kind == EDIT_REPLACE)
		e->field = make_field(p, members);
}

char *
action_queue(struct str queue)
{
	return queue.n && queue.p[0] == '/' ? str_dup(queue)
					    : xasprintf("%s/%.*s", QUEUES, STR_ARG(queue));
}

void
action_members(struct action *a, const struct action_place *p, const json_t *members)
{
	switch (a->kind) {
	case ACTION_ADD_HEADER:
		a->header = make_field(p, members);
		break;
	case ACTION_REPLACE_RECIPIENT:
		compile_addresses(a, p, members, "ReplaceWith");
		break;
	case ACTION_COPY:
		compile_addresses(a, p, members, "Recipients");
		break;
	case ACTION_BOUNCE:
		compile_reply(a, p, members);
		break;
	case ACTION_REMOVE_HEADER:
	case ACTION_REPLACE_HEADER:
	case ACTION_SUBJECT_TAG:
		compile_edit(a, p, members);
		break;
	default:
		break;
	}
}
