#include "record.h"
#include "tap.h"

static void
is_head(const struct record *r, const char *expected, const char *name)
{
	is_strn(buf_str(&r->head).p, r->head.n, expected, name);
}

static void
fields(void)
{
	struct record *r = record_new();
	record_add(r, "id", STR("a"));
	record_add(r, "rcpt-to", STR("<b@x>"));
	record_add(r, "x", STR(""));
	record_addf(r, "rcpt-to", "<%s>", "c@x");
	is_head(r, "id: a\nrcpt-to: <b@x>\nx: \nrcpt-to: <c@x>\n", "added in order");
	struct str v = record_last(r, "rcpt-to");
	is_strn(v.p, v.n, "<c@x>", "the last");
	is_int((long long)record_count(r, "rcpt-to"), 2, "counted");
	ok(record_get(r, "x").p && record_get(r, "x").n == 0, "an empty value is there");
	ok(!record_get(r, "rcpt").p && !record_has(r, "rcpt-to-"), "names are whole");
	struct record *copy = record_clone(r);
	is_int((long long)record_remove(r, "rcpt-to"), 2, "removed");
	is_head(r, "id: a\nx: \n", "the others stay");
	record_set(r, "x", record_get(r, "id"));
	is_head(r, "id: a\nx: a\n", "set from a view into itself");
	record_remove_at(r, 0);
	is_head(r, "x: a\n", "the first removed");
	v = record_value_at(r, 0);
	is_strn(v.p, v.n, "a", "and the rest found again");
	is_head(copy, "id: a\nrcpt-to: <b@x>\nx: \nrcpt-to: <c@x>\n", "a clone is apart");
	record_free(copy);
	record_free(r);
}

static void
views_into_itself(void)
{
	struct record *r = record_new();
	record_add(r, "status", STR("ok"));
	record_add(r, "reply", STR("250 2.0.0 first"));
	record_add(r, "id", STR("a1"));
	record_outcome(
		r, STATUS_TEMPFAIL, "%.*s, then failed", STR_ARG(record_get(r, "reply")));
	ok(str_eq(record_get(r, "reply"), STR("250 2.0.0 first, then failed")),
		"an outcome may quote the one before");
	record_set(r, "status", record_get(r, "id"));
	ok(str_eq(record_get(r, "status"), STR("a1")), "set may quote another field");
	record_setf(r, "id", "%.*s%.*s", STR_ARG(record_get(r, "id")),
		STR_ARG(record_get(r, "id")));
	ok(str_eq(record_get(r, "id"), STR("a1a1")), "and itself");
	record_free(r);
}

static void
hostile(void)
{
	struct record *r = record_new();
	record_add(r, "a", STR("x\r\nstatus: ok\t\xc2\x85\xff\xc3\xb6\x7f"));
	is_head(r, "a: x??status: ok????\xc3\xb6?\n", "no control characters, only UTF-8");
	record_free(r);
	r = record_new();
	struct buf b = {0};
	for (int i = 0; i < RECORD_MAX_LINE; i++)
		buf_addstr(&b, "\xc3\xb6");
	record_add(r, "abc", buf_str(&b));
	is_int((long long)r->head.n, RECORD_MAX_LINE + 1, "cut to the longest line");
	ok(r->head.p[r->head.n - 2] == '?', "without half a character");
	buf_release(&b);
	record_free(r);
}

static void
outcome(void)
{
	struct record *r = record_new();
	is_int(record_status(r), STATUS_NONE, "no status");
	record_outcome(r, STATUS_TEMPFAIL, "451 4.3.0 %s", "x");
	record_outcome(r, STATUS_PERMFAIL, "550 5.7.1 no");
	is_head(r, "status: permfail\nreply: 550 5.7.1 no\n", "the last word stands");
	ok(record_failed(r), "failed");
	record_outcome(r, STATUS_OK, "250 2.0.0 yes");
	ok(!record_failed(r), "not failed");
	record_set(r, "status", STR("OK"));
	is_int(record_status(r), STATUS_NONE, "an unknown word is no status");
	record_free(r);
}

int
main(void)
{
	fields();
	views_into_itself();
	hostile();
	outcome();
	return done();
}
