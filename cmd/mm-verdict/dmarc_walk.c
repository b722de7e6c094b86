#include <stdio.h>

#include "dmarc_walk.h"

static size_t
count_labels(const char *domain)
{
	size_t n = *domain != '\0';
	for (; *domain; domain++)
		n += *domain == '.';
	return n;
}

static const char *
parent(const char *domain)
{
	const char *dot = strchr(domain, '.');
	return dot ? dot + 1 : "";
}

int
dmarc_fetch(struct answers *answers, const char *domain, struct dmarc_record *out)
{
	char name[DNS_NAME_SIZE + 8];
	(void)snprintf(name, sizeof(name), "_dmarc.%s", domain);
	const struct answer *a = answers_get(answers, name, DNS_TXT);
	if (!a)
		return -1;
	if (a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS)
		return -2;
	return dmarc_record_select(out, a);
}

/* Section 4.10.2 */
static const char *
organization(const struct dmarc_walk *w, const char *start)
{
	for (size_t i = 0; i < w->n; i++) {
		const char *domain = w->found[i].domain;
		if (w->found[i].record.psd == 'n')
			return domain;
		if (w->found[i].record.psd == 'y' && domain != start) {
			while (parent(start) != domain)
				start = parent(start);
			return start;
		}
	}
	return w->n ? w->found[w->n - 1].domain : start;
}

enum walk_step
dmarc_walk(struct dmarc_walk *w, struct answers *answers, const char *domain)
{
	const char *target = domain;
	struct dmarc_record record;
	w->n = 0;
	w->organization = domain;
	for (int i = 0; i < DMARC_MAX_QUERIES && *target; i++) {
		int got = dmarc_fetch(answers, target, &record);
		if (got < 0)
			return got == -1 ? WALK_WAIT : WALK_TEMPERROR;
		if (got) {
			w->found[w->n].domain = target;
			w->found[w->n++].record = record;
			if (record.psd != 'u')
				break;
		}
		do
			target = parent(target);
		while (count_labels(target) >= DMARC_MAX_QUERIES);
	}
	w->organization = organization(w, domain);
	return WALK_DONE;
}
