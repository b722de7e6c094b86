#include <stdlib.h>
#include <sysexits.h>

#include "clock.h"
#include "commands.h"
#include "dkim_sign.h"
#include "dmarc.h"
#include "filter.h"
#include "log.h"
#include "opt.h"
#include "sandbox.h"
#include "signing_options.h"

static const char help[] =
	"mm-verdict sign: put DKIM signatures on messages\n"
	"\n"
	"usage: mm-verdict sign [options] [MESSAGE...]      (a filter)\n"
	"      --domain D         sign for it; else for the domain in From\n" SIGNING_HELP
	"  -h, --help             this text\n" FILTER_HELP "\n"
	"mm-verdict sign -C site <stream | mm-relay --mx\n"
	"mm-verdict sign --selector mail --key mail.pem message.eml\n";

static const struct option options[] = {SIGNING_OPTIONS, FILTER_OPTIONS, {NULL, 0, NULL, 0}};

static const char no_key[] = "there is no key for this domain";

struct signer {
	struct filter filter;
	struct signing_options options;
	struct signing_keys keys;
};

static void
log_unsigned(const struct record *rec, const char *domain, const char *why)
{
	struct logline l;
	log_begin(&l, LOG_INFO, "not signed");
	log_str(&l, "id", record_get(rec, "id"));
	log_cstr(&l, "domain", domain);
	log_cstr(&l, "why", why);
	log_end(&l);
}

/* A copy of the key that says the domain, where it serves any. */
static struct signing_key
key_for(const struct signing_key *k, const char *domain)
{
	struct signing_key own = *k;
	own.domain = k->domain ? k->domain : (char *)(uintptr_t)domain;
	return own;
}

static const char *
add_signatures(struct signer *s, struct record *rec, const struct message *msg,
	const char *domain, struct buf *fields)
{
	const struct signing_key *keys[2];
	int64_t now_ms = clock_now_ms();
	size_t n = signing_keys_choose(&s->keys, domain, now_ms, keys);
	const char *error = n ? dkim_sign_unfit(msg) : no_key;
	if (error)
		return error;
	struct dkim_hash *h = dkim_hash_new(msg);
	for (size_t i = 0; i < n && !error; i++) {
		struct signing_key k = key_for(keys[i], domain);
		error = dkim_sign(fields, DKIM_SIGNATURE, 0, h, msg, &k, now_ms / 1000);
		if (!error)
			record_addf(rec, "signed", "d=%s s=%s a=%s", k.domain, k.selector,
				dkim_algorithm_word(k.algorithm));
	}
	dkim_hash_free(h);
	return error;
}

/* A key that was asked for by name is to be had; what From says is the sender's. */
static void
leave_unsigned(const struct signer *s, struct record *rec, const char *domain, const char *why)
{
	bool ours = why == no_key && s->options.domain;
	log_unsigned(rec, domain, why);
	signing_refuse(&s->options, rec, ours ? STATUS_TEMPFAIL : STATUS_PERMFAIL, why);
}

static void
sign(struct signer *s, struct record *rec)
{
	struct message msg = {0};
	struct dmarc_input in = {0};
	struct buf fields = {0};
	message_parse(&msg, str_n(rec->body->p, rec->body->n));
	dmarc_author(&in, &msg);
	const char *domain = s->options.domain ? s->options.domain : in.author;
	const char *error =
		!in.author ? in.author_reason : add_signatures(s, rec, &msg, domain, &fields);
	if (fields.n)
		signing_prepend(rec, buf_str(&fields));
	else
		leave_unsigned(s, rec, domain, error);
	buf_release(&fields);
	dmarc_input_release(&in);
	message_release(&msg);
}

static void
on_record(struct filter *f, struct record *rec)
{
	struct signer *s = f->ctx;
	signing_keys_refresh(&s->keys);
	if (rec->body->n)
		sign(s, rec);
	filter_emit(f, rec);
}

int
command_sign(int argc, char **argv)
{
	static const struct filter_ops ops = {.record = on_record};
	struct signer s = {0};
	int opt;
	filter_init(&s.filter, &ops, &s);
	while ((opt = getopt_long(argc, argv, "C:h", options, NULL)) != -1) {
		if (opt == 'h')
			opt_help(help);
		if (!signing_option(&s.options, opt, optarg) &&
			!filter_option(&s.filter, opt, optarg))
			opt_usage(EX_TEMPFAIL, "bad options");
	}
	signing_options_load(&s.options, &s.keys);
	sandbox_enter(0);
	int status = filter_run(&s.filter, argv + optind);
	signing_keys_release(&s.keys);
	opt_finish(status);
}
