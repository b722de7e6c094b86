/* references.h: what conditions of a policy or rule set refer to in a site:
 * its settings, address lists and add-ons.  Lives longer than the conditions. */
#ifndef MM_REFERENCES_H
#define MM_REFERENCES_H

#include "addrlist.h"
#include "json.h"

enum verdict {
	VERDICT_PASS = 1,
	VERDICT_FAIL = 2,
	VERDICT_GRAY = 4,
	VERDICT_PROCESSING_FAILED = 8,
};

/* Settings of site.json that conditions heed; defaults in mm-site(5). */
struct match_settings {
	bool case_sensitive;
	bool address_header_text;
	enum verdict spf_softfail, spf_neutral, spf_permerror;
};

struct references {
	char *dir;
	bool lenient;       /* references that the site does not resolve are warnings */
	bool envelope_only; /* there is no message: a list's SENDER is the reverse-path */
	struct match_settings settings;
	struct addrlist **lists;
	size_t nlists, cap_lists;
	char **headers; /* names asked for; facts.h numbers them so */
	size_t nheaders, cap_headers;
	int64_t checked_ms;
};

/* 0, or -1 with problems added; refs is then released. */
int references_open(
	struct references *refs, const char *dir, bool lenient, struct problems *ps);
void references_release(struct references *refs);

/* Rereads address lists whose files have changed; at most once a second, so it
 * may be called for every message.  A list that became bad stays as it was, and
 * the log says so. */
void references_refresh(struct references *refs);

/* The list that a reference names, read once.  NULL with a problem at `at`. */
struct addrlist *references_list(struct references *refs, const struct json_doc *doc,
	const struct json_at *at, struct str reference, struct problems *ps);

/* NAME of the `analysis:` fields of an add-on: member Analyzer of its file in
 * addons/, else the reference's last segment.  Caller frees. */
char *references_analyzer(struct references *refs, struct str reference, struct problems *ps);

/* The number of a header field's name for facts_texts(). */
size_t references_header(struct references *refs, const char *name);

const char *verdict_word(enum verdict v);               /* "PASS" */
bool verdict_parse(struct str word, enum verdict *out); /* exact */

#endif
