#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "address.h"
#include "dmarc_aggregate.h"
#include "dmarc_xml.h"
#include "gzip.h"
#include "mem.h"
#include "tags.h"

#define VERIFIED_AT_ONCE 200
#define VERIFY_MS 30000
#define ID_OCTETS 12

static void
release(struct dmarc_aggregate *a)
{
	dmarc_rua_release(&a->asked);
	dmarc_rua_release(&a->wanted);
	free(a->domain);
	free(a->record);
	free(a->method);
	free(a);
}

void
dmarc_aggregates_release(struct dmarc_aggregates *all)
{
	for (size_t i = 0; i < all->n; i++)
		release(all->list[i]);
	free(all->list);
	*all = (struct dmarc_aggregates){0};
}

struct finding {
	struct dmarc_aggregates *all;
	const struct dmarc_reporter *reporter;
};

/* The domain becomes part of a file's name. */
static void
on_domain(void *arg, const char *domain, const char *record, const char *method)
{
	struct finding *f = arg;
	struct dmarc_rua rua = {.n = 0};
	struct tags t;
	if (!domain_valid(str_of(domain)) || tags_parse_loosely(&t, str_of(record)) < 0)
		return;
	dmarc_rua_parse(&rua, tags_get(&t, "rua"));
	if (rua.n == 0)
		return;
	struct dmarc_aggregate *a = xcalloc(1, sizeof(*a));
	a->reporter = f->reporter;
	a->domain = xstrdup(domain);
	a->record = xstrdup(record);
	a->method = xstrdup(method);
	a->asked = rua;
	f->all->list = xgrow(f->all->list, &f->all->cap, f->all->n + 1, sizeof(*f->all->list));
	f->all->list[f->all->n++] = a;
}

static void
verify(void *arg)
{
	struct dmarc_aggregate *a = arg;
	bool psl = str_eq(str_of(a->method), STR("psl"));
	if (dmarc_rua_verify(&a->asked, a->domain, psl, a->answers, &a->wanted) == STEP_WAIT)
		return;
	answers_free(a->answers);
	a->answers = NULL;
	--*a->open;
	ev_break(a->reporter->loop, EVBREAK_ONE);
}

static void
verify_all(struct dmarc_aggregates *all, const struct dmarc_reporter *r)
{
	size_t open = 0;
	for (size_t i = 0; i < all->n || open > 0;) {
		while (i < all->n && open < VERIFIED_AT_ONCE) {
			struct dmarc_aggregate *a = all->list[i++];
			a->open = &open;
			a->answers = answers_new(r->dns, VERIFY_MS, verify, a);
			open++;
			verify(a);
		}
		if (open > 0)
			ev_run(r->loop, 0);
	}
}

int
dmarc_aggregates_find(struct dmarc_aggregates *all, const struct dmarc_reporter *r)
{
	struct finding f = {all, r};
	*all = (struct dmarc_aggregates){0};
	if (dmarc_rows_domains(r->db, r->period, on_domain, &f) < 0)
		return -1;
	if (r->dns)
		verify_all(all, r);
	return 0;
}

/* The same for the same report made again, so that it is known as such. */
static char *
make_id(const struct dmarc_reporter *r, const char *domain, int64_t begin, int64_t end)
{
	unsigned char hash[EVP_MAX_MD_SIZE] = {0};
	struct buf b = {0};
	buf_addf(&b, "%s\n%s\n%s\n%" PRId64 "\n%" PRId64, r->email, r->organization, domain,
		begin, end);
	EVP_Digest(b.p, b.n, hash, NULL, EVP_sha256(), NULL);
	buf_reset(&b);
	for (size_t i = 0; i < ID_OCTETS; i++)
		buf_addf(&b, "%02x", hash[i]);
	buf_addf(&b, "@%s", r->submitter);
	char *id = xmemdup0(b.p, b.n);
	buf_release(&b);
	return id;
}

static void
on_row(void *arg, const char *const text[DMARC_COLUMNS], int64_t count)
{
	dmarc_xml_row(arg, text, count);
}

int
dmarc_aggregate_document(
	const struct dmarc_aggregate *a, struct buf *gz, char **file, char **id)
{
	const struct dmarc_reporter *r = a->reporter;
	struct buf xml = {0};
	int64_t begin = r->period.begin_ms / 1000, end = r->period.end_ms / 1000 - 1;
	*id = make_id(r, a->domain, begin, end);
	*file = xasprintf(
		"%s!%s!%" PRId64 "!%" PRId64 ".xml.gz", r->submitter, a->domain, begin, end);
	const struct dmarc_xml_head head = {.organization = r->organization,
		.email = r->email,
		.id = *id,
		.begin = begin,
		.end = end,
		.domain = a->domain,
		.record = a->record,
		.method = a->method};
	dmarc_xml_begin(&xml, &head);
	int rc = dmarc_rows_of(r->db, a->domain, r->period, on_row, &xml);
	dmarc_xml_end(&xml);
	gzip_compress(gz, buf_str(&xml));
	buf_release(&xml);
	return rc;
}
