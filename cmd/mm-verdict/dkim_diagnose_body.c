#include <openssl/evp.h>
#include <stdio.h>
#include <sysexits.h>

#include "base64.h"
#include "body_changes.h"
#include "dkim_diagnose.h"
#include "log.h"

#define MAX_BODY (32u << 20) /* of larger ones only the ends are looked at */
#define MAX_LINES 2000       /* that may have been added at the end */

static void
add_piece(void *arg, const char *p, size_t n)
{
	(void)EVP_DigestUpdate(arg, p, n);
}

static bool
hash_matches(EVP_MD_CTX *md, const struct dkim_signature *s)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	return EVP_DigestFinal_ex(md, hash, &n) == 1 &&
	       str_eq(buf_str(&s->body_hash), str_n((const char *)hash, n));
}

static bool
body_matches(EVP_MD_CTX *md, const struct dkim_signature *s, enum dkim_canon c, struct str body)
{
	(void)EVP_DigestInit_ex(md, EVP_sha256(), NULL);
	dkim_canon_body(c, body, add_piece, md);
	return hash_matches(md, s);
}

/* Where the last MAX_LINES lines begin. */
static size_t
last_lines(struct str body)
{
	size_t at = body.n, lines = 0;
	while (at > 0) {
		const char *lf = at > 1 ? memrchr(body.p, '\n', at - 1) : NULL;
		at = lf ? (size_t)(lf - body.p) + 1 : 0;
		if (++lines > MAX_LINES)
			break;
	}
	return at;
}

/* Hashes the body once, looking at the hash after each of its last lines.  A prefix
 * that ends in empty lines has the hash of the one before them. */
static bool
find_prefix(EVP_MD_CTX *md, EVP_MD_CTX *copy, const struct dkim_signature *s, struct str body,
	size_t *end, size_t *line_number)
{
	size_t from = last_lines(body), pending = 0, number = 0;
	struct buf line = {0};
	struct str rest = body;
	bool found = false;
	(void)EVP_DigestInit_ex(md, EVP_sha256(), NULL);
	while (rest.n && !found) {
		const char *start = rest.p;
		struct str one = str_cut(&rest, '\n');
		one.n -= one.n && one.p[one.n - 1] == '\r';
		number++;
		buf_reset(&line);
		dkim_canon_line(&line, s->body_canon, one);
		if (s->body_canon == DKIM_RELAXED && line.n == 1 && line.p[0] == ' ')
			line.n = 0;
		pending += line.n == 0;
		if (line.n == 0)
			continue;
		for (; pending; pending--)
			(void)EVP_DigestUpdate(md, "\r\n", 2);
		(void)EVP_DigestUpdate(md, line.p, line.n);
		(void)EVP_DigestUpdate(md, "\r\n", 2);
		if ((size_t)(start - body.p) < from || EVP_MD_CTX_copy_ex(copy, md) != 1)
			continue;
		found = hash_matches(copy, s);
		*end = rest.p ? (size_t)(rest.p - body.p) : body.n;
		*line_number = number;
	}
	buf_release(&line);
	return found;
}

/* What follows the octets that were signed, which end with this line. */
static void
describe_footer(struct dkim_diagnosis *d, struct str body, size_t end, size_t line)
{
	struct str rest = str_skip(body, end), first = STR("");
	size_t lines = 0;
	while (rest.n && first.n == 0) {
		first = str_trim(str_cut(&rest, '\n'));
		line++;
	}
	for (lines = 1; rest.n; lines++)
		(void)str_cut(&rest, '\n');
	first.n = first.n > 60 ? 60 : first.n;
	(void)snprintf(d->because, sizeof(d->because),
		"%zu line%s added at the end of the body, from line %zu: \"%.*s\"", lines,
		lines == 1 ? " was" : "s were", line, STR_ARG(first));
	d->fix = "let the list add no footer, or seal by ARC what it sends on";
}

static bool
footer(struct dkim_diagnosis *d, EVP_MD_CTX *md, const struct dkim_signature *s,
	struct str body)
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	size_t end = 0, line = 0;
	bool found = copy && find_prefix(md, copy, s, body, &end, &line);
	if (found)
		describe_footer(d, body, end, line);
	EVP_MD_CTX_free(copy);
	return found;
}

static bool
white_space(struct dkim_diagnosis *d, EVP_MD_CTX *md, const struct dkim_signature *s,
	struct str body)
{
	if (s->body_canon == DKIM_RELAXED || !body_matches(md, s, DKIM_RELAXED, body))
		return false;
	(void)snprintf(d->because, sizeof(d->because),
		"white space in the body was changed, which c=simple does not allow");
	d->fix = "sign with c=relaxed/relaxed";
	return true;
}

static bool
other_changes(struct dkim_diagnosis *d, EVP_MD_CTX *md, const struct dkim_signature *s,
	const struct message *msg)
{
	const struct body_change *c;
	struct buf before = {0};
	bool found = false;
	for (c = body_changes; c->undo && !found; c++) {
		buf_reset(&before);
		found = c->undo(msg, &before) &&
			body_matches(md, s, s->body_canon, buf_str(&before));
		if (found) {
			(void)snprintf(d->because, sizeof(d->because), "%s", c->what);
			d->fix = c->fix;
		}
	}
	buf_release(&before);
	return found;
}

bool
dkim_diagnose_body(
	struct dkim_diagnosis *d, const struct message *msg, const struct dkim_signature *s)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	if (!md)
		log_die(EX_TEMPFAIL, "OpenSSL: out of memory");
	bool found = !s->limited &&
		     (white_space(d, md, s, msg->body) || footer(d, md, s, msg->body) ||
			     (msg->body.n <= MAX_BODY && other_changes(d, md, s, msg)));
	EVP_MD_CTX_free(md);
	return found;
}
