#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "bare.h"
#include "delivery.h"
#include "filter.h"
#include "log.h"
#include "num.h"
#include "opt.h"
#include "relay_options.h"
#include "sandbox.h"
#include "site.h"

static struct courier courier;

static void
on_record(struct filter *f, struct record *r)
{
	(void)f;
	delivery_start(&courier, r);
}

static void
on_drain(struct filter *f)
{
	(void)f;
	if (courier.maildirs)
		maildir_commit(courier.maildirs);
}

static const struct filter_ops ops = {.record = on_record, .drain = on_drain};

static void
give_back(void *arg, struct record *r)
{
	filter_emit(arg, r);
}

/* mm-relay -n ... bob@example.org: the routes as lines of text. */
static void
print_plan(void *arg, struct record *r)
{
	struct str plan;
	size_t *left = arg;
	for (size_t at = 0; record_next(r, "plan", &at, &plan);)
		printf("%.*s\n", STR_ARG(plan));
	record_free(r);
	(*left)--;
}

static int
plan_addresses(struct ev_loop *loop, char **addresses)
{
	size_t left = 1;
	struct record *r = record_new();
	for (; *addresses; addresses++)
		if (!bare_option(r, "rcpt-to", str_of(*addresses)))
			return EX_TEMPFAIL;
	courier.finished = print_plan;
	courier.arg = &left;
	delivery_start(&courier, r);
	while (left)
		ev_run(loop, EVRUN_ONCE);
	return EX_OK;
}

/* Many destinations at once are many descriptors. */
static void
raise_descriptor_limit(void)
{
	struct rlimit l;
	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		l.rlim_cur = l.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &l);
	}
}

static void
give_up_rights(const struct route *route)
{
	if (route->kind == ROUTE_MAILDIR)
		sandbox_enter(SANDBOX_WRITE);
	else
		sandbox_enter(route->kind == ROUTE_UNIX ? 0 : SANDBOX_NET);
}

static int
run(struct filter *f, const struct relay_options *o, char **operands)
{
	struct srs srs = {0};
	struct dns *dns = NULL;
	struct tls_table *table = NULL;
	if (o->replace_sender && srs_load(&srs, o->site) < 0)
		return EX_TEMPFAIL;
	if (o->route.kind == ROUTE_MX && !(table = tls_table_load(o->site)))
		return EX_TEMPFAIL;
	give_up_rights(&o->route);
	if (!resolve_is_literal(&o->route) && !(dns = dns_new(f->loop)))
		return EX_TEMPFAIL;
	struct routing_settings routing = {
		.dns = dns, .route = &o->route, .table = table, .no_dane = o->no_dane};
	courier = (struct courier){.route = &o->route,
		.srs = o->replace_sender ? &srs : NULL,
		.dry_run = o->pool.dry_run,
		.finished = give_back,
		.arg = f};
	if (o->route.kind == ROUTE_MAILDIR)
		courier.maildirs = maildir_batch_new();
	else if (!(courier.pool = pool_new(f->loop, &routing, &o->pool, &delivery_events)))
		return EX_TEMPFAIL;
	int status = o->pool.dry_run && *operands && strchr(*operands, '@')
			     ? plan_addresses(f->loop, operands)
			     : filter_run(f, operands);
	if (courier.pool)
		pool_free(courier.pool);
	if (courier.maildirs)
		maildir_batch_free(courier.maildirs);
	if (dns)
		dns_free(dns);
	tls_table_free(table);
	srs_release(&srs);
	return status;
}

int
main(int argc, char **argv)
{
	struct filter f;
	struct relay_options options;
	log_init("mm-relay");
	raise_descriptor_limit();
	filter_init(&f, &ops, NULL);
	char **operands = relay_options_parse(&options, &f, argc, argv);
	int status = run(&f, &options, operands);
	relay_options_release(&options);
	opt_finish(status);
}
