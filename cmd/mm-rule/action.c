#include <stdlib.h>
#include <sys/stat.h>

#include "action.h"
#include "action_members.h"
#include "command.h"
#include "mem.h"
#include "site.h"

#define MAX_TARGET 200

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
		DELIVERY_STORED, "ApplicationId", SITE_APPLICATION},
	[ACTION_PUBLISH_TO_SNS] = {"PublishToSns", "PUBLISH_TO_SNS", DELIVERY_NONE, "TopicArn",
		SITE_TOPIC},
	[ACTION_BOUNCE] = {"Bounce", "BOUNCE", DELIVERY_NONE, NULL, 0},
	[ACTION_INVOKE_LAMBDA] = {"InvokeLambda", "INVOKE_LAMBDA", DELIVERY_NONE, "FunctionArn",
		SITE_FUNCTION},
	[ACTION_STOP] = {"Stop", "STOP", DELIVERY_NONE, NULL, 0},
	[ACTION_HOLD] = {"Hold", "HOLD", DELIVERY_STORED, NULL, 0},
	[ACTION_REMOVE_HEADER] = {"RemoveHeader", "REMOVE_HEADER", DELIVERY_NONE, NULL, 0},
	[ACTION_REPLACE_HEADER] = {"ReplaceHeader", "REPLACE_HEADER", DELIVERY_NONE, NULL, 0},
	[ACTION_SUBJECT_TAG] = {"SubjectTag", "SUBJECT_TAG", DELIVERY_NONE, NULL, 0},
	[ACTION_COPY] = {"Copy", "COPY", DELIVERY_NONE, "Relay", SITE_RELAY},
	[ACTION_SIGN_DKIM] = {"SignDkim", "SIGN_DKIM", DELIVERY_NONE, NULL, 0},
	[ACTION_SEAL_ARC] = {"SealArc", "SEAL_ARC", DELIVERY_NONE, NULL, 0},
	[ACTION_EXEC] = {"Exec", "EXEC", DELIVERY_NONE, NULL, 0},
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
	return kind == ACTION_DROP || kind == ACTION_BOUNCE || kind == ACTION_STOP ||
	       kind == ACTION_HOLD;
}

bool
action_internal(enum action_kind kind)
{
	return kind == ACTION_DROP || kind == ACTION_ADD_HEADER ||
	       kind == ACTION_REPLACE_RECIPIENT || kind == ACTION_STOP ||
	       kind == ACTION_REMOVE_HEADER || kind == ACTION_REPLACE_HEADER ||
	       kind == ACTION_SUBJECT_TAG;
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

static void
add_words(struct buf *b, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		buf_addf(
			b, "%s%.*s", i ? " " : "", STR_ARG(json_text(json_array_get(list, i))));
	if (b->n > MAX_TARGET)
		b->n = MAX_TARGET;
}

static char *
target_of(enum action_kind kind, const json_t *members)
{
	static const char *const member[ACTION_KINDS] = {[ACTION_ADD_HEADER] = "HeaderName",
		[ACTION_REMOVE_HEADER] = "HeaderName",
		[ACTION_REPLACE_HEADER] = "HeaderName",
		[ACTION_SUBJECT_TAG] = "Prefix",
		[ACTION_HOLD] = "Queue",
		[ACTION_SIGN_DKIM] = "Domain"};
	struct buf b = {0};
	struct str reference = STR_NONE;
	if (traits[kind].target_member)
		reference = json_str(members, traits[kind].target_member);
	if (kind == ACTION_WRITE_TO_S3) {
		struct str bucket = json_str(members, "S3Bucket"),
			   prefix = json_str(members, "S3Prefix");
		buf_addf(&b, "s3://%.*s/%.*s", STR_ARG(bucket), STR_ARG(prefix));
	} else if (kind == ACTION_DELIVER_TO_QBUSINESS) {
		buf_addf(&b, "%.*s/%.*s", STR_ARG(reference),
			STR_ARG(json_str(members, "IndexId")));
	} else if (kind == ACTION_SEND || (kind == ACTION_COPY && !reference.p)) {
		buf_addstr(&b, "mx");
	} else if (kind == ACTION_EXEC) {
		add_words(&b, json_object_get(members, "Command"));
	} else if (reference.p) {
		buf_adds(&b, site_reference_name(reference));
	} else if (member[kind]) {
		buf_adds(&b, json_str(members, member[kind]));
	}
	char *word = one_word(buf_str(&b));
	buf_release(&b);
	return word;
}

static void
check_queue(const struct action_place *p, const json_t *members)
{
	char *dir = action_queue(json_str(members, "Queue"));
	struct stat st;
	if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
		action_problem(p, "Queue",
			p->context->lenient ? PROBLEM_WARNING : PROBLEM_ERROR,
			"there is no directory %s; expected a queue of mm-queue(1)", dir);
	free(dir);
}

static void
check_target(const struct action_place *p, enum action_kind kind, const json_t *members)
{
	const struct traits *t = &traits[kind];
	if (p->context->overrides[kind])
		return;
	if (kind == ACTION_HOLD)
		check_queue(p, members);
	struct str reference =
		t->target_member ? json_str(members, t->target_member) : STR_NONE;
	if (!reference.p)
		return;
	char *path = site_find(p->context->site, t->target_kind, reference);
	if (!path)
		action_problem(p, t->target_member,
			p->context->lenient ? PROBLEM_WARNING : PROBLEM_ERROR,
			"there is no %s \"%.*s\" in the site; expected one that it has",
			site_kind_name(t->target_kind),
			STR_ARG(site_reference_name(reference)));
	free(path);
	if (str_starts(site_reference_name(reference), STR("-")))
		action_problem(p, t->target_member, PROBLEM_ERROR,
			"expected a name that does not begin with '-'");
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
	struct action_place p = {context, doc, &inner, ps};
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
	a->changes = a->kind == ACTION_SIGN_DKIM || a->kind == ACTION_SEAL_ARC ||
		     (a->kind == ACTION_EXEC &&
			     str_eq(json_str(members, "Message"), STR("REPLACE")));
	action_members(a, &p, members);
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
	edit_free(a->edit);
	*a = (struct action){0};
}
