/* DMARC over a zone of its own: discovery, tree walk, alignment (RFC 9989). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "answers.h"
#include "dmarc.h"
#include "tap.h"

static struct ev_loop *loop;
static struct dns *dns;

static const char zone[] =
	"_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=quarantine; np=none\"\n"
	"mail.example.com. A 192.0.2.1\n"
	"_dmarc.own.example.com. TXT \"v=DMARC1; p=none\"\n"
	"_dmarc.strict.example. TXT \"v=DMARC1; p=reject; aspf=s; adkim=s\"\n"
	"a.strict.example. A 192.0.2.1\n"
	"_dmarc.bank. TXT \"v=DMARC1; p=reject; psd=y\"\n"
	"a.mine.bank. A 192.0.2.1\n"
	"_dmarc.psd.example. TXT \"v=DMARC1; p=quarantine; psd=y\"\n"
	"_dmarc.under.psd.example. TXT \"v=DMARC1; p=none\"\n"
	"_dmarc.corp.example. TXT \"v=DMARC1; p=none\"\n"
	"_dmarc.dept.corp.example. TXT \"v=DMARC1; p=reject; psd=n\"\n"
	"x.dept.corp.example. A 192.0.2.1\n"
	"_dmarc.testing.example. TXT \"v=DMARC1; p=reject; t=y\"\n"
	"_dmarc.two.example. TXT \"v=DMARC1; p=reject\"\n"
	"_dmarc.two.example. TXT \"v=DMARC1; p=none\"\n"
	"_dmarc.beside.example. TXT \"v=spf1 -all\"\n"
	"_dmarc.beside.example. TXT \"v=DMARC1;p=reject\"\n"
	"_dmarc.nopolicy.example. TXT \"v=DMARC1\"\n"
	"_dmarc.badpolicy.example. TXT \"v=DMARC1; p=maybe\"\n"
	"_dmarc.badrua.example. TXT \"v=DMARC1; p=maybe; rua=mailto:x@badrua.example\"\n"
	"_dmarc.badsp.example. TXT \"v=DMARC1; p=reject; sp=x; rua=mailto:x@badsp.example\"\n"
	"_dmarc.order.example. TXT \"p=reject; v=DMARC1\"\n"
	"_dmarc.spaces.example. TXT \"v = DMARC1 ; p = reject ; unknown = x ;\"\n"
	"_dmarc.twice.example. TXT \"v=DMARC1; p=none; p=reject\"\n"
	"_dmarc.d.e.f.deep.example. TXT \"v=DMARC1; p=reject\"\n"
	"_dmarc.deep.example. TXT \"v=DMARC1; p=quarantine\"\n";

/* For the name of a test; static memory. */
static const char *
one_line(const char *text)
{
	static char out[512];
	(void)str_copy(str_of(text), out, sizeof(out));
	for (char *p = out; *p; p++)
		if (*p == '\r' || *p == '\n' || *p == '\t')
			*p = ' ';
	return out;
}

static void
on_changed(void *arg)
{
	(void)arg;
	ev_break(loop, EVBREAK_ONE);
}

static struct dmarc_outcome
run(struct dmarc_input *in)
{
	struct dmarc_outcome out;
	struct answers *a = answers_new(dns, 5000, on_changed, NULL);
	while (dmarc_step(in, a, &out) == STEP_WAIT)
		ev_run(loop, 0);
	answers_free(a);
	return out;
}

/* author, then the domains that passed: "spf:x", "dkim:y", "~dkim:z" for a
 * temporary error */
static void
expect(const char *author, const char *passed, const char *expected)
{
	struct dmarc_input in = {0};
	char got[64], copy[256], name[400];
	(void)snprintf(copy, sizeof(copy), "%s", passed);
	in.author = str_dup(str_of(author));
	for (char *rest = copy, *word; (word = strtok_r(rest, " ", &rest));) {
		bool temperror = *word == '~';
		in.ids[in.n++] = (struct dmarc_identifier){strchr(word, ':') + 1,
			strncmp(word + temperror, "spf", 3) == 0, temperror};
	}
	struct dmarc_outcome out = run(&in);
	(void)snprintf(got, sizeof(got), "%s %s %s", auth_word(out.result),
		dmarc_policy_word(out.policy), dmarc_policy_word(out.disposition));
	(void)snprintf(name, sizeof(name), "From %s, passed: %s", author, passed);
	is_str(got, expected, name);
	dmarc_input_release(&in);
}

static void
author(const char *header, const char *expected, enum auth_result fault)
{
	struct message m = {0};
	struct dmarc_input in = {0};
	message_parse(&m, str_of(header));
	dmarc_author(&in, &m);
	is_str(in.author ? in.author : "", expected, one_line(header));
	if (!*expected)
		is_int(in.author_fault, fault, one_line(header));
	dmarc_input_release(&in);
	message_release(&m);
}

static void
discovery(void)
{
	expect("example.com", "", "fail reject reject");
	expect("mail.example.com", "", "fail quarantine quarantine");
	expect("gone.example.com", "", "fail none none");
	expect("own.example.com", "", "fail none none");
	expect("nothing.example", "spf:nothing.example", "none  ");
	expect("two.example", "spf:two.example", "none  ");
	expect("beside.example", "", "fail reject reject");
	expect("nopolicy.example", "", "fail none none");
	expect("badpolicy.example", "", "none  ");
	expect("badrua.example", "", "fail none none");
	expect("badsp.example", "", "fail none none");
	expect("order.example", "", "none  ");
	expect("spaces.example", "", "fail reject reject");
	expect("twice.example", "", "none  ");
	expect("testing.example", "", "fail reject quarantine");
	expect("bank", "", "fail reject reject");
	expect("a.mine.bank", "", "fail reject reject");
	expect("gone.under.psd.example", "", "fail none none");
	/* d.e.f.deep has a record, yet the fewest labels give the organization */
	expect("c.d.e.f.deep.example", "", "fail quarantine quarantine");
	/* more than eight labels: the walk goes on with seven */
	expect("1.2.3.4.5.6.7.8.9.example.com", "", "fail none none");
}

static void
alignment(void)
{
	expect("example.com", "spf:example.com", "pass reject none");
	expect("example.com", "dkim:EXAMPLE.com", "pass reject none");
	expect("mail.example.com", "dkim:example.com", "pass quarantine none");
	expect("example.com", "dkim:mail.example.com", "pass reject none");
	expect("example.com", "dkim:example.net spf:example.org", "fail reject reject");
	expect("example.com", "dkim:badexample.com", "fail reject reject");
	expect("example.com", "spf:evil.example dkim:b.example.com", "pass reject none");
	expect("strict.example", "dkim:a.strict.example spf:a.strict.example",
		"fail reject reject");
	expect("strict.example", "dkim:strict.example", "pass reject none");
	expect("a.mine.bank", "dkim:mine.bank", "pass reject none");
	expect("a.mine.bank", "dkim:theirs.bank", "fail reject reject");
	expect("a.mine.bank", "dkim:bank", "fail reject reject");
	expect("x.dept.corp.example", "dkim:dept.corp.example", "pass reject none");
	expect("x.dept.corp.example", "dkim:corp.example", "fail reject reject");
	expect("corp.example", "dkim:dept.corp.example", "fail none none");
	expect("example.com", "~dkim:example.com", "temperror reject none");
	expect("example.com", "~dkim:other.example", "fail reject reject");
	expect("example.com", "~spf:example.com dkim:example.com", "pass reject none");
}

static void
authors(void)
{
	author("From: A <a@Example.COM>\r\n\r\n", "example.com", AUTH_NONE);
	author("From: a@x.example, b@X.example\r\n\r\n", "x.example", AUTH_NONE);
	author("From: \"b@evil.example\" <a@x.example>\r\n\r\n", "x.example", AUTH_NONE);
	author("To: a@x.example\r\n\r\n", "", AUTH_NONE);
	author("From: a@x.example\r\nFrom: a@x.example\r\n\r\n", "", AUTH_PERMERROR);
	author("From: a@x.example, b@y.example\r\n\r\n", "", AUTH_PERMERROR);
	author("From: nobody\r\n\r\n", "", AUTH_PERMERROR);
	author("From: <a@[192.0.2.1]>\r\n\r\n", "", AUTH_PERMERROR);
	author("From:\r\n\r\n", "", AUTH_PERMERROR);
}

int
main(void)
{
	char path[] = "/tmp/mm-dmarc-XXXXXX";
	int fd = mkstemp(path);
	if (fd < 0 || write(fd, zone, sizeof(zone) - 1) < 0)
		return 1;
	close(fd);
	setenv("MM_ZONE", path, 1);
	loop = ev_loop_new(EVFLAG_AUTO);
	dns = dns_new(loop);
	discovery();
	alignment();
	authors();
	dns_free(dns);
	ev_loop_destroy(loop);
	unlink(path);
	return done();
}
