#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unbound.h>
#include <unistd.h>
#include <uthash.h>
#include <utlist.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "buf.h"
#include "clock.h"
#include "dns.h"
#include "dns_cache.h"
#include "dns_packet.h"
#include "io.h"
#include "log.h"
#include "mem.h"

#define DEFAULT_TIMEOUT_MS 10000
#define MAX_RDATA 512
#define OUTGOING 4096 /* questions open at once, beyond which they queue */
#define MAX_ZONE_SIZE (64u << 20)

struct dns {
	struct ev_loop *loop;
	struct ub_ctx *ub;
	int zone; /* the zone file as the library reads it, or -1 */
	struct ev_io readable;
	struct dns_question *questions; /* that are open */
	struct dns_query *queries;      /* that wait for no question */
	struct dns_cache *cache;
};

/* What the library has been asked, for all who wait for the same. */
struct dns_question {
	struct dns *dns;
	int id; /* of the library */
	bool answered;
	struct dns_query *queries;
	UT_hash_handle hh;
	char key[]; /* the type, then the name in lower case, with its NUL */
};

struct dns_query {
	struct dns *dns;
	dns_done *done;
	void *arg;
	struct dns_question *question; /* NULL: it cannot be asked */
	bool malformed;                /* no such name can exist */
	struct ev_timer timer;
	struct dns_query *prev, *next; /* in the list of the question, or of dns */
};

/* libunbound answers NXDOMAIN for these by itself (RFC 6761); a zone or a
 * resolver of one's own may well have them. */
static const char *const special_names[] = {"test.", "invalid.", "localhost.", "home.arpa.",
	"onion.", "10.in-addr.arpa.", "127.in-addr.arpa.", "168.192.in-addr.arpa.",
	"2.0.192.in-addr.arpa.", "100.51.198.in-addr.arpa.", "113.0.203.in-addr.arpa.",
	"8.b.d.0.1.0.0.2.ip6.arpa."};

static void
add_forwarders(struct buf *conf, const char *servers)
{
	buf_addstr(conf, "forward-zone:\n  name: \".\"\n");
	for (struct str rest = str_of(servers); rest.p;) {
		struct str one = str_cut(&rest, ',');
		buf_addf(conf, "  forward-addr: %.*s\n", STR_ARG(one));
	}
}

/* libunbound loads a zone only with an SOA record at its top, which here is the
 * root; a file of a few hosts need not have one. */
static bool
has_root_soa(struct str text)
{
	while (text.p) {
		struct str line = str_cut(&text, '\n'), name = str_word(&line);
		if (str_eq(name, STR(".")) && str_icontains(line, STR(" SOA ")))
			return true;
	}
	return false;
}

static int
memory_file(struct str content)
{
	int fd = memfd_create("resolver", MFD_CLOEXEC);
	if (fd >= 0 && io_write_all(fd, content.p, content.n) == 0)
		return fd;
	log_error("cannot configure the resolver: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static int
load_zone(const char *path)
{
	struct buf file = {0}, zone = {0};
	int fd = -1;
	if (io_read_file(path, &file, MAX_ZONE_SIZE) < 0) {
		log_error("cannot read the zone file %s: %s; expected resource records as in "
			  "RFC 1035 section 5",
			path, strerror(errno));
	} else {
		buf_addstr(&zone, "$ORIGIN .\n$TTL 300\n");
		if (!has_root_soa(buf_str(&file)))
			buf_addstr(&zone, ". 300 IN SOA . . 1 3600 600 86400 300\n"
					  ". 300 IN NS ns.invalid.\n");
		buf_add(&zone, file.p, file.n);
		buf_addc(&zone, '\n');
		fd = memory_file(buf_str(&zone));
	}
	buf_release(&file);
	buf_release(&zone);
	return fd;
}

static int
make_config(struct dns *d, struct buf *conf)
{
	const char *zone = getenv("MM_ZONE"), *servers = getenv("MM_RESOLVER");
	const char *anchor = getenv("MM_DNSSEC");
	buf_addf(conf,
		"server:\n"
		"  module-config: \"%siterator\"\n"
		"  do-not-query-localhost: no\n"
		"  rrset-roundrobin: no\n" /* the first ten are the same each time */
		"  msg-cache-size: 32m\n"
		"  rrset-cache-size: 64m\n"
		"  outgoing-range: %d\n"
		"  num-queries-per-thread: %d\n",
		anchor ? "validator " : "", OUTGOING, OUTGOING);
	if (anchor)
		buf_addf(conf, "  trust-anchor-file: \"%s\"\n", anchor);
	for (size_t i = 0; i < sizeof(special_names) / sizeof(*special_names); i++)
		buf_addf(conf, "  local-zone: \"%s\" transparent\n", special_names[i]);
	if (zone && (d->zone = load_zone(zone)) < 0)
		return -1;
	if (zone)
		buf_addf(conf,
			"auth-zone:\n  name: \".\"\n  zonefile: \"/proc/self/fd/%d\"\n"
			"  for-upstream: yes\n  for-downstream: no\n  fallback-enabled: no\n",
			d->zone);
	else if (servers)
		add_forwarders(conf, servers);
	return 0;
}

/* auth-zone and forward-zone exist only as clauses of a file. */
static int
apply_config(struct ub_ctx *ub, struct buf *conf)
{
	char path[64];
	int fd = memory_file(buf_str(conf));
	if (fd < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int rc = ub_ctx_config(ub, path);
	close(fd);
	if (rc != 0)
		log_error("cannot configure the resolver: %s", ub_strerror(rc));
	else if (!getenv("MM_ZONE") && !getenv("MM_RESOLVER") &&
		 (rc = ub_ctx_resolvconf(ub, NULL)) != 0)
		log_error("cannot read /etc/resolv.conf: %s", ub_strerror(rc));
	return rc == 0 ? 0 : -1;
}

/* Each question that is open has a socket of its own. */
static void
allow_open_files(rlim_t wanted)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void
on_readable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct dns *d = w->data;
	(void)loop, (void)events;
	(void)ub_process(d->ub);
}

static void
close_zone(struct dns *d)
{
	if (d->zone >= 0)
		close(d->zone);
}

struct dns *
dns_new(struct ev_loop *loop)
{
	struct buf conf = {0};
	struct dns *d = xcalloc(1, sizeof(*d));
	d->loop = loop;
	d->zone = -1;
	allow_open_files(2 * OUTGOING);
	d->ub = ub_ctx_create();
	bool ok = d->ub && make_config(d, &conf) == 0 && apply_config(d->ub, &conf) == 0;
	buf_release(&conf);
	if (ok)
		ub_ctx_async(d->ub, 1); /* a thread, not a process */
	int fd = ok ? ub_fd(d->ub) : -1;
	if (fd < 0) {
		log_error("cannot start the resolver");
		if (d->ub)
			ub_ctx_delete(d->ub);
		close_zone(d);
		free(d);
		return NULL;
	}
	ev_io_init(&d->readable, on_readable, fd, EV_READ);
	d->readable.data = d;
	ev_io_start(loop, &d->readable);
	return d;
}

static struct dns_query **
list_of(struct dns_query *q)
{
	return q->question ? &q->question->queries : &q->dns->queries;
}

static void
unlink_query(struct dns_query *q)
{
	ev_timer_stop(q->dns->loop, &q->timer);
	DL_DELETE(*list_of(q), q);
	free(q);
}

/* A question that nobody waits for any more is taken back. */
static void
leave(struct dns_query *q)
{
	struct dns_question *question = q->question;
	unlink_query(q);
	if (!question || question->answered || question->queries)
		return;
	HASH_DEL(question->dns->questions, question);
	ub_cancel(question->dns->ub, question->id);
	free(question);
}

static void
set_status(struct dns_answer *a, const struct ub_result *r)
{
	a->secure = r->secure;
	a->ttl = (uint32_t)(r->ttl > 0 ? r->ttl : 0);
	if (r->bogus) {
		a->status = DNS_BOGUS;
		a->why = "DNSSEC validation failed";
	} else if (r->rcode != 0 && r->rcode != 3) {
		a->status = DNS_TEMPFAIL;
		a->why = r->rcode == 2   ? "SERVFAIL"
			 : r->rcode == 5 ? "REFUSED"
					 : "server error";
	} else if (r->nxdomain) {
		a->status = DNS_NXDOMAIN;
		a->why = "NXDOMAIN";
	} else {
		a->status = r->havedata ? DNS_FOUND : DNS_NODATA;
		a->why = r->havedata ? "found" : "no data";
	}
}

/* The library gives up an answer of which one record has no octets. */
static void
read_packet(struct dns_answer *a, const struct ub_result *r, struct str *rdata)
{
	struct str packet = str_n(r->answer_packet, (size_t)r->answer_len);
	if (r->qtype != DNS_TXT || r->rcode != 2 || r->bogus)
		return;
	a->n = dns_packet_txt(packet, rdata, MAX_RDATA);
	if (a->n) {
		a->status = DNS_FOUND;
		a->why = "found";
	}
}

/* Whoever asks the same in answer asks anew. */
static void
give_all(struct dns_question *question, const struct dns_answer *answer)
{
	question->answered = true;
	HASH_DEL(question->dns->questions, question);
	while (question->queries) {
		struct dns_query *q = question->queries;
		dns_done *done = q->done;
		void *arg = q->arg;
		unlink_query(q);
		done(arg, answer);
	}
	free(question);
}

/* The name that has the data, if CNAMEs led to another than the one asked for. */
static const char *
canonical_name(const struct ub_result *r, char out[DNS_NAME_SIZE])
{
	struct str to = str_of(r->canonname), from = str_of(r->qname);
	to.n -= to.n && to.p[to.n - 1] == '.';
	from.n -= from.n && from.p[from.n - 1] == '.';
	return to.n && !str_ieq(to, from) && str_copy(to, out, DNS_NAME_SIZE) ? out : NULL;
}

static void
on_answer(void *arg, int err, struct ub_result *r)
{
	struct dns_question *q = arg;
	struct str rdata[MAX_RDATA];
	struct dns_answer a = {.rdata = rdata};
	char canonical[DNS_NAME_SIZE];
	if (err != 0 || !r) {
		a = (struct dns_answer){.status = DNS_TEMPFAIL, .why = ub_strerror(err)};
		give_all(q, &a);
		return;
	}
	set_status(&a, r);
	a.canonical = a.status == DNS_FOUND ? canonical_name(r, canonical) : NULL;
	if (a.status == DNS_FOUND)
		for (; a.n < MAX_RDATA && r->data[a.n]; a.n++)
			rdata[a.n] = str_n(r->data[a.n], (size_t)r->len[a.n]);
	else
		read_packet(&a, r, rdata);
	dns_cache_put(
		&q->dns->cache, q->key + 1, (enum dns_type)q->key[0], &a, clock_mono_ms());
	give_all(q, &a);
	ub_resolve_free(r);
}

static void
on_timeout(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct dns_query *q = w->data;
	dns_done *done = q->done;
	void *arg = q->arg;
	struct dns_answer a = {
		.status = DNS_TEMPFAIL, .why = q->question ? "timeout" : "cannot be asked"};
	(void)loop, (void)events;
	if (q->malformed)
		a = (struct dns_answer){.status = DNS_NXDOMAIN, .why = "no possible name"};
	leave(q);
	done(arg, &a);
}

/* The library reads names as zone files write them, where a backslash escapes.
 * False when there can be no such name. */
static bool
write_name(const char *name, struct buf *out)
{
	size_t label = 0, total = 0;
	if (strcmp(name, ".") == 0)
		name = "";
	for (const char *p = name; *p; p++) {
		if (*p == '.' && label == 0)
			return false;
		label = *p == '.' ? 0 : label + 1;
		if (label > 63 || ++total > 254)
			return false;
		if (*p == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *p);
	}
	if (total == 254 && label > 0)
		return false;
	if (label > 0 || total == 0)
		buf_addc(out, '.');
	return true;
}

static struct dns_question *
find_question(struct dns *d, const char *key, size_t n)
{
	struct dns_question *q = NULL;
	HASH_FIND(hh, d->questions, key, n, q);
	return q;
}

/* NULL when the library does not take it. */
static struct dns_question *
open_question(struct dns *d, struct str name, enum dns_type type)
{
	struct dns_question *q = xcalloc(1, sizeof(*q) + name.n + 2);
	struct buf text = {0};
	q->dns = d;
	q->key[0] = (char)type;
	for (size_t i = 0; i < name.n; i++)
		q->key[i + 1] = ascii_lower(name.p[i]);
	struct dns_question *same = find_question(d, q->key, name.n + 1);
	if (same) {
		free(q);
		return same;
	}
	(void)write_name(q->key + 1, &text);
	int rc = ub_resolve_async(d->ub, buf_cstr(&text), (int)type, 1, q, on_answer, &q->id);
	buf_release(&text);
	if (rc != 0) {
		free(q);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, d->questions, q->key, name.n + 1, q);
	return q;
}

struct dns_query *
dns_ask(struct dns *d, const char *name, enum dns_type type, int64_t timeout_ms, dns_done *done,
	void *arg)
{
	struct dns_query *q = xcalloc(1, sizeof(*q));
	struct buf ignored = {0};
	q->dns = d;
	q->done = done;
	q->arg = arg;
	q->malformed = !write_name(name, &ignored);
	buf_release(&ignored);
	if (!q->malformed)
		q->question = open_question(d, str_of(name), type);
	DL_APPEND(*list_of(q), q);
	double wait = (double)(timeout_ms ? timeout_ms : DEFAULT_TIMEOUT_MS) / 1000;
	ev_timer_init(&q->timer, on_timeout, q->question ? wait : 0., 0.);
	q->timer.data = q;
	ev_timer_start(d->loop, &q->timer);
	return q;
}

void
dns_cancel(struct dns_query *q)
{
	leave(q);
}

void
dns_free(struct dns *d)
{
	while (d->questions)
		leave(d->questions->queries);
	while (d->queries)
		leave(d->queries);
	ev_io_stop(d->loop, &d->readable);
	ub_ctx_delete(d->ub);
	close_zone(d);
	dns_cache_free(&d->cache);
	free(d);
}

const struct dns_answer *
dns_known(struct dns *d, const char *name, enum dns_type type)
{
	return dns_cache_get(&d->cache, name, type, clock_mono_ms());
}

int
dns_rdata_ip(struct str rdata, struct ip *out)
{
	if (rdata.n != 4 && rdata.n != 16)
		return -1;
	*out = (struct ip){.family = rdata.n == 4 ? AF_INET : AF_INET6};
	memcpy(out->octets, rdata.p, rdata.n);
	return 0;
}

/* libunbound hands out names uncompressed.  A dot or an unprintable octet
 * within a label cannot be written as a plain name: such a record is refused. */
int
dns_rdata_name(struct str rdata, char *out, size_t size)
{
	size_t at = 0, n = 0;
	while (at < rdata.n) {
		size_t len = (unsigned char)rdata.p[at++];
		if (len == 0) {
			out[n] = '\0';
			return at == rdata.n ? 0 : -1;
		}
		if (len > 63 || at + len > rdata.n || n + len + 2 > size)
			return -1;
		if (n)
			out[n++] = '.';
		for (size_t i = 0; i < len; i++) {
			char c = rdata.p[at + i];
			if (c <= ' ' || c == '.' || c == 0x7f)
				return -1;
			out[n++] = c;
		}
		at += len;
	}
	return -1;
}

int
dns_rdata_mx(struct str rdata, int *preference, char *out, size_t size)
{
	if (rdata.n < 3)
		return -1;
	*preference = (unsigned char)rdata.p[0] << 8 | (unsigned char)rdata.p[1];
	return dns_rdata_name(str_skip(rdata, 2), out, size);
}

int
dns_rdata_txt(struct str rdata, struct buf *out)
{
	while (rdata.n) {
		size_t len = (unsigned char)rdata.p[0];
		if (len + 1 > rdata.n)
			return -1;
		buf_add(out, rdata.p + 1, len);
		rdata = str_skip(rdata, len + 1);
	}
	return 0;
}

void
dns_reverse_name(const struct ip *ip, const char *suffix, char *out, size_t size)
{
	struct buf b = {0};
	const uint8_t *o = ip->octets;
	if (ip->family == AF_INET)
		buf_addf(&b, "%d.%d.%d.%d.%s", o[3], o[2], o[1], o[0],
			suffix ? suffix : "in-addr.arpa");
	for (int i = 15; i >= 0 && ip->family == AF_INET6; i--)
		buf_addf(&b, "%x.%x.", o[i] & 15, o[i] >> 4);
	if (ip->family == AF_INET6)
		buf_addstr(&b, suffix ? suffix : "ip6.arpa");
	(void)str_copy(buf_str(&b), out, size);
	buf_release(&b);
}
