#include "dsn_param.h"

#include "tap.h"

static const char long_text[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
				"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

static void
is_param(bool rcpt, bool utf8, const char *word, bool fine)
{
	struct str value = str_of(word), key = str_cut(&value, '=');
	const char *wrong = "not asked";
	bool known = rcpt ? dsn_rcpt_param(key, value, utf8, &wrong)
			  : dsn_mail_param(key, value, &wrong);
	ok(known && !wrong == fine && (fine || strncmp(wrong, "501 5.5.4 ", 10) == 0),
		"%s %s: %s", rcpt ? "RCPT" : "MAIL", word, fine ? "fine" : "refused");
}

static const struct {
	const char *word;
	bool fine;
} of_mail[] = {
	{"RET=FULL", true},
	{"ret=hdrs", true},
	{"RET", false},
	{"RET=", false},
	{"RET=BODY", false},
	{"ENVID=QQ314159", true},
	{"envid=a+2Bb+3Dc+20d", true},
	{"ENVID", false},
	{"ENVID=", false},
	{"ENVID=a=b", false},
	{"ENVID=a+", false},
	{"ENVID=a+2", false},
	{"ENVID=a+2b", false},
	{"ENVID=a+2G", false},
	{"ENVID=a+0D+0A", false},
	{"ENVID=a+00", false},
	{"ENVID=a+7F", false},
	{"ENVID=a+C3+A4", false},
	{"ENVID=\xc3\xa4", false},
};

static const struct {
	const char *word;
	bool plain, utf8;
} of_rcpt[] = {
	{"NOTIFY=NEVER", true, true},
	{"notify=success,Failure,DELAY", true, true},
	{"NOTIFY=FAILURE", true, true},
	{"NOTIFY", false, false},
	{"NOTIFY=", false, false},
	{"NOTIFY=,", false, false},
	{"NOTIFY=SUCCESS,", false, false},
	{"NOTIFY=NEVER,FAILURE", false, false},
	{"NOTIFY=FAILURE,NEVER", false, false},
	{"NOTIFY=ALWAYS", false, false},
	{"ORCPT=rfc822;bob@example.org", true, true},
	{"ORCPT=rfc822;bob+2Bx@example.org", true, true},
	{"ORCPT=x400;/C=DE", false, false},
	{"ORCPT=x400;/C+3DDE;x", true, true},
	{"ORCPT=utf-8;b\\x{F6}b@example.org", true, true},
	{"ORCPT=utf-8;b\xc3\xb6"
	 "b@example.org",
		false, true},
	{"ORCPT=UTF-8;\xc3\xb6+", false, false},
	{"ORCPT=utf-8;\xc3", false, false},
	{"ORCPT=utf-8;\xc2\x85", false, false},
	{"ORCPT=utf-8;\xc2\x85x", false, false},
	{"ORCPT=utf-8;", false, false},
	{"ORCPT=rfc822;\xc3\xb6@example.org", false, false},
	{"ORCPT", false, false},
	{"ORCPT=", false, false},
	{"ORCPT=rfc822", false, false},
	{"ORCPT=rfc822;", false, false},
	{"ORCPT=;bob@example.org", false, false},
	{"ORCPT=rfc@822;bob@example.org", false, false},
	{"ORCPT=rfc822;bob+0A", false, false},
};

static void
limits(void)
{
	char text[1024];
	snprintf(text, sizeof(text), "ENVID=%s", long_text);
	is_param(false, false, text, true);
	snprintf(text, sizeof(text), "ENVID=%.99s+2B", long_text);
	is_param(false, false, text, true);
	snprintf(text, sizeof(text), "ENVID=%s+2B", long_text);
	is_param(false, false, text, false);
	for (int more = 0; more <= 1; more++) {
		snprintf(text, sizeof(text), "ORCPT=rfc822;%s%s%s%s%.*s", long_text, long_text,
			long_text, long_text, 93 + more, long_text);
		is_param(true, false, text, !more);
	}
}

int
main(void)
{
	const char *wrong;
	for (size_t i = 0; i < sizeof(of_mail) / sizeof(*of_mail); i++)
		is_param(false, false, of_mail[i].word, of_mail[i].fine);
	for (size_t i = 0; i < sizeof(of_rcpt) / sizeof(*of_rcpt); i++) {
		is_param(true, false, of_rcpt[i].word, of_rcpt[i].plain);
		is_param(true, true, of_rcpt[i].word, of_rcpt[i].utf8);
	}
	limits();
	ok(!dsn_mail_param(STR("NOTIFY"), STR("NEVER"), &wrong), "NOTIFY is none of MAIL");
	ok(!dsn_rcpt_param(STR("RET"), STR("FULL"), false, &wrong), "RET is none of RCPT");
	return done();
}
