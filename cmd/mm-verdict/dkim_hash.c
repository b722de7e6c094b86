#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base64.h"
#include "dkim_hash.h"
#include "log.h"
#include "mem.h"
#include "tags.h"

struct body_hash {
	enum dkim_canon canon;
	bool limited, enough;
	uint64_t length;
	unsigned char hash[DKIM_HASH_SIZE];
};

struct dkim_hash {
	const struct message *msg;
	EVP_MD_CTX *md, *chain;
	struct body_hash *bodies;
	size_t nbodies, bodies_cap;
	uint32_t *marks; /* of the fields' names; the same for the same name */
	uint8_t *used;
	const struct header_field **chosen;
	size_t chosen_cap;
	struct buf header;
};

static const EVP_MD *
sha256(void)
{
	static EVP_MD *md;
	if (!md && !(md = EVP_MD_fetch(NULL, "SHA256", NULL)))
		log_die(EX_TEMPFAIL, "OpenSSL has no SHA-256");
	return md;
}

static uint32_t
name_mark(struct str name)
{
	uint32_t mark = 2166136261u;
	for (size_t i = 0; i < name.n; i++)
		mark = (mark ^ (unsigned char)ascii_lower(name.p[i])) * 16777619u;
	return mark;
}

struct dkim_hash *
dkim_hash_new(const struct message *msg)
{
	struct dkim_hash *h = xcalloc(1, sizeof(*h));
	h->msg = msg;
	h->md = EVP_MD_CTX_new();
	if (!h->md)
		log_die(EX_TEMPFAIL, "OpenSSL: out of memory");
	h->marks = xmalloc((msg->nfields + 1) * sizeof(*h->marks));
	h->used = xmalloc(msg->nfields + 1);
	for (size_t i = 0; i < msg->nfields; i++)
		h->marks[i] = name_mark(msg->fields[i].name);
	return h;
}

void
dkim_hash_free(struct dkim_hash *h)
{
	EVP_MD_CTX_free(h->md);
	EVP_MD_CTX_free(h->chain);
	free(h->bodies);
	free(h->marks);
	free(h->used);
	free(h->chosen);
	buf_release(&h->header);
	free(h);
}

static void
hash_start(EVP_MD_CTX *md)
{
	if (EVP_DigestInit_ex2(md, sha256(), NULL) != 1)
		log_die(EX_TEMPFAIL, "OpenSSL: cannot start SHA-256");
}

struct counted {
	EVP_MD_CTX *md;
	uint64_t left; /* octets still to be hashed */
};

static void
hash_piece(void *arg, const char *p, size_t n)
{
	struct counted *c = arg;
	if (n > c->left)
		n = (size_t)c->left;
	c->left -= n;
	(void)EVP_DigestUpdate(c->md, p, n);
}

static const struct body_hash *
body_hash(struct dkim_hash *h, enum dkim_canon canon, bool limited, uint64_t length)
{
	for (size_t i = 0; i < h->nbodies; i++) {
		struct body_hash *b = &h->bodies[i];
		if (b->canon == canon && b->limited == limited && b->length == length)
			return b;
	}
	h->bodies = xgrow(h->bodies, &h->bodies_cap, h->nbodies + 1, sizeof(*h->bodies));
	struct body_hash *b = &h->bodies[h->nbodies++];
	*b = (struct body_hash){.canon = canon, .limited = limited, .length = length};
	struct counted c = {h->md, limited ? length : UINT64_MAX};
	hash_start(h->md);
	dkim_canon_body(canon, h->msg->body, hash_piece, &c);
	(void)EVP_DigestFinal_ex(h->md, b->hash, NULL);
	b->enough = !limited || c.left == 0;
	return b;
}

bool
dkim_hash_body(struct dkim_hash *h, enum dkim_canon c, bool limited, uint64_t length,
	unsigned char out[DKIM_HASH_SIZE])
{
	const struct body_hash *b = body_hash(h, c, limited, limited ? length : 0);
	memcpy(out, b->hash, DKIM_HASH_SIZE);
	return b->enough;
}

static const struct header_field *
choose_one(struct dkim_hash *h, struct str name, const struct header_field *own)
{
	uint32_t mark = name_mark(name);
	for (size_t i = h->msg->nfields; i-- > 0;) {
		const struct header_field *f = &h->msg->fields[i];
		if (h->marks[i] != mark || h->used[i] || f == own || !str_ieq(f->name, name))
			continue;
		h->used[i] = 1;
		return f;
	}
	return NULL;
}

const struct header_field **
dkim_hash_choose(
	struct dkim_hash *h, struct str names, const struct header_field *own, size_t *n)
{
	memset(h->used, 0, h->msg->nfields + 1);
	*n = 0;
	h->chosen = xgrow(h->chosen, &h->chosen_cap, 1, sizeof(*h->chosen));
	while (names.p) {
		struct str name = str_trim(str_cut(&names, ':'));
		const struct header_field *f = choose_one(h, name, own);
		if (!f)
			continue;
		h->chosen = xgrow(h->chosen, &h->chosen_cap, *n + 1, sizeof(*h->chosen));
		h->chosen[(*n)++] = f;
	}
	return h->chosen;
}

/* Section 3.5, b=: the value with all white space around it counts as empty. */
static void
add_own(struct buf *out, enum dkim_canon c, const struct header_field *own)
{
	struct buf cut = {0};
	struct str whole = own->whole, value = tag_raw_value(own->value, "b");
	size_t before = value.p ? (size_t)(value.p - whole.p) : whole.n;
	buf_add(&cut, whole.p, before);
	if (value.p)
		buf_adds(&cut, str_skip(whole, before + value.n));
	dkim_canon_field(out, c, buf_str(&cut));
	out->n -= 2; /* section 3.7: the last field has no line end */
	buf_release(&cut);
}

void
dkim_hash_fields(struct dkim_hash *h, enum dkim_canon c,
	const struct header_field *const *fields, size_t n, const struct header_field *own,
	unsigned char out[DKIM_HASH_SIZE])
{
	buf_reset(&h->header);
	for (size_t i = 0; i < n; i++)
		dkim_canon_field(&h->header, c, fields[i]->whole);
	add_own(&h->header, c, own);
	hash_start(h->md);
	(void)EVP_DigestUpdate(h->md, h->header.p, h->header.n);
	(void)EVP_DigestFinal_ex(h->md, out, NULL);
}

void
dkim_hash_begin(struct dkim_hash *h)
{
	if (!h->chain && !(h->chain = EVP_MD_CTX_new()))
		log_die(EX_TEMPFAIL, "OpenSSL: out of memory");
	hash_start(h->chain);
}

void
dkim_hash_add(struct dkim_hash *h, const struct header_field *f)
{
	buf_reset(&h->header);
	dkim_canon_field(&h->header, DKIM_RELAXED, f->whole);
	(void)EVP_DigestUpdate(h->chain, h->header.p, h->header.n);
}

void
dkim_hash_chain(
	struct dkim_hash *h, const struct header_field *own, unsigned char out[DKIM_HASH_SIZE])
{
	buf_reset(&h->header);
	add_own(&h->header, DKIM_RELAXED, own);
	if (EVP_MD_CTX_copy_ex(h->md, h->chain) != 1)
		log_die(EX_TEMPFAIL, "OpenSSL: out of memory");
	(void)EVP_DigestUpdate(h->md, h->header.p, h->header.n);
	(void)EVP_DigestFinal_ex(h->md, out, NULL);
}

enum dkim_outcome
dkim_hash_verify(struct dkim_hash *h, const struct dkim_signature *s, struct dkim_pkey *key)
{
	unsigned char hash[DKIM_HASH_SIZE];
	size_t n;
	if (!dkim_hash_body(h, s->body_canon, s->limited, s->length, hash))
		return DKIM_SHORT_BODY;
	if (!str_eq(buf_str(&s->body_hash), str_n((const char *)hash, sizeof(hash))))
		return DKIM_BAD_BODY;
	const struct header_field **fields =
		dkim_hash_choose(h, s->signed_fields, s->field, &n);
	dkim_hash_fields(h, s->header_canon, fields, n, s->field, hash);
	return dkim_pkey_verifies(key, hash, buf_str(&s->signature)) ? DKIM_GOOD
								     : DKIM_BAD_HEADER;
}

const char *
dkim_outcome_text(enum dkim_outcome outcome)
{
	static const char *const texts[] = {
		[DKIM_GOOD] = "",
		[DKIM_BAD_BODY] = "body hash did not verify",
		[DKIM_SHORT_BODY] = "body is shorter than l=",
		[DKIM_BAD_HEADER] = "signature did not verify",
	};
	return texts[outcome];
}
