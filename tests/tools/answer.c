/* answer: a filter for tests, whose answer depends on the first recipient's local
 * part: ok, or
 *
 * of a message: perm, temp; liar (tempfail with reply 250); silent (no status);
 *     mixed (results apart); die (exits); hang (no answer)
 * of an envelope alone: deny, later, silentp, diep; small (a size-limit of 1000)
 *
 *   answer [STORE]     every message is appended to STORE as a stream
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filter.h"
#include "log.h"

static int store = -1;

static bool
is(struct str rcpt, const char *local)
{
	return str_starts(rcpt, str_of(local)) && rcpt.n > strlen(local) &&
	       rcpt.p[strlen(local)] == '@';
}

static void
keep(const struct record *r)
{
	struct stream_writer w = {0};
	if (store < 0)
		return;
	stream_push(&w, record_clone(r));
	if (stream_flush(&w, store) != 0)
		log_die(74, "cannot store");
	stream_writer_release(&w);
}

static void
answer_envelope(struct record *r, struct str rcpt)
{
	if (is(rcpt, "<diep"))
		_exit(1);
	if (is(rcpt, "<deny"))
		record_outcome(r, STATUS_PERMFAIL, "550 5.7.1 denied by statement 0");
	else if (is(rcpt, "<later"))
		record_outcome(r, STATUS_TEMPFAIL, "450 4.7.1 later");
	else if (!is(rcpt, "<silentp"))
		record_outcome(r, STATUS_OK, "250 2.1.5 allowed");
	if (is(rcpt, "<small"))
		record_set(r, "size-limit", STR("1000"));
}

static void
answer_message(struct record *r, struct str rcpt)
{
	if (is(rcpt, "<die"))
		_exit(1);
	if (is(rcpt, "<perm"))
		record_outcome(r, STATUS_PERMFAIL, "550 5.1.1 no such user");
	else if (is(rcpt, "<temp"))
		record_outcome(r, STATUS_TEMPFAIL, "451 4.3.0 the disk is full");
	else if (is(rcpt, "<liar"))
		record_outcome(r, STATUS_TEMPFAIL, "250 2.0.0 fine");
	else if (!is(rcpt, "<silent"))
		record_outcome(r, STATUS_OK, "250 2.0.0 stored");
	if (is(rcpt, "<mixed")) {
		record_add(r, "result", STR("<mixed@x.example> ok 250 2.0.0 one"));
		record_add(r, "result", STR("<b@x.example> tempfail 451 4.2.1 two"));
		record_add(r, "result", STR("<c@x.example> permfail 550 5.1.1 three"));
	}
}

static void
take(struct filter *f, struct record *r)
{
	struct str got = record_get(r, "rcpt-to");
	char *copy = str_dup(got);
	struct str rcpt = str_of(copy);
	bool hang = is(rcpt, "<hang") && r->body->n;
	if (r->body->n) {
		keep(r);
		answer_message(r, rcpt);
	} else {
		answer_envelope(r, rcpt);
	}
	free(copy);
	if (hang)
		record_free(r);
	else
		filter_emit(f, r);
}

int
main(int argc, char **argv)
{
	static const struct filter_ops ops = {.record = take};
	static struct filter f;
	static char *none[] = {NULL};
	log_init("answer");
	if (argc > 1)
		store = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	filter_init(&f, &ops, NULL);
	return filter_run(&f, none);
}
