#include <stdlib.h>

#include "mem.h"
#include "trust_dates.h"
#include "x509_text.h"

static void
add(struct trust_dates *t, struct trust_date d)
{
	t->list = xrealloc(t->list, (t->n + 1) * sizeof(*t->list));
	t->list[t->n++] = d;
}

void
trust_dates_add(struct trust_dates *t, const STACK_OF(X509_INFO) * parsed)
{
	for (int i = 0; parsed && i < sk_X509_INFO_num(parsed); i++) {
		const X509_INFO *one = sk_X509_INFO_value(parsed, i);
		if (one->x509)
			add(t, (struct trust_date){
				       .name = x509_name_text(X509_get_subject_name(one->x509)),
				       .from_ms = x509_time_ms(
					       X509_get0_notBefore(one->x509), INT64_MAX),
				       .until_ms = x509_time_ms(
					       X509_get0_notAfter(one->x509), INT64_MIN)});
		if (one->crl)
			add(t, (struct trust_date){
				       .name = x509_name_text(X509_CRL_get_issuer(one->crl)),
				       .crl = true,
				       .from_ms = x509_time_ms(
					       X509_CRL_get0_lastUpdate(one->crl), INT64_MAX),
				       .until_ms = x509_time_ms(
					       X509_CRL_get0_nextUpdate(one->crl), INT64_MAX)});
	}
}

void
trust_dates_release(struct trust_dates *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->list[i].name);
	free(t->list);
	*t = (struct trust_dates){0};
}

bool
trust_date_doubtful(const struct trust_date *d, int64_t now_ms)
{
	return d->from_ms > now_ms || d->until_ms < now_ms + TRUST_NEAR_MS;
}

static void
on_context_free(void *parent, void *data, CRYPTO_EX_DATA *ad, int index, long l, void *p)
{
	struct trust_dates *t = data;
	(void)parent, (void)ad, (void)index, (void)l, (void)p;
	if (t)
		trust_dates_release(t);
	free(t);
}

static int
slot(void)
{
	static int index = -1;
	if (index < 0)
		index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, on_context_free);
	return index;
}

int
trust_dates_attach(SSL_CTX *ctx, struct trust_dates *t)
{
	struct trust_dates *copy = xcalloc(1, sizeof(*copy));
	*copy = *t;
	*t = (struct trust_dates){0};
	if (slot() >= 0 && SSL_CTX_set_ex_data(ctx, slot(), copy) == 1)
		return 0;
	trust_dates_release(copy);
	free(copy);
	return -1;
}

const struct trust_dates *
trust_dates_of(const SSL_CTX *ctx)
{
	return ctx && slot() >= 0 ? SSL_CTX_get_ex_data(ctx, slot()) : NULL;
}
