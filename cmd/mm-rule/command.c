#include <stdlib.h>
#include <unistd.h>

#include "action_members.h"
#include "command.h"
#include "mem.h"
#include "site.h"

struct words {
	char **list;
	size_t n, cap;
};

static void
add(struct words *w, char *word)
{
	w->list = xgrow(w->list, &w->cap, w->n + 2, sizeof(*w->list));
	w->list[w->n++] = word;
	w->list[w->n] = NULL;
}

static void
add_words(struct words *w, const char *const *list)
{
	while (*list)
		add(w, xstrdup(*list++));
}
#define ADD(w, ...) add_words(w, (const char *const[]){__VA_ARGS__, NULL})

/* OPTION VALUE, where the action has that member */
static void
add_option(struct words *w, const char *option, struct str value)
{
	if (!value.p)
		return;
	add(w, xstrdup(option));
	add(w, str_dup(value));
}

static void
add_relay(struct words *w, const struct action *a, const char *site, const json_t *members)
{
	ADD(w, "mm-relay", "-C", site);
	if (a->kind == ACTION_DELIVER_TO_MAILBOX)
		ADD(w, "--mailbox");
	else if (str_eq(json_str(members, "MailFrom"), STR("REPLACE")))
		ADD(w, "--mail-from", "replace");
	add(w, xstrdup(a->target));
}

/* Without a key for its domain a message goes as it is: "Send" does not ask for more. */
static void
add_send(struct words *w, const char *site)
{
	char *keys = xasprintf("%s/dkim-keys", site);
	if (access(keys, F_OK) == 0)
		ADD(w, "sh", "-c", "mm-verdict sign -C \"$0\" | mm-relay -C \"$0\" --mx", site);
	else
		ADD(w, "mm-relay", "-C", site, "--mx");
	free(keys);
}

static void
add_s3put(struct words *w, const char *site, const json_t *members)
{
	ADD(w, "mm-s3put", "-C", site);
	add_option(w, "--bucket", json_str(members, "S3Bucket"));
	add_option(w, "--prefix", json_str(members, "S3Prefix"));
	add_option(w, "--kms-key", json_str(members, "S3SseKmsKeyId"));
}

static void
add_notify(struct words *w, const struct action *a, const char *site, const json_t *members)
{
	bool sns = a->kind == ACTION_PUBLISH_TO_SNS;
	ADD(w, "mm-notify", sns ? "sns" : "lambda", "-C", site, a->target);
	add_option(w, "--encoding", json_str(members, "Encoding"));
	add_option(w, "--payload", json_str(members, "PayloadType"));
	add_option(w, "--invocation", json_str(members, "InvocationType"));
}

static void
add_hold(struct words *w, const json_t *members)
{
	struct str reason = json_str(members, "Reason");
	ADD(w, "mm-queue", "add");
	add(w, reason.p ? xasprintf("--hold=%.*s", STR_ARG(reason)) : xstrdup("--hold"));
	add(w, action_queue(json_str(members, "Queue")));
}

static void
add_copy(struct words *w, const struct action *a, const char *site, const json_t *members)
{
	ADD(w, "mm-relay", "-C", site);
	add(w, xstrdup(json_object_get(members, "Relay") ? a->target : "--mx"));
}

static void
add_verdict(struct words *w, const struct action *a, const char *site, const json_t *members)
{
	ADD(w, "mm-verdict", a->kind == ACTION_SIGN_DKIM ? "sign" : "seal", "--required", "-C",
		site);
	add_option(w, "--domain", json_str(members, "Domain"));
}

static void
add_qbusiness(struct words *w, const char *site, const json_t *members)
{
	ADD(w, "mm-notify", "qbusiness", "-C", site);
	add_option(w, "--index", json_str(members, "IndexId"));
	add(w, str_dup(site_reference_name(json_str(members, "ApplicationId"))));
}

/* env VAR=VALUE...: a coprocess that is started again gets the same environment. */
static void
add_environment(struct words *w, const struct action *a, const struct action_context *c,
	const json_t *members)
{
	char *json = json_dumps(members, JSON_COMPACT | JSON_SORT_KEYS);
	add(w, xstrdup("env"));
	add(w, xasprintf("MM_ACTION=%s", action_name(a->kind)));
	add(w, xasprintf("MM_TARGET=%s", a->target));
	add(w, xasprintf("MM_RULE_SET=%s", c->rule_set));
	add(w, xasprintf("MM_RULE=%s", c->rule));
	add(w, xasprintf("MM_PARAMETERS=%s", json ? json : "{}"));
	add(w, xasprintf("MM_SITE=%s", c->site));
	free(json);
}

static void
add_exec(struct words *w, const struct action *a, const struct action_context *c,
	const json_t *members)
{
	const json_t *list = json_object_get(members, "Command");
	add_environment(w, a, c, members);
	for (size_t i = 0; i < json_array_size(list); i++)
		add(w, str_dup(json_text(json_array_get(list, i))));
}

static void
add_program(struct words *w, const struct action *a, const char *site, const json_t *members)
{
	switch (a->kind) {
	case ACTION_SEND:
		add_send(w, site);
		break;
	case ACTION_RELAY:
	case ACTION_DELIVER_TO_MAILBOX:
		add_relay(w, a, site, members);
		break;
	case ACTION_ARCHIVE:
		ADD(w, "mm-archive", "add", "-C", site, a->target);
		break;
	case ACTION_WRITE_TO_S3:
		add_s3put(w, site, members);
		break;
	case ACTION_PUBLISH_TO_SNS:
	case ACTION_INVOKE_LAMBDA:
		add_notify(w, a, site, members);
		break;
	case ACTION_DELIVER_TO_QBUSINESS:
		add_qbusiness(w, site, members);
		break;
	case ACTION_HOLD:
		add_hold(w, members);
		break;
	case ACTION_COPY:
		add_copy(w, a, site, members);
		break;
	case ACTION_SIGN_DKIM:
	case ACTION_SEAL_ARC:
		add_verdict(w, a, site, members);
		break;
	default:
		break;
	}
}

static char *
joined(char *const *argv)
{
	struct buf b = {0};
	for (; *argv; argv++)
		buf_addf(&b, "%s%s", b.n ? " " : "", *argv);
	char *line = xstrdup(buf_cstr(&b));
	buf_release(&b);
	return line;
}

void
command_build(struct action *a, const struct action_context *context, const json_t *members)
{
	struct words w = {0};
	if (context->overrides[a->kind]) {
		add_environment(&w, a, context, members);
		ADD(&w, "sh", "-c", context->overrides[a->kind]);
	} else if (a->kind == ACTION_EXEC) {
		add_exec(&w, a, context, members);
	} else {
		add_program(&w, a, context->site, members);
	}
	a->argv = w.list;
	a->command = w.list ? joined(w.list) : NULL;
}
