#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "arc_check.h"
#include "arc_seal.h"
#include "authres.h"
#include "authserv.h"
#include "clock.h"
#include "commands.h"
#include "dkim_sign.h"
#include "filter.h"
#include "log.h"
#include "mem.h"
#include "num.h"
#include "opt.h"
#include "sandbox.h"
#include "signing_options.h"
#include "site.h"

static const char help[] =
	"mm-verdict seal: add a set to the ARC chain of messages that are passed on\n"
	"\n"
	"usage: mm-verdict seal [options] [MESSAGE...]      (a filter)\n"
	"      --domain D         who seals; else the domain of AuthservId or Hostname\n"
	"      --authserv-id ID   whose Authentication-Results are passed on\n"
	"      --timeout TIME     for all DNS answers of a message (20s)\n" SIGNING_HELP
	"  -h, --help             this text\n" FILTER_HELP
	"the DNS: $MM_RESOLVER=ADDR[@PORT], $MM_ZONE=FILE, $MM_DNSSEC=FILE\n"
	"\n"
	"mm-verdict <stream | mm-verdict seal -C site | mm-relay --mx\n";

enum { OPT_AUTHSERV_ID = 1, OPT_TIMEOUT };

static const struct option options[] = {
	{"authserv-id", required_argument, NULL, OPT_AUTHSERV_ID},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	SIGNING_OPTIONS,
	FILTER_OPTIONS,
	{NULL, 0, NULL, 0},
};

static const char no_key[] = "there is no key for our domain";

struct sealer {
	struct filter filter;
	struct signing_options options;
	struct signing_keys keys;
	struct dns *dns;
	int64_t timeout_ms;
	char *authserv_id;
	char *domain;
};

/* One record on its way. */
struct sealing {
	struct sealer *sealer;
	struct record *rec;
	struct message msg;
	struct verdict v; /* what the record says */
	struct answers *answers;
	struct arc_check *check;
};

static void
log_unsealed(const struct record *rec, const char *why)
{
	struct logline l;
	log_begin(&l, LOG_INFO, "not sealed");
	log_str(&l, "id", record_get(rec, "id"));
	log_cstr(&l, "why", why);
	log_end(&l);
}

/* Our field on top of the message is what mm-verdict found; else what the record
 * says, written the same way. */
static void
add_results(const struct sealing *s, struct buf *out)
{
	const struct header_field *f;
	const char *id = s->sealer->authserv_id;
	size_t at = 0;
	struct buf field = {0};
	struct str text = STR_NONE;
	while (!text.p && message_next(&s->msg, "Authentication-Results", &at, &f))
		if (authres_claims(f->value, str_of(id)))
			text = f->value;
	if (!text.p) {
		authres_format(&field, &s->v, s->rec, id);
		text = buf_str(&field);
		(void)str_cut(&text, ':');
	}
	buf_adds(out, str_trim(text));
	buf_release(&field);
}

/* What is not signed by DKIM's own rules is not sealed either.  A key for rsa-sha256
 * goes before: more can check it. */
static const char *
make_set(struct sealing *s, enum auth_result cv, struct buf *fields)
{
	const struct signing_key *keys[2];
	struct buf results = {0};
	int64_t now_ms = clock_now_ms();
	const char *domain = s->sealer->domain, *error = dkim_sign_unfit(&s->msg);
	if (error)
		return error;
	if (signing_keys_choose(&s->sealer->keys, domain, now_ms, keys) == 0)
		return no_key;
	struct signing_key key = *keys[0];
	key.domain = key.domain ? key.domain : s->sealer->domain;
	add_results(s, &results);
	struct arc_sealing how = {.chain = arc_found(s->check),
		.cv = cv,
		.results = buf_str(&results),
		.key = &key,
		.now_s = now_ms / 1000};
	error = arc_seal(fields, &s->msg, &how);
	if (!error)
		record_addf(s->rec, "sealed", "i=%u d=%s s=%s cv=%s", how.chain->n + 1,
			key.domain, key.selector, auth_word(cv));
	buf_release(&results);
	return error;
}

static void
leave_unsealed(struct sealing *s, const char *why)
{
	log_unsealed(s->rec, why);
	signing_refuse(&s->sealer->options, s->rec,
		why == no_key ? STATUS_TEMPFAIL : STATUS_PERMFAIL, why);
}

static void
finish(struct sealing *s, enum auth_result cv)
{
	struct filter *filter = &s->sealer->filter;
	struct record *rec = s->rec;
	struct buf fields = {0};
	const char *error = make_set(s, cv, &fields);
	if (error)
		leave_unsealed(s, error);
	else
		signing_prepend(rec, buf_str(&fields));
	buf_release(&fields);
	arc_end(s->check);
	answers_free(s->answers);
	message_release(&s->msg);
	verdict_release(&s->v);
	free(s);
	filter_emit(filter, rec);
}

static void
advance(void *arg)
{
	struct sealing *s = arg;
	struct arc_outcome out;
	if (arc_step(s->check, &out) == STEP_DONE)
		finish(s, out.result);
}

static void
seal(struct sealer *sealer, struct record *rec)
{
	struct sealing *s = xcalloc(1, sizeof(*s));
	s->sealer = sealer;
	s->rec = rec;
	message_parse(&s->msg, str_n(rec->body->p, rec->body->n));
	verdict_read(&s->v, rec);
	s->answers = answers_new(sealer->dns, sealer->timeout_ms, advance, s);
	s->check = arc_start(&s->msg, s->answers, (int64_t)time(NULL));
	/* Validated when it came: what was done to it since does not count. */
	if (s->v.arc_known && s->v.arc_instance == arc_found(s->check)->n)
		finish(s, s->v.arc);
	else
		advance(s);
}

static void
on_record(struct filter *f, struct record *rec)
{
	struct sealer *s = f->ctx;
	signing_keys_refresh(&s->keys);
	if (rec->body->n)
		seal(s, rec);
	else
		filter_emit(f, rec);
}

static void
parse_options(struct sealer *s, int argc, char **argv)
{
	int opt;
	while ((opt = getopt_long(argc, argv, "C:h", options, NULL)) != -1) {
		if (opt == 'h')
			opt_help(help);
		if (opt == OPT_AUTHSERV_ID)
			s->authserv_id = xstrdup(optarg);
		else if (opt == OPT_TIMEOUT) {
			if (num_duration(str_of(optarg), &s->timeout_ms) < 0)
				opt_usage(EX_TEMPFAIL, "--timeout %s: expected a time like 20s",
					optarg);
		} else if (!signing_option(&s->options, opt, optarg) &&
			   !filter_option(&s->filter, opt, optarg))
			opt_usage(EX_TEMPFAIL, "bad options");
	}
}

static void
load_names(struct sealer *s)
{
	const char *site = site_dir(s->options.site);
	if (!s->authserv_id && !(s->authserv_id = authserv_name(site, NULL)))
		exit(EX_TEMPFAIL);
	s->domain = xstrdup(s->options.domain ? s->options.domain : s->authserv_id);
}

int
command_seal(int argc, char **argv)
{
	static const struct filter_ops ops = {.record = on_record};
	struct sealer s = {.timeout_ms = 20000};
	filter_init(&s.filter, &ops, &s);
	parse_options(&s, argc, argv);
	load_names(&s);
	signing_options_load(&s.options, &s.keys);
	s.dns = dns_new(s.filter.loop);
	if (!s.dns)
		exit(EX_TEMPFAIL);
	sandbox_enter(SANDBOX_NET);
	int status = filter_run(&s.filter, argv + optind);
	dns_free(s.dns);
	signing_keys_release(&s.keys);
	free(s.authserv_id);
	free(s.domain);
	opt_finish(status);
}
