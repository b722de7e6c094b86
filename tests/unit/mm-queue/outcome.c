#include "../../../cmd/mm-queue/outcome.h"
#include "tap.h"

static struct record *
stored(void)
{
	struct record *r = record_new();
	record_add(r, "id", STR("a1"));
	record_add(r, "mail-from", STR("<s@x>"));
	record_add(r, "rcpt-to", STR("<b@X.example> NOTIFY=NEVER"));
	record_add(r, "rcpt-to", STR("<c@x.example>"));
	record_add(r, "spf", STR("none"));
	return r;
}

static void
judged(const char *name, const struct record *answer, const char *expected)
{
	struct record *s = stored();
	struct outcome o;
	struct buf text = {0};
	outcome_judge(&o, s, answer);
	for (size_t i = 0; i < o.n; i++)
		buf_addf(&text, "%s %.*s;", status_word(o.recipients[i].status),
			STR_ARG(o.recipients[i].reply));
	is_str(buf_cstr(&text), expected, name);
	buf_release(&text);
	outcome_release(&o);
	record_free(s);
}

static void
judging(void)
{
	struct record *a = stored();
	judged("no status is a temporary failure", a,
		"tempfail 451 4.3.0 the worker did not say what it did;"
		"tempfail 451 4.3.0 the worker did not say what it did;");
	record_add(a, "result", STR("<b@x.example> ok 250 2.0.0 b"));
	judged("nor where one recipient has a result", a,
		"ok 250 2.0.0 b;tempfail 451 4.3.0 the worker did not say what it did;");
	record_outcome(a, STATUS_PERMFAIL, "550 5.0.0 all");
	judged("without a result the status counts", a,
		"ok 250 2.0.0 b;permfail 550 5.0.0 all;");
	record_add(a, "result", STR("<b@x.example> tempfail 451 4.0.0 later"));
	judged("the last result counts", a, "tempfail 451 4.0.0 later;permfail 550 5.0.0 all;");
	record_add(a, "result", STR("<B@x.example> ok 250 2.0.0 other"));
	record_add(a, "result", STR("b@x.example ok"));
	judged("others' and malformed results do not", a,
		"tempfail 451 4.0.0 later;permfail 550 5.0.0 all;");
	record_outcome(a, STATUS_OK, "250 2.0.0 ok");
	record_add(a, "result", STR("<b@x.example> deferred 451 4.0.0 later"));
	judged("a word that is no status does not finish a recipient", a,
		"tempfail 451 4.3.0 the worker's result cannot be read;ok 250 2.0.0 ok;");
	outcome_forget_tempfails(a);
	judged("nor is it kept", a, "ok 250 2.0.0 b;ok 250 2.0.0 ok;");
	record_free(a);
}

static void
all_done(void)
{
	struct record *a = stored();
	ok(!outcome_all_done(a), "no status is not done");
	record_outcome(a, STATUS_OK, "250 2.0.0 ok");
	ok(outcome_all_done(a), "ok is done");
	record_add(a, "result", STR("<b@x.example> ok 250 2.0.0 ok"));
	ok(outcome_all_done(a), "also with results");
	record_add(a, "result", STR("<b@x.example> garbage"));
	ok(!outcome_all_done(a), "not with one that cannot be read");
	record_free(a);
}

static void
progress(void)
{
	struct record *s = stored(), *a = stored();
	struct outcome o;
	record_set(a, "id", STR("forged"));
	record_set(a, "mail-from", STR("<other@x>"));
	record_add(a, "rcpt-to", STR("<d@x.example>"));
	record_set(a, "spf", STR("pass"));
	record_add(a, "done", STR("rule 1"));
	record_add(a, "result", STR("<b@x.example> ok 250 2.0.0 b"));
	record_add(a, "result", STR("<c@x.example> tempfail 451 4.0.0 c"));
	record_outcome(a, STATUS_TEMPFAIL, "451 4.0.0 c");
	outcome_judge(&o, s, a);
	struct record *p = outcome_progress(a, s, &o);
	record_remove(p, "status");
	record_remove(p, "reply");
	outcome_forget_tempfails(p);
	is_strn(p->head.p, p->head.n,
		"rcpt-to: <c@x.example>\n"
		"id: a1\n"
		"mail-from: <s@x>\n"
		"spf: pass\n"
		"done: rule 1\n"
		"result: <b@x.example> ok 250 2.0.0 b\n",
		"the worker's fields, the queue's envelope");
	record_free(p);
	struct record *bare = record_new();
	p = outcome_progress(bare, s, &o);
	is_strn(p->head.p, p->head.n, "id: a1\nmail-from: <s@x>\nrcpt-to: <c@x.example>\n",
		"an answer without an envelope loses none");
	record_free(p);
	record_free(bare);
	outcome_release(&o);
	record_free(a);
	record_free(s);
}

int
main(void)
{
	judging();
	all_done();
	progress();
	return done();
}
