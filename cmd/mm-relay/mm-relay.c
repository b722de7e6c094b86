#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "bare.h"
#include "courier_source.h"
#include "descriptors.h"
#include "filter.h"
#include "log.h"
#include "num.h"
#include "opt.h"
#include "relay_options.h"
#include "sandbox.h"
#include "site.h"
#include "srs_main.h"
#include "tls_report.h"

struct services {
	struct courier_settings settings;
	struct tls_table *table;
	struct srs srs;
	struct courier_source *source;
	struct filter *filter;
};

static void
on_record(struct filter *f, struct record *r)
{
	struct services *s = f->ctx;
	delivery_start(courier_source_current(s->source), r);
}

static void
on_drain(struct filter *f)
{
	struct services *s = f->ctx;
	courier_source_commit(s->source);
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
plan_addresses(struct services *s, char **addresses)
{
	struct courier *courier = courier_source_current(s->source);
	size_t left = 1;
	struct record *r = record_new();
	for (; *addresses; addresses++)
		if (!bare_option(r, "rcpt-to", str_of(*addresses)))
			return EX_TEMPFAIL;
	courier->finished = print_plan;
	courier->arg = &left;
	delivery_start(courier, r);
	while (left)
		ev_run(s->settings.loop, EVRUN_ONCE);
	return EX_OK;
}

static void
give_up_rights(const struct route *route)
{
	if (route->kind == ROUTE_MAILDIR)
		sandbox_enter(SANDBOX_WRITE);
	else
		sandbox_enter(route->kind == ROUTE_UNIX ? 0 : SANDBOX_NET);
}

static void
release_services(struct services *s)
{
	struct routing_settings *r = &s->settings.routing;
	courier_source_free(s->source);
	token_sources_free(s->settings.tokens);
	if (r->rpt)
		tls_rpt_free(r->rpt);
	if (r->mta_sts)
		mta_sts_free(r->mta_sts);
	if (r->dns)
		dns_free(r->dns);
	tls_table_free(s->table);
	srs_release(&s->srs);
}

static bool
wants_mta_sts(const struct relay_options *o, const struct route *route)
{
	return route->kind == ROUTE_MX && !o->no_mta_sts;
}

static int
start_routing(struct services *s, const struct route *route)
{
	const struct relay_options *o = s->settings.options;
	struct routing_settings *r = &s->settings.routing;
	struct ev_loop *loop = s->settings.loop;
	if (courier_needs_dns(route) && !(r->dns = dns_new(loop)))
		return -1;
	if (wants_mta_sts(o, route) &&
		!(r->mta_sts = mta_sts_new(loop, r->dns, o->state, o->mta_sts_port)))
		return -1;
	if (route->kind == ROUTE_MX && o->state && !(r->rpt = tls_rpt_new(o->state)))
		return -1;
	return 0;
}

/* What reads secrets and the site comes before the rights are given up. */
static int
start_services(struct services *s, struct route *route)
{
	const struct relay_options *o = s->settings.options;
	struct routing_settings *r = &s->settings.routing;
	r->no_dane = o->no_dane;
	if ((o->replace_sender || o->srs_reverse) && srs_load(&s->srs, o->site) < 0)
		return -1;
	if (route->kind == ROUTE_MX && !(r->table = s->table = tls_table_load(o->site)))
		return -1;
	if (o->state)
		sandbox_keep_dir(o->state);
	give_up_rights(route);
	if (start_routing(s, route) < 0)
		return -1;
	s->settings.courier = (struct courier){.srs = o->replace_sender ? &s->srs : NULL,
		.reverse = o->srs_reverse ? &s->srs : NULL,
		.max_hops = (size_t)o->max_hops,
		.dry_run = o->pool.dry_run,
		.finished = give_back,
		.arg = s->filter};
	s->source = courier_source_new(&s->settings, route);
	return s->source ? 0 : -1;
}

static int
run(struct filter *f, const struct relay_options *o, char **operands)
{
	struct services s = {.settings = {.loop = f->loop,
				     .options = o,
				     .tokens = token_sources_new(f->loop)},
		.filter = f};
	struct route route;
	int status = EX_TEMPFAIL;
	f->ctx = &s;
	if (route_open(&route, &o->route) == 0 && start_services(&s, &route) == 0)
		status = o->pool.dry_run && *operands && strchr(*operands, '@')
				 ? plan_addresses(&s, operands)
				 : filter_run(f, operands);
	route_release(&route);
	release_services(&s);
	return status;
}

int
main(int argc, char **argv)
{
	struct filter f;
	struct relay_options options;
	log_init("mm-relay");
	if (argc > 1 && strcmp(argv[1], "tls-report") == 0)
		tls_report_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "srs") == 0)
		srs_main(argc - 1, argv + 1);
	(void)descriptors_allow(SIZE_MAX); /* many destinations at once */
	filter_init(&f, &ops, NULL);
	char **operands = relay_options_parse(&options, &f, argc, argv);
	int status = run(&f, &options, operands);
	relay_options_release(&options);
	opt_finish(status);
}
