/* The SPF engine on libspf2.  The library is synchronous: it is run over the
 * answers that are known, and when it asks for one that is not, that evaluation is
 * thrown away.  It never sees exp= (CVE-2023-42118 is not fixed in it), nor a
 * record that our own parser has not accepted and written anew. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <stdio.h>
#include <spf2/spf.h>
#include <spf2/spf_dns.h>
#include <sysexits.h>

#include "address.h"
#include "log.h"
#include "mem.h"
#include "spf_engine.h"
#include "spf_limits.h"
#include "spf_record.h"
#include "spf_select.h"

#define MAX_QUESTIONS 60 /* a check */

#define MARK_SIZE 40

struct spf_check {
	const struct spf_query *query;
	struct answers *answers;
	bool missing; /* an answer that is not known yet was asked for */
	int questions;
	struct spf_limits limits;
	const char *error; /* what is wrong with a record; NULL if nothing */
};

static struct spf_check *current; /* the library runs one evaluation at a time */

/* A label before a name that the library asks for: each address found there is to
 * match.  Nobody may guess it: macros put a sender's own words into names. */
static const char *
any_address(void)
{
	static char mark[MARK_SIZE];
	uint64_t secret[2];
	if (!*mark) {
		arc4random_buf(secret, sizeof(secret));
		(void)snprintf(mark, sizeof(mark), "%016" PRIx64 "%016" PRIx64 ".", secret[0],
			secret[1]);
	}
	return mark;
}

static const struct answer *
question(struct spf_check *c, const char *name, enum dns_type type)
{
	if (++c->questions > MAX_QUESTIONS)
		c->limits.exceeded = "too many DNS lookups";
	if (c->missing || c->limits.exceeded)
		return NULL;
	const struct answer *a = answers_get(c->answers, name, type);
	c->missing = !a;
	return a;
}

static int
host_error(const struct answer *a, bool pass_over)
{
	switch (a->status) {
	case DNS_FOUND:
		return NETDB_SUCCESS;
	case DNS_NXDOMAIN:
		return HOST_NOT_FOUND;
	case DNS_NODATA:
		return NO_DATA;
	default:
		return pass_over ? NO_DATA : TRY_AGAIN;
	}
}

/* One resource record into the library's form; false to leave it out. */
static bool
convert(SPF_dns_rr_t *rr, int at, enum dns_type type, struct str rdata, bool any)
{
	char name[MARK_SIZE + DNS_NAME_SIZE];
	size_t prefix = any ? strlen(any_address()) : 0;
	int preference;
	memcpy(name, any_address(), prefix);
	if (type == DNS_A || type == DNS_AAAA) {
		if (rdata.n != (type == DNS_A ? 4 : 16) ||
			SPF_dns_rr_buf_realloc(rr, at, rdata.n) != SPF_E_SUCCESS)
			return false;
		memcpy(rr->rr[at], any ? (const char *)current->query->ip.octets : rdata.p,
			rdata.n);
		return true;
	}
	int rc = type == DNS_MX ? dns_rdata_mx(rdata, &preference, name + prefix, DNS_NAME_SIZE)
				: dns_rdata_name(rdata, name + prefix, DNS_NAME_SIZE);
	size_t size = strlen(name) + 1;
	if (rc < 0 || size == prefix + 1 ||
		SPF_dns_rr_buf_realloc(rr, at, size) != SPF_E_SUCCESS)
		return false;
	memcpy(type == DNS_MX ? rr->rr[at]->mx : rr->rr[at]->ptr, name, size);
	return true;
}

static SPF_dns_rr_t *
lookup(SPF_dns_server_t *layer, const char *domain, ns_type ns, int should_cache)
{
	struct spf_check *c = current;
	enum dns_type type = (enum dns_type)ns;
	bool usable = type == DNS_A || type == DNS_AAAA || type == DNS_MX || type == DNS_PTR;
	bool any = str_starts(str_of(domain), str_of(any_address()));
	const char *name = domain + (any ? strlen(any_address()) : 0);
	const struct answer *a = usable ? question(c, name, type) : NULL;
	(void)should_cache;
	bool pass_over =
		a && (spf_limits_question(&c->limits, name, type, a) || type == DNS_PTR);
	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(
		layer, domain, ns, 0, a ? host_error(a, pass_over) : TRY_AGAIN);
	if (!rr)
		log_die(EX_TEMPFAIL, "out of memory");
	bool hosts = type == DNS_MX || type == DNS_PTR;
	for (size_t i = 0; a && i < a->n && !(hosts && rr->num_rr == SPF_MAX_HOSTS); i++)
		if (convert(rr, rr->num_rr, type, a->rdata[i], any))
			rr->num_rr++;
	return rr;
}

/* "/0" is more than the library can say: for the client's own address family it
 * matches whatever there is, for the other it never does. */
static bool
write_zero_bits(struct buf *out, const struct spf_term *t, bool four)
{
	if ((t->kind != SPF_IP4 && t->kind != SPF_IP6) || t->net.bits > 0)
		return false;
	if ((t->kind == SPF_IP4) == four)
		buf_addf(out, " %call", t->qualifier);
	return true;
}

static void
write_term(struct buf *out, const struct spf_term *t, bool four)
{
	int bits = four ? t->bits4 : t->bits6;
	if (write_zero_bits(out, t, four))
		return;
	buf_addc(out, ' ');
	buf_addc(out, t->qualifier);
	if (t->kind != SPF_A && t->kind != SPF_MX) {
		buf_adds(out, t->text);
		return;
	}
	buf_addstr(out, t->kind == SPF_A ? "a:" : "mx:");
	if (bits == 0)
		buf_addstr(out, any_address());
	buf_adds(out, t->spec.p ? t->spec : STR("%{d}"));
	if (bits > 0 && bits < (four ? 32 : 128))
		buf_addf(out, four ? "/%d" : "//%d", bits);
}

/* The record for the library: mechanisms in order, then redirect= (which it would
 * follow where it stands), no other modifiers. */
static void
write_record(struct buf *out, const struct spf_record *r, bool four)
{
	bool all = false;
	buf_addstr(out, "v=spf1");
	for (size_t i = 0; i < r->n && !all; i++) {
		write_term(out, &r->terms[i], four);
		all = r->terms[i].kind == SPF_ALL;
	}
	if (!all && r->redirect.p)
		buf_addf(out, " redirect=%.*s", STR_ARG(r->redirect));
}

static SPF_errcode_t
compile(SPF_server_t *server, SPF_response_t *response, struct str txt, SPF_record_t **out)
{
	struct spf_check *c = current;
	struct spf_record *r = xcalloc(1, sizeof(*r));
	struct buf text = {0};
	SPF_errcode_t err = SPF_E_SYNTAX;
	if (spf_record_parse(r, txt, &c->error) == 0) {
		write_record(&text, r, c->query->ip.family == AF_INET);
		err = SPF_record_compile(server, response, out, buf_cstr(&text));
		if (err != SPF_E_SUCCESS)
			c->error = SPF_strerror(err);
	}
	buf_release(&text);
	free(r);
	return err;
}

/* RFC 7208 section 4.5 */
static SPF_errcode_t
select_record(SPF_server_t *server, SPF_response_t *response, const struct answer *a,
	SPF_record_t **out)
{
	struct buf text = {0};
	size_t n = spf_select(a, &text);
	SPF_errcode_t err = SPF_E_NOT_SPF;
	if (n > 1) {
		current->error = "more than one SPF record";
		err = SPF_E_MULTIPLE_RECORDS;
	} else if (n == 1) {
		err = compile(server, response, buf_str(&text), out);
	}
	buf_release(&text);
	return err;
}

static SPF_errcode_t
fetch_record(
	SPF_server_t *server, const char *domain, SPF_response_t *response, SPF_record_t **out)
{
	struct spf_check *c = current;
	*out = NULL;
	struct str name = str_of(domain);
	if (str_ends(name, STR(".")))
		name.n--;
	if (!domain_valid(name))
		return SPF_E_NOT_SPF;
	const struct answer *a = question(c, domain, DNS_TXT);
	if (!a || a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS)
		return SPF_E_DNS_ERROR;
	return select_record(server, response, a, out);
}

/* The library's way to the record of an include or a redirect. */
static SPF_errcode_t
get_spf(SPF_server_t *server, SPF_request_t *request, SPF_response_t *response,
	SPF_record_t **out)
{
	spf_limits_record(&current->limits);
	return fetch_record(server, request->cur_dom, response, out);
}

static SPF_errcode_t
get_exp(SPF_server_t *server, const char *domain, char **buf, size_t *len)
{
	(void)server, (void)domain, (void)buf, (void)len;
	return SPF_E_NOT_SPF;
}

static SPF_server_t *
shared_server(void)
{
	static SPF_dns_server_t layer = {
		.lookup = lookup, .get_spf = get_spf, .get_exp = get_exp, .name = "answers"};
	static SPF_server_t *server;
	if (server)
		return server;
	server = SPF_server_new_dns(&layer, 0);
	if (!server)
		log_die(EX_TEMPFAIL, "cannot start libspf2");
	/* Ours count over the whole check. */
	SPF_server_set_max_dns_mech(server, 1000);
	return server;
}

static SPF_request_t *
make_request(SPF_server_t *server, const struct spf_query *q)
{
	struct in_addr v4;
	struct in6_addr v6;
	SPF_request_t *request = SPF_request_new(server);
	if (!request)
		log_die(EX_TEMPFAIL, "out of memory");
	if (q->ip.family == AF_INET) {
		memcpy(&v4, q->ip.octets, sizeof(v4));
		SPF_request_set_ipv4(request, v4);
	} else {
		memcpy(&v6, q->ip.octets, sizeof(v6));
		SPF_request_set_ipv6(request, v6);
	}
	SPF_request_set_helo_dom(request, q->helo);
	SPF_request_set_env_from(request, q->sender);
	request->cur_dom = request->env_from_dp;
	return request;
}

static enum auth_result
result_of(SPF_errcode_t err, SPF_result_t result)
{
	switch (result) {
	case SPF_RESULT_NEUTRAL:
		return AUTH_NEUTRAL;
	case SPF_RESULT_PASS:
		return AUTH_PASS;
	case SPF_RESULT_FAIL:
		return AUTH_FAIL;
	case SPF_RESULT_SOFTFAIL:
		return AUTH_SOFTFAIL;
	case SPF_RESULT_NONE:
		return AUTH_NONE;
	case SPF_RESULT_TEMPERROR:
		return AUTH_TEMPERROR;
	default:
		return err == SPF_E_DNS_ERROR ? AUTH_TEMPERROR : AUTH_PERMERROR;
	}
}

/* SPF_request_query_mailfrom() would let the loopback addresses pass unasked. */
static enum auth_result
evaluate(struct spf_check *c)
{
	SPF_server_t *server = shared_server();
	SPF_request_t *request = make_request(server, c->query);
	SPF_response_t *response = SPF_response_new(request);
	SPF_record_t *record;
	enum auth_result result = AUTH_NONE;
	SPF_errcode_t err = fetch_record(server, c->query->domain, response, &record);
	if (err == SPF_E_SUCCESS) {
		response->spf_record_exp = record;
		err = SPF_record_interpret(record, request, response, 0);
		result = result_of(err, SPF_response_result(response));
	} else if (err != SPF_E_NOT_SPF) {
		result = err == SPF_E_DNS_ERROR ? AUTH_TEMPERROR : AUTH_PERMERROR;
	}
	if (!c->error && result == AUTH_PERMERROR)
		c->error = SPF_strerror(err);
	if (record)
		SPF_record_free(record);
	SPF_response_free(response);
	SPF_request_free(request);
	return result;
}

static struct spf_check *
start(const struct spf_query *query, struct answers *answers)
{
	struct spf_check *c = xcalloc(1, sizeof(*c));
	c->query = query;
	c->answers = answers;
	return c;
}

static enum step
step(struct spf_check *c, struct spf_outcome *out)
{
	const char *reason = "";
	*c = (struct spf_check){.query = c->query, .answers = c->answers};
	current = c;
	out->result = evaluate(c);
	current = NULL;
	if (c->missing)
		return STEP_WAIT;
	if (c->limits.exceeded) {
		out->result = AUTH_PERMERROR;
		reason = c->limits.exceeded;
	} else if (out->result == AUTH_PERMERROR && c->error) {
		reason = c->error;
	} else if (out->result == AUTH_TEMPERROR) {
		reason = "DNS lookup failed";
	}
	out->lookups = c->limits.terms;
	out->explanation[0] = '\0';
	(void)snprintf(out->reason, sizeof(out->reason), "%s", reason);
	return STEP_DONE;
}

static void
end(struct spf_check *c)
{
	free(c);
}

const struct spf_engine spf_libspf2 = {"libspf2", start, step, end};
