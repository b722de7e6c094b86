#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "address.h"
#include "message.h"
#include "opt.h"
#include "signing_options.h"
#include "site.h"

static const char *
name_option(const char *option, const char *arg)
{
	if (!domain_valid(str_of(arg)))
		opt_usage(EX_TEMPFAIL, "--%s %s: expected a domain name", option, arg);
	return arg;
}

bool
signing_option(struct signing_options *o, int opt, const char *arg)
{
	switch (opt) {
	case 'C':
		o->site = arg;
		return true;
	case OPT_DOMAIN:
		o->domain = name_option("domain", arg);
		return true;
	case OPT_SELECTOR:
		o->selector = name_option("selector", arg);
		return true;
	case OPT_KEY:
		o->key = arg;
		return true;
	case OPT_REQUIRED:
		o->required = true;
		return true;
	default:
		return false;
	}
}

void
signing_options_load(const struct signing_options *o, struct signing_keys *k)
{
	if (!o->key != !o->selector)
		opt_usage(EX_TEMPFAIL, "--key and --selector go together");
	(void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	int rc = o->key ? signing_keys_one(k, o->domain, o->selector, o->key)
			: signing_keys_load(k, site_dir(o->site));
	if (rc < 0)
		exit(EX_TEMPFAIL);
}

void
signing_refuse(const struct signing_options *o, struct record *rec, enum status status,
	const char *why)
{
	if (!o->required)
		return;
	record_set(rec, "status", str_of(status_word(status)));
	record_setf(rec, "reply", "%s not signed: %s",
		status == STATUS_TEMPFAIL ? "451 4.3.5" : "554 5.7.0", why);
}

/* The line of an mbox is no part of what was signed. */
void
signing_prepend(struct record *rec, struct str fields)
{
	struct header_walk w;
	header_walk_start(&w, str_n(rec->body->p, rec->body->n));
	record_set_body(rec, blob_join(fields, w.rest));
}
