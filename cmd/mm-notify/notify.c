#include <stdlib.h>
#include <sysexits.h>

#include "document.h"
#include "log.h"
#include "mem.h"
#include "notify.h"

#define TRIES 3

struct telling {
	struct notifier *notifier;
	struct record *rec;
	struct buf body;
};

static void
finish(struct telling *t)
{
	struct notifier *n = t->notifier;
	struct record *r = t->rec;
	struct logline l;
	bool good = record_status(r) == STATUS_OK;
	log_begin(&l, good ? LOG_INFO : LOG_ERROR, good ? "notified" : "not notified");
	log_str(&l, "id", record_get(r, "id"));
	log_cstr(&l, "target", n->target->name);
	if (!good)
		log_str(&l, "reply", record_get(r, "reply"));
	log_end(&l);
	buf_release(&t->body);
	free(t);
	n->finished(n->arg, r);
}

/* {"disposition": "STOP_RULE" | "STOP_RULE_SET" | "CONTINUE"}; anything else a
 * function may answer is CONTINUE. */
static void
take_disposition(struct record *r, struct str answer)
{
	json_t *j = json_loadb(answer.p ? answer.p : "", answer.n, 0, NULL);
	struct str word = json_str(j, "disposition");
	bool stop = word.p &&
		    (str_eq(word, STR("STOP_RULE")) || str_eq(word, STR("STOP_RULE_SET")));
	record_set(r, "disposition", stop ? word : STR("CONTINUE"));
	json_decref(j);
}

static void
succeeded(struct telling *t, struct str answer)
{
	const struct notifier *n = t->notifier;
	char *refused = n->target->kind == TARGET_QBUSINESS ? document_refused(answer) : NULL;
	if (refused) {
		record_outcome(t->rec, STATUS_PERMFAIL,
			"554 5.6.0 the index has refused the document: %s", refused);
		free(refused);
		finish(t);
		return;
	}
	record_add(t->rec, "notified", str_of(n->target->name));
	if (n->target->kind == TARGET_LAMBDA && n->request_response)
		take_disposition(t->rec, answer);
	record_outcome(t->rec, STATUS_OK, "250 2.0.0 notified %s", n->target->name);
	finish(t);
}

/* A target that refuses is set up wrongly: the mail waits until it is not. */
static void
on_http(void *arg, const struct http_response *res)
{
	struct telling *t = arg;
	struct str function_error = http_header(res, "X-Amz-Function-Error");
	if (res->status / 100 == 2 && !function_error.p) {
		succeeded(t, res->body);
		return;
	}
	if (function_error.p)
		record_outcome(t->rec, STATUS_TEMPFAIL, "451 4.3.0 the function failed: %.*s",
			STR_ARG(function_error));
	else if (res->status == 0)
		record_outcome(
			t->rec, STATUS_TEMPFAIL, "451 4.4.1 notification: %s", res->error);
	else
		record_outcome(t->rec, STATUS_TEMPFAIL, "451 %s notification: HTTP %ld",
			res->status == 429 || res->status >= 500 ? "4.3.2" : "4.3.5",
			res->status);
	finish(t);
}

static void
on_command(void *arg, const struct command_result *res)
{
	struct telling *t = arg;
	if (res->exit_status == EX_OK) {
		succeeded(t, res->output);
		return;
	}
	if (res->error)
		record_outcome(
			t->rec, STATUS_TEMPFAIL, "451 4.3.0 notification: %s", res->error);
	else if (res->exit_status == EX_DATAERR || res->exit_status == EX_UNAVAILABLE ||
		 res->exit_status == EX_NOPERM)
		record_outcome(t->rec, STATUS_PERMFAIL,
			"554 5.3.0 the program refused the message: exit %d", res->exit_status);
	else
		record_outcome(t->rec, STATUS_TEMPFAIL, "451 4.3.0 the program failed: exit %d",
			res->exit_status);
	finish(t);
}

static void
post(struct telling *t)
{
	const struct notifier *n = t->notifier;
	const char *headers[4];
	size_t k = 0;
	char *topic = NULL;
	if (n->target->kind == TARGET_SNS) {
		headers[k++] = "Content-Type: text/plain; charset=UTF-8";
		headers[k++] = "x-amz-sns-message-type: Notification";
		headers[k++] = topic = xasprintf("x-amz-sns-topic-arn: %s", n->target->arn);
	} else {
		headers[k++] = "Content-Type: application/json";
	}
	if (n->target->kind == TARGET_LAMBDA)
		headers[k++] = n->request_response ? "X-Amz-Invocation-Type: RequestResponse"
						   : "X-Amz-Invocation-Type: Event";
	headers[k] = NULL;
	struct http_request rq = {.method = "POST",
		.url = n->target->endpoint,
		.headers = headers,
		.body = buf_str(&t->body),
		.timeout_ms = n->timeout_ms,
		.tries = TRIES};
	http_send(n->http, &rq, on_http, t);
	free(topic);
}

void
notify_start(struct notifier *n, struct record *r)
{
	struct telling *t = xcalloc(1, sizeof(*t));
	t->notifier = n;
	t->rec = r;
	if (payload_build(n->target, &n->payload, r, &t->body) < 0) {
		record_outcome(r, STATUS_PERMFAIL,
			"552 5.3.4 the message is too large to be sent as a notification");
		finish(t);
	} else if (n->commands) {
		command_run(n->commands, &t->body, on_command, t);
	} else {
		post(t);
	}
}
