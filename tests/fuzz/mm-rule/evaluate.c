/* Any envelope with any progress on it goes through a rule set, its actions
 * succeeding and failing at random, and again as long as it must be retried: what
 * is finished is never repeated, and in the end every recipient has a result.
 *
 * Input: a byte of chance for each action, up to a 0; then fields, a line each. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "evaluate.h"
#include "mem.h"
#include "outcome.h"
#include "utf8.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RCPT(operator, value) \
	"{\"StringExpression\": {\"Evaluate\": {\"Attribute\": \"RECIPIENT\"}, " \
	"\"Operator\": \"" \
	operator"\", \"Values\": [\"" value "\"]}}"

/* clang-format off */
static const char rules[] =
	"{\"RuleSetName\": \"f\", \"Rules\": ["
	"{\"Actions\": [{\"Archive\": {\"TargetArchive\": \"k\"}}]},"
	"{\"Conditions\": [" RCPT("CONTAINS", "a") "], \"Actions\": ["
	"{\"AddHeader\": {\"HeaderName\": \"X-A\", \"HeaderValue\": \"b\"}},"
	"{\"Relay\": {\"Relay\": \"one\"}}]},"
	"{\"Unless\": [" RCPT("STARTS_WITH", "b") "], \"Actions\": ["
	"{\"ReplaceRecipient\": {\"ReplaceWith\": [\"x@y\", \"a@b\"]}},"
	"{\"Relay\": {\"Relay\": \"one\"}}]},"
	"{\"Actions\": [{\"InvokeLambda\": {\"RoleArn\": \"arn:aws:iam::123456789012:role/mail\","
	"\"FunctionArn\": \"arn:aws:lambda:eu-west-1:123456789012:function:f\","
	"\"InvocationType\": \"REQUEST_RESPONSE\"}},"
	"{\"Relay\": {\"Relay\": \"two\"}}]},"
	"{\"Conditions\": [" RCPT("EQUALS", "x@y") "], \"Actions\": ["
	"{\"ReplaceRecipient\": {\"ReplaceWith\": [\"z@y\"]}},"
	"{\"Relay\": {\"Relay\": \"two\", \"ActionFailurePolicy\": \"DROP\"}}]},"
	"{\"Conditions\": [" RCPT("CONTAINS", "d") "], \"Actions\": [{\"Drop\": {}}]},"
	"{\"Actions\": [{\"Relay\": {\"Relay\": \"one\"}}]}]}";
/* clang-format on */

static struct ruleset *set;
static struct {
	const uint8_t *p;
	size_t n, at;
} chance;
static struct record *came_back;

/* What was finished: "RULE/ACTION PATH ORIGIN..." */
static char *finished[4096];
static size_t nfinished;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static struct ruleset_options options = {.site = "/nonexistent", .lenient = true};
	char file[] = "/tmp/fuzz-rules.XXXXXX";
	struct problems ps = {0};
	(void)argc, (void)argv;
	int fd = mkstemp(file);
	if (fd < 0 || write(fd, rules, sizeof(rules) - 1) != (ssize_t)sizeof(rules) - 1)
		abort();
	set = ruleset_load(file, &options, &ps);
	if (!set)
		problems_print(&ps, stderr);
	problems_release(&ps);
	close(fd);
	unlink(file);
	return set ? 0 : -1;
}

static enum status
next_status(enum disposition *disposition)
{
	uint8_t c = chance.at < chance.n ? chance.p[chance.at++] : 1;
	bool ok = c % 4 < 2;
	*disposition = ok ? (enum disposition)(c / 4 % 3) : DISPOSITION_CONTINUE;
	return c % 4 == 2 ? STATUS_TEMPFAIL : c % 4 == 3 ? STATUS_PERMFAIL : STATUS_OK;
}

static void
finish_once(const struct job *j, const struct action *a, const struct recipient *r)
{
	struct buf what = {0};
	buf_addf(&what, "%zu/%zu %.*s", j->rule, a->index, STR_ARG(r->path));
	for (size_t at = 0, i; recipient_origin(j, r, &at, &i);)
		buf_addf(&what, " %.*s", STR_ARG(j->origins[i].path));
	char *text = xstrdup(buf_cstr(&what));
	buf_release(&what);
	for (size_t i = 0; i < nfinished; i++)
		if (strcmp(finished[i], text) == 0) {
			fprintf(stderr, "repeated: %s\n", text);
			abort();
		}
	if (nfinished < sizeof(finished) / sizeof(*finished))
		finished[nfinished++] = text;
	else
		free(text);
}

static bool
external(struct job *j, const struct action *a)
{
	for (size_t i = 0; i < j->nrecipients; i++) {
		struct recipient *r = &j->recipients[i];
		if (!r->acting)
			continue;
		enum disposition disposition;
		r->step_status = next_status(&disposition);
		if (a->obeyed)
			r->step_disposition = disposition;
		free(r->step_reply);
		r->step_reply =
			xstrdup(r->step_status == STATUS_OK         ? "250 2.0.0 ok"
				: r->step_status == STATUS_PERMFAIL ? "550 5.0.0 no"
								    : "450 4.0.0 later");
		if (r->step_status != STATUS_TEMPFAIL)
			finish_once(j, a, r);
	}
	return true;
}

static void
settled(struct job *j, const struct action *a)
{
	if (a->argv)
		progress_note(j, a);
}

static void
done(struct job *j)
{
	came_back = outcome_record(j);
	if (record_count(came_back, "result") != j->norigins ||
		record_status(came_back) == STATUS_NONE)
		abort();
	if (record_status(came_back) != STATUS_TEMPFAIL && record_has(came_back, "done"))
		abort();
	job_free(j);
}

static const struct executor executor = {
	.external = external, .settled = settled, .finished = done};

static struct record *
take_record(struct str text)
{
	struct record *r = record_new();
	while (text.n) {
		struct str line = str_cut(&text, '\n'), value = line,
			   name = str_cut(&value, ':');
		char *field = str_dup(name);
		if (value.p && (strcmp(field, "rcpt-to") == 0 || strcmp(field, "done") == 0 ||
				       strcmp(field, "result") == 0))
			record_add(r, field, str_trim(value));
		free(field);
		if (!text.p)
			break;
	}
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *zero = memchr(data, 0, size);
	size_t n = zero ? (size_t)(zero - data) : 0;
	if (size > 4096)
		return -1;
	chance.p = data;
	chance.n = n;
	chance.at = 0;
	n += zero != NULL;
	struct record *r = take_record(str_n((const char *)data + n, size - n));
	for (int round = 0; round < 20; round++) {
		job_run(job_new(r, set, &executor, NULL));
		r = came_back;
		if (record_status(r) != STATUS_TEMPFAIL)
			break;
		record_remove(r, "status");
		record_remove(r, "reply");
	}
	record_free(r);
	while (nfinished)
		free(finished[--nfinished]);
	return 0;
}
