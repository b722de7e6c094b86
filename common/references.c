#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "mem.h"
#include "references.h"
#include "site.h"

static const struct {
	const char *word;
	enum verdict verdict;
} verdicts[] = {
	{"PASS", VERDICT_PASS},
	{"FAIL", VERDICT_FAIL},
	{"GRAY", VERDICT_GRAY},
	{"PROCESSING_FAILED", VERDICT_PROCESSING_FAILED},
};

const char *
verdict_word(enum verdict v)
{
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (verdicts[i].verdict == v)
			return verdicts[i].word;
	return "";
}

bool
verdict_parse(struct str word, enum verdict *out)
{
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		if (!str_eq(word, str_of(verdicts[i].word)))
			continue;
		*out = verdicts[i].verdict;
		return true;
	}
	return false;
}

static void
read_settings(struct match_settings *s, const json_t *site)
{
	*s = (struct match_settings){
		.case_sensitive = json_is_true(json_object_get(site, "CaseSensitive")),
		.address_header_text = json_is_true(json_object_get(site, "AddressHeaderText")),
		.spf_softfail = VERDICT_GRAY,
		.spf_neutral = VERDICT_GRAY,
		.spf_permerror = VERDICT_PROCESSING_FAILED,
	};
	(void)verdict_parse(json_str(site, "SpfSoftfail"), &s->spf_softfail);
	(void)verdict_parse(json_str(site, "SpfNeutral"), &s->spf_neutral);
	(void)verdict_parse(json_str(site, "SpfPermerror"), &s->spf_permerror);
}

int
references_open(struct references *refs, const char *dir, bool lenient, struct problems *ps)
{
	struct json_doc site;
	*refs = (struct references){.lenient = lenient};
	if (site_settings(&site, dir, ps) < 0)
		return -1;
	refs->dir = xstrdup(dir);
	refs->checked_ms = clock_mono_ms();
	read_settings(&refs->settings, site.root);
	json_doc_release(&site);
	return 0;
}

void
references_release(struct references *refs)
{
	for (size_t i = 0; i < refs->nlists; i++)
		addrlist_free(refs->lists[i]);
	for (size_t i = 0; i < refs->nheaders; i++)
		free(refs->headers[i]);
	free(refs->lists);
	free(refs->headers);
	free(refs->dir);
	*refs = (struct references){0};
}

void
references_refresh(struct references *refs)
{
	int64_t now = clock_mono_ms();
	if (refs->nlists == 0 || now - refs->checked_ms < 1000)
		return;
	refs->checked_ms = now;
	for (size_t i = 0; i < refs->nlists; i++) {
		struct problems ps = {0};
		if (addrlist_refresh(refs->lists[i], &ps) < 0) {
			problems_log(&ps);
			log_error("%s: the list stays as it was before",
				addrlist_path(refs->lists[i]));
		}
		problems_release(&ps);
	}
}

static struct addrlist *
list_at_path(struct references *refs, const char *path, struct problems *ps)
{
	for (size_t i = 0; i < refs->nlists; i++)
		if (strcmp(addrlist_path(refs->lists[i]), path) == 0)
			return refs->lists[i];
	struct addrlist *l = addrlist_load(path, ps);
	if (l) {
		refs->lists = xgrow(refs->lists, &refs->cap_lists, refs->nlists + 1,
			sizeof(struct addrlist *));
		refs->lists[refs->nlists++] = l;
	}
	return l;
}

struct addrlist *
references_list(struct references *refs, const struct json_doc *doc, const struct json_at *at,
	struct str reference, struct problems *ps)
{
	char *path = site_find(refs->dir, SITE_ADDRESS_LIST, reference);
	if (!path) {
		json_problem(ps, doc, at, false,
			refs->lenient ? PROBLEM_WARNING : PROBLEM_ERROR,
			"there is no address list \"%.*s\"; expected the file "
			"%s/address-lists/%.*s",
			STR_ARG(reference), refs->dir, STR_ARG(site_reference_name(reference)));
		return NULL;
	}
	struct addrlist *l = list_at_path(refs, path, ps);
	free(path);
	return l;
}

char *
references_analyzer(struct references *refs, struct str reference, struct problems *ps)
{
	struct json_doc doc;
	char *path = site_find(refs->dir, SITE_ADDON, reference), *name = NULL;
	bool found = path != NULL;
	free(path);
	if (found && site_load(&doc, refs->dir, SITE_ADDON, reference, ps) == 0) {
		struct str own = json_str(doc.root, "Analyzer");
		name = own.p ? str_dup(own) : NULL;
		json_doc_release(&doc);
	}
	return name ? name : str_dup(site_reference_name(reference));
}

size_t
references_header(struct references *refs, const char *name)
{
	for (size_t i = 0; i < refs->nheaders; i++)
		if (str_ieq(str_of(refs->headers[i]), str_of(name)))
			return i;
	refs->headers =
		xgrow(refs->headers, &refs->cap_headers, refs->nheaders + 1, sizeof(char *));
	refs->headers[refs->nheaders] = xstrdup(name);
	return refs->nheaders++;
}
