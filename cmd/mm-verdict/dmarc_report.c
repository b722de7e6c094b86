#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "address.h"
#include "base64.h"
#include "clock.h"
#include "dmarc_aggregate.h"
#include "dmarc_database.h"
#include "dmarc_mail.h"
#include "dmarc_report.h"
#include "idn.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "num.h"
#include "opt.h"
#include "sandbox.h"
#include "stream.h"
#include "utf8.h"

#define DAY_MS INT64_C(86400000)

static const char help[] =
	"mm-verdict report: the DMARC aggregate reports of a day (RFC 9990)\n"
	"\n"
	"mm-verdict report [options] --dmarc-log FILE --email ADDR\n"
	"mm-verdict report --dmarc-log FILE --keep TIME\n"
	"      --dmarc-log FILE what mm-verdict --dmarc-log noted\n"
	"      --email ADDR     the sender of the reports; its domain is their submitter\n"
	"      --org NAME       who reports (that domain)\n"
	"      --day DATE       in UTC (yesterday)\n"
	"      --out DIR        the reports become files here, instead of mail on standard\n"
	"                       output\n"
	"      --keep TIME      afterwards forget messages that are older, as in 30d\n"
	"  -h, --help           this text\n"
	"the DNS: $MM_RESOLVER=ADDR[@PORT], $MM_ZONE=FILE, $MM_DNSSEC=FILE\n"
	"\n"
	"mm-verdict report --dmarc-log dmarc.db --email reports@example.org | mm-relay --mx\n";

enum { OPT_DMARC_LOG = 1, OPT_EMAIL, OPT_ORG, OPT_DAY, OPT_OUT, OPT_KEEP };

static const struct option options[] = {
	{"dmarc-log", required_argument, NULL, OPT_DMARC_LOG},
	{"email", required_argument, NULL, OPT_EMAIL},
	{"org", required_argument, NULL, OPT_ORG},
	{"day", required_argument, NULL, OPT_DAY},
	{"out", required_argument, NULL, OPT_OUT},
	{"keep", required_argument, NULL, OPT_KEEP},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

struct command {
	struct dmarc_reporter reporter;
	const char *log, *out;
	int64_t keep_ms; /* 0: nothing is forgotten */
	struct stream_writer mail;
};

static void
take_day(struct command *c, const char *text)
{
	int64_t ms;
	if (strlen(text) != strlen("2026-11-25") || clock_parse_rfc3339(str_of(text), &ms) < 0)
		opt_usage(EX_USAGE, "--day %s: expected a date such as 2026-11-25", text);
	c->reporter.period = (struct dmarc_period){ms, ms + DAY_MS};
}

static void
take_email(struct dmarc_reporter *r, const char *text)
{
	struct path path;
	if (address_parse(str_of(text), &path) < 0 || path.utf8 || !domain_valid(path.domain))
		opt_usage(EX_USAGE, "--email %s: expected an address in ASCII", text);
	r->email = text;
	free(r->submitter);
	r->submitter = idn_ascii(path.domain);
}

/* It stands in a header field. */
static void
take_organization(struct dmarc_reporter *r, const char *text)
{
	bool good = *text && strlen(text) <= 200 && utf8_valid(str_of(text));
	for (const char *p = text; *p && good; p++)
		good = (unsigned char)*p >= ' ' && *p != 0x7f;
	if (!good)
		opt_usage(EX_USAGE, "--org: expected a name of up to 200 octets, in UTF-8");
	r->organization = text;
}

static void
take_option(struct command *c, int opt, const char *arg)
{
	if (opt == 'h')
		opt_help(help);
	else if (opt == OPT_DMARC_LOG)
		c->log = arg;
	else if (opt == OPT_EMAIL)
		take_email(&c->reporter, arg);
	else if (opt == OPT_ORG)
		take_organization(&c->reporter, arg);
	else if (opt == OPT_DAY)
		take_day(c, arg);
	else if (opt == OPT_OUT)
		c->out = arg;
	else if (opt != OPT_KEEP)
		opt_usage(EX_USAGE, "bad options");
	else if (num_duration(str_of(arg), &c->keep_ms) < 0 || c->keep_ms <= 0)
		opt_usage(EX_USAGE, "--keep %s: expected a time such as 30d", arg);
}

static void
parse(struct command *c, int argc, char **argv)
{
	int opt;
	int64_t today = clock_now_ms() / DAY_MS * DAY_MS;
	c->reporter.period = (struct dmarc_period){today - DAY_MS, today};
	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1)
		take_option(c, opt, optarg);
	if (argv[optind])
		opt_usage(EX_USAGE, "%s: expected no operand", argv[optind]);
	if (!c->log)
		opt_usage(EX_USAGE, "expected --dmarc-log FILE");
	if (!c->reporter.email && !c->keep_ms)
		opt_usage(EX_USAGE, "expected --email ADDR, or --keep TIME");
	if (!c->reporter.organization)
		c->reporter.organization = c->reporter.submitter;
}

static int
write_file(const struct command *c, const char *file, const struct buf *gz)
{
	char *path = xasprintf("%s/%s", c->out, file);
	int rc = io_write_file(path, gz->p, gz->n, 0644);
	if (rc < 0)
		log_error("cannot write %s: %s", path, strerror(errno));
	free(path);
	return rc;
}

static int
send_mail(struct command *c, const struct dmarc_aggregate *a, const char *file, const char *id,
	const struct buf *gz)
{
	struct buf text = {0};
	base64_encode(buf_str(gz), &text);
	const struct dmarc_mail mail = {.organization = c->reporter.organization,
		.email = c->reporter.email,
		.submitter = c->reporter.submitter,
		.domain = a->domain,
		.id = id,
		.file = file,
		.attachment = buf_str(&text)};
	if (a->wanted.n == 0)
		log_warn("report for %s: it may be sent to none of the addresses in rua=",
			a->domain);
	for (size_t i = 0; i < a->wanted.n; i++) {
		uint64_t limit = a->wanted.list[i].limit;
		if (limit && text.n > limit)
			log_warn("report for %s: larger than %s takes", a->domain,
				a->wanted.list[i].address);
		else
			stream_push(&c->mail, dmarc_mail_make(&mail, a->wanted.list[i].address,
						      clock_now_ms()));
	}
	buf_release(&text);
	int rc = stream_flush(&c->mail, STDOUT_FILENO);
	if (rc < 0)
		log_error("cannot write the mail: %s", strerror(errno));
	return rc;
}

static int
report_one(struct command *c, const struct dmarc_aggregate *a)
{
	struct buf gz = {0};
	char *file, *id;
	int rc = dmarc_aggregate_document(a, &gz, &file, &id);
	if (rc < 0)
		log_error("cannot read %s: %s", c->log, sqlite3_errmsg(c->reporter.db));
	else
		rc = c->out ? write_file(c, file, &gz) : send_mail(c, a, file, id, &gz);
	buf_release(&gz);
	free(file);
	free(id);
	return rc;
}

static int
report_all(struct command *c)
{
	struct dmarc_aggregates all;
	int rc = dmarc_aggregates_find(&all, &c->reporter);
	if (rc < 0)
		log_error("cannot read %s: %s", c->log, sqlite3_errmsg(c->reporter.db));
	for (size_t i = 0; i < all.n && rc == 0; i++)
		rc = report_one(c, all.list[i]);
	dmarc_aggregates_release(&all);
	return rc;
}

static int
run(struct command *c)
{
	struct dmarc_reporter *r = &c->reporter;
	int rc = r->email ? report_all(c) : 0;
	if (rc == 0 && c->keep_ms && dmarc_rows_prune(r->db, clock_now_ms() - c->keep_ms) < 0) {
		log_error("cannot prune %s: %s", c->log, sqlite3_errmsg(r->db));
		rc = -1;
	}
	return rc;
}

static int
open_all(struct command *c)
{
	struct dmarc_reporter *r = &c->reporter;
	r->loop = ev_loop_new(EVFLAG_AUTO);
	if (!r->loop)
		log_die(EX_TEMPFAIL, "cannot make an event loop");
	r->db = dmarc_database_open(c->log);
	if (!r->db)
		return -1;
	if (r->email && !c->out)
		r->dns = dns_new(r->loop);
	return r->email && !c->out && !r->dns ? -1 : 0;
}

static void
close_all(struct command *c)
{
	struct dmarc_reporter *r = &c->reporter;
	if (r->dns)
		dns_free(r->dns);
	sqlite3_close(r->db);
	stream_writer_release(&c->mail);
	ev_loop_destroy(r->loop);
	free(r->submitter);
}

int
dmarc_report(int argc, char **argv)
{
	struct command c = {.log = NULL};
	parse(&c, argc, argv);
	int rc = open_all(&c);
	if (rc == 0) {
		(void)io_set_nonblocking(STDOUT_FILENO, false);
		sandbox_enter(SANDBOX_NET | (c.out ? SANDBOX_WRITE : 0));
		rc = run(&c);
	}
	close_all(&c);
	return rc == 0 ? 0 : EX_TEMPFAIL;
}
