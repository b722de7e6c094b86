#include "outcome.h"

#include <stdlib.h>

#include "log.h"
#include "tap.h"

static struct record *
record_of(const char *lines)
{
	struct record *r = record_new();
	for (struct str rest = str_of(lines); rest.p && rest.n;) {
		struct str value = str_cut(&rest, '\n'), name = str_cut(&value, ':');
		char *key = str_dup(name);
		record_add(r, key, str_trim(value));
		free(key);
	}
	return r;
}

static void
message(const char *lines, enum status expected, const char *reply)
{
	struct record *r = record_of(lines);
	char *got;
	enum status s = outcome_of_message(r, "ID", &got);
	if (!ok(s == expected && strcmp(got, reply) == 0, "message: %s", reply))
		printf("# %s: %s, %s\n", lines, status_word(s), got);
	free(got);
	record_free(r);
}

static void
recipient(const char *path, enum status expected, const char *reply)
{
	struct record *r = record_of("status: ok\nreply: 250 2.0.0 fine\n"
				     "result: <a@b> tempfail 451 4.2.1 full\n"
				     "result: <c@d> NOTIFY=NEVER ok\n"
				     "result: <\"e f>\"@g> permfail 550 5.1.1 no\n"
				     "result: <h@i> ok 550 5.1.1 odd\n"
				     "result: <h@i> ok 250 2.1.5 then\n"
				     "result: nonsense\n");
	char *got;
	enum status s = outcome_of_recipient(r, str_of(path), &got);
	if (!ok(s == expected && (reply ? got && strcmp(got, reply) == 0 : !got),
		    "recipient: %s", path))
		printf("# %s, %s\n", status_word(s), got ? got : "none");
	free(got);
	record_free(r);
}

static void
probe(const char *lines, enum status expected, const char *reply)
{
	struct record *r = record_of(lines);
	char *got;
	enum status s = outcome_of_probe(r, &got);
	if (!ok(s == expected && strcmp(got, reply) == 0, "probe: %s", reply))
		printf("# %s: %s, %s\n", lines, status_word(s), got);
	free(got);
	record_free(r);
}

int
main(void)
{
	log_init("test");
	message("status: ok\nreply: 250 2.0.0 queued", STATUS_OK, "250 2.0.0 queued");
	message("status: ok", STATUS_OK, "250 2.0.0 accepted as ID");
	message("status: permfail\nreply: 552 5.3.4 big", STATUS_PERMFAIL, "552 5.3.4 big");
	message("status: permfail\nreply: 250 ok", STATUS_PERMFAIL,
		"554 5.0.0 the message was refused");
	message("status: tempfail\nreply: what", STATUS_TEMPFAIL, "451 4.3.0 try again later");
	message("", STATUS_TEMPFAIL, "451 4.3.0 try again later");
	message("reply: 250 2.0.0 fine", STATUS_TEMPFAIL, "451 4.3.0 try again later");
	message("status: done\nreply: 250 2.0.0 fine", STATUS_TEMPFAIL,
		"451 4.3.0 try again later");
	message("status: ok\nreply: 250 2.0.0 a\nresult: <\"a> b\"@c> permfail 550 5.1.1 gone",
		STATUS_PERMFAIL, "550 5.1.1 gone");
	message("status: ok\nresult: <a@c> permfail 550 5.1.1 gone\nresult: <b@c> tempfail 451 "
		"4.2.1 "
		"busy\nresult: <d@c> ok 250 2.0.0 x",
		STATUS_TEMPFAIL, "451 4.2.1 busy");
	message("result: <a@c> ok 250 2.0.0 relayed", STATUS_OK, "250 2.0.0 relayed");
	message("result: <a@c", STATUS_TEMPFAIL, "451 4.3.0 try again later");
	message("status: ok\nreply: 250-2.0.0 \xc3\xa4", STATUS_OK, "250 2.0.0 ??");

	probe("status: ok\nreply: 250 2.1.5 whatever", STATUS_OK, "250 2.1.5 recipient ok");
	probe("policy: allow policy=p default", STATUS_OK, "250 2.1.5 recipient ok");
	probe("policy: deny policy=p", STATUS_PERMFAIL, "550 5.7.1 not allowed by policy");
	probe("policy: allowance", STATUS_TEMPFAIL,
		"451 4.3.0 the policy gives no answer, try again later");
	probe("status: permfail\nreply: 550 5.7.1 no", STATUS_PERMFAIL, "550 5.7.1 no");
	probe("status: tempfail\npolicy: allow", STATUS_TEMPFAIL,
		"451 4.3.0 the policy gives no answer, try again later");
	recipient("<a@b>", STATUS_TEMPFAIL, "451 4.2.1 full");
	recipient("<a@b> NOTIFY=NEVER", STATUS_TEMPFAIL, "451 4.2.1 full");
	recipient("<A@b>", STATUS_NONE, NULL);
	recipient("<c@d>", STATUS_NONE, NULL);
	recipient("<\"e f>\"@g>", STATUS_PERMFAIL, "550 5.1.1 no");
	recipient("<h@i>", STATUS_OK, "250 2.1.5 then");
	recipient("nonsense", STATUS_NONE, NULL);
	return done();
}
