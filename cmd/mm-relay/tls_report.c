#include <errno.h>
#include <ev.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "dns.h"
#include "log.h"
#include "mem.h"
#include "opt.h"
#include "site.h"
#include "stream.h"
#include "tls_report.h"
#include "tls_report_post.h"
#include "tls_rpt.h"
#include "tls_summary.h"
#include "ulid.h"

#define MAX_DESTINATIONS 10 /* of one domain */
#define MAX_POSTS 4         /* at once */
#define DAY_MS 86400000

static const char help[] =
	"mm-relay tls-report: reports of a day's TLS results (RFC 8460), as a mail stream\n"
	"\n"
	"usage: mm-relay tls-report [OPTION...]\n"
	"\n"
	"  -C, --site DIR       the site directory (else $MM_SITE, /etc/mm)\n"
	"      --state DIR      where the results are (else StateDir of site.json)\n"
	"      --day DATE       2026-11-26; else yesterday (UTC)\n"
	"      --contact ADDR   the sender; else postmaster at our host\n"
	"      --no-post        only the mail: nothing goes to https: addresses\n"
	"      --json           the reports as lines of JSON, with where they are wanted;\n"
	"                       nothing is posted\n"
	"  -h, --help\n"
	"\n"
	"example: mm-relay tls-report | mm-queue add /var/spool/mm/out\n";

struct job {
	struct ev_loop *loop;
	struct dns *dns;
	struct http *http; /* NULL: nothing is posted */
	struct tls_summary summary;
	struct stream_writer out;
	char *submitter, *contact;
	char day[CLOCK_RFC3339_SIZE];
	bool json, no_post, failed;
	size_t outstanding;
};

struct wanted {
	struct job *job;
	const char *domain;
};

/* What "rua" of the one TLSRPT record says, RFC 8460 section 3: URIs. */
static json_t *
read_rua(const struct dns_answer *a)
{
	json_t *list = json_array();
	struct buf txt = {0};
	size_t found = 0;
	for (size_t i = 0; i < a->n; i++) {
		buf_reset(&txt);
		if (dns_rdata_txt(a->rdata[i], &txt) < 0)
			continue;
		struct str rest = buf_str(&txt);
		if (!str_eq(str_trim(str_cut(&rest, ';')), STR("v=TLSRPTv1")) || !rest.p)
			continue;
		found++;
		struct str uris = str_trim(rest);
		if (!str_eq(str_trim(str_cut(&uris, '=')), STR("rua")))
			continue;
		uris = str_cut(&uris, ';');
		while (uris.p && json_array_size(list) < MAX_DESTINATIONS) {
			struct str uri = str_trim(str_cut(&uris, ','));
			json_array_append_new(list, json_stringn(uri.p, uri.n));
		}
	}
	if (found != 1)
		json_array_clear(list);
	buf_release(&txt);
	return list;
}

static void
print_json(const struct tls_report *r, json_t *rua)
{
	json_t *line = json_pack(
		"{s:s,s:O,s:o}", "domain", r->domain, "rua", rua, "report", tls_report_json(r));
	char *text = json_dumps(line, JSON_COMPACT);
	(void)puts(text ? text : "");
	free(text);
	json_decref(line);
}

/* An address that can stand in a header and in a field. */
static char *
mail_address(struct str uri)
{
	struct path path;
	if (!str_istarts(uri, STR("mailto:")))
		return NULL;
	char *text = xasprintf("<%.*s>", STR_ARG(str_skip(uri, 7)));
	bool good = path_parse(str_of(text), &path) == 0 && path.domain.n &&
		    path.params.n == 0 && !strpbrk(text, "%?\" ");
	char *address = good ? str_dup(path.address) : NULL;
	free(text);
	return address;
}

static void
settle(struct job *j)
{
	if (--j->outstanding == 0)
		ev_break(j->loop, EVBREAK_ALL);
}

static void
on_posted(void *arg, bool taken)
{
	struct job *j = arg;
	j->failed |= !taken;
	settle(j);
}

/* By the way that the URI wants; an address for a message is appended to rcpts. */
static size_t
send_to(struct job *j, const struct tls_report *r, struct str uri, char **rcpts)
{
	char *address = mail_address(uri);
	*rcpts = address;
	if (address)
		return 1;
	if (j->http && tls_report_postable(uri)) {
		j->outstanding++;
		tls_report_post(j->http, r, uri, on_posted, j);
	} else {
		log_info("%s wants its TLS report at %.*s, which cannot be; see --json",
			r->domain, STR_ARG(uri));
	}
	return 0;
}

static void
send_report(struct job *j, const struct tls_report *r, const json_t *rua)
{
	char *rcpts[MAX_DESTINATIONS + 1] = {0};
	size_t n = 0, i;
	json_t *uri;
	json_array_foreach (rua, i, uri)
		n += send_to(j, r, json_text(uri), &rcpts[n]);
	struct record *rec = n ? tls_report_mail(r, (const char *const *)rcpts) : NULL;
	if (rec)
		stream_push(&j->out, rec);
	j->failed |= n && !rec;
	while (n)
		free(rcpts[--n]);
}

static void
on_record(void *arg, const struct dns_answer *a)
{
	struct wanted *w = arg;
	struct job *j = w->job;
	char id[ULID_SIZE];
	struct tls_report r = {.domain = w->domain,
		.submitter = j->submitter,
		.contact = j->contact,
		.id = ulid_new(clock_now_ms(), id),
		.day = j->day};
	json_t *rua = read_rua(a);
	if (a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS)
		log_warn("no TLS report for %s: %s", w->domain, a->why);
	r.policies = tls_summary_policies(&j->summary, w->domain);
	if (j->json)
		print_json(&r, rua);
	else if (json_array_size(rua))
		send_report(j, &r, rua);
	json_decref(r.policies);
	json_decref(rua);
	free(w);
	settle(j);
}

static void
ask_all(struct job *j)
{
	const char *domain;
	json_t *entry;
	json_object_foreach (j->summary.domains, domain, entry) {
		struct wanted *w = xcalloc(1, sizeof(*w));
		char *name = xasprintf("_smtp._tls.%s", domain);
		*w = (struct wanted){j, domain};
		j->outstanding++;
		dns_ask(j->dns, name, DNS_TXT, 0, on_record, w);
		free(name);
	}
	if (j->outstanding)
		ev_run(j->loop, 0);
}

static void
set_day(struct job *j, const char *day)
{
	int64_t ms = clock_now_ms() - DAY_MS;
	if (day && (strlen(day) != 10 || clock_parse_rfc3339(str_of(day), &ms) < 0))
		opt_usage(
			EX_USAGE, "--day: expected a date such as 2026-11-26, not \"%s\"", day);
	(void)clock_rfc3339(ms, j->day);
	j->day[10] = '\0';
}

static void
parse(struct job *j, char **state, int argc, char **argv)
{
	static const struct option table[] = {{"site", required_argument, NULL, 'C'},
		{"state", required_argument, NULL, 's'}, {"day", required_argument, NULL, 'd'},
		{"contact", required_argument, NULL, 'c'}, {"json", no_argument, NULL, 'j'},
		{"no-post", no_argument, NULL, 'n'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	const char *site = NULL, *day = NULL, *contact = NULL, *dir = NULL;
	int c;
	while ((c = getopt_long(argc, argv, "C:h", table, NULL)) != -1) {
		if (c == 'h')
			opt_help(help);
		else if (c == 'j')
			j->json = true;
		else if (c == 'n')
			j->no_post = true;
		else if (c == '?')
			opt_usage(EX_USAGE, "wrong option");
		else
			*(c == 'C'         ? &site
				: c == 's' ? &dir
				: c == 'd' ? &day
					   : &contact) = optarg;
	}
	if (optind < argc)
		opt_usage(EX_USAGE, "expected no operand");
	site = site_dir(site);
	*state = dir ? xstrdup(dir) : site_setting(site, "StateDir");
	if (!*state)
		opt_usage(EX_USAGE, "expected --state DIR, or StateDir in site.json");
	j->submitter = site_hostname(site);
	j->contact = contact ? xstrdup(contact) : xasprintf("postmaster@%s", j->submitter);
	set_day(j, day);
}

_Noreturn void
tls_report_main(int argc, char **argv)
{
	struct job j = {.loop = ev_default_loop(0)};
	char *state;
	parse(&j, &state, argc, argv);
	char *path = tls_rpt_path(state, j.day);
	if (tls_summary_read(&j.summary, path) < 0 && errno != ENOENT)
		log_die(EX_NOINPUT, "cannot read %s: %s", path, strerror(errno));
	if (j.summary.skipped)
		log_warn("%s: %zu lines are no TLS results", path, j.summary.skipped);
	if (!(j.dns = dns_new(j.loop)) ||
		(!j.no_post && !j.json && !(j.http = http_new(j.loop, MAX_POSTS))))
		exit(EX_TEMPFAIL);
	ask_all(&j);
	if (stream_flush(&j.out, STDOUT_FILENO) != 0)
		log_die(EX_TEMPFAIL, "cannot write the reports: %s", strerror(errno));
	stream_writer_release(&j.out);
	tls_summary_release(&j.summary);
	if (j.http)
		http_free(j.http);
	dns_free(j.dns);
	free(j.submitter);
	free(j.contact);
	free(state);
	free(path);
	opt_finish(j.failed ? EX_TEMPFAIL : EX_OK);
}
