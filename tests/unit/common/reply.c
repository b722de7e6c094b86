#include "record.h"
#include "reply.h"
#include "tap.h"

static void
reads(const char *line, int code, const char *enhanced, const char *text, enum status status)
{
	struct reply r;
	if (!ok(reply_parse(str_of(line), &r) == 0, "a reply: %s", line))
		return;
	is_int(r.code, code, "code");
	is_strn(r.enhanced.p, r.enhanced.n, enhanced, "enhanced code");
	is_strn(r.text.p, r.text.n, text, "text");
	is_int(reply_status(&r), status, "status");
}

int
main(void)
{
	reads("250 2.0.0 archived", 250, "2.0.0", "archived", STATUS_OK);
	reads("250-8BITMIME", 250, "", "8BITMIME", STATUS_OK);
	reads("451 4.3.0 the disk is full", 451, "4.3.0", "the disk is full", STATUS_TEMPFAIL);
	reads("550", 550, "", "", STATUS_PERMFAIL);
	reads("550 5.7.1", 550, "5.7.1", "", STATUS_PERMFAIL);
	reads("550 5.7.509 x", 550, "5.7.509", "x", STATUS_PERMFAIL);
	reads("550 5.7 x", 550, "", "5.7 x", STATUS_PERMFAIL);
	reads("550 3.7.1 x", 550, "", "3.7.1 x", STATUS_PERMFAIL);
	reads("550 5.7.1.1 x", 550, "", "5.7.1.1 x", STATUS_PERMFAIL);
	reads("550 5..1 x", 550, "", "5..1 x", STATUS_PERMFAIL);
	reads("354 go on", 354, "", "go on", STATUS_NONE);
	struct reply r;
	static const char *const wrong[] = {
		"", "2", "25", "2500", "250x", "199 x", "600 x", "abc", " 250", NULL};
	for (const char *const *w = wrong; *w; w++)
		ok(reply_parse(str_of(*w), &r) == -1, "no reply: \"%s\"", *w);
	ok(reply_parse(STR_NONE, &r) == -1, "absent is no reply");
	return done();
}
