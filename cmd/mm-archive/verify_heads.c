#include <string.h>
#include <unistd.h>

#include "head_line.h"
#include "log.h"
#include "verify_chain.h"

/* 1: there is a key to check by.  0: none.  -1: it cannot be read. */
static int
find_key(const struct chain_check *c, struct seal_key *k)
{
	const char *own = c->archive->seal_key_file;
	*k = (struct seal_key){0};
	if (c->o->public_key)
		return seal_key_read_public(k, c->o->public_key) < 0 ? -1 : 1;
	if (!own || access(own, R_OK) < 0)
		return 0;
	return seal_key_read_private(k, own) < 0 ? -1 : 1;
}

static bool
is_signed(const struct seal_key *k, const char *archive, int64_t ms, uint64_t n,
	const struct hash_text *h, struct str signature)
{
	struct buf text = {0};
	head_signed_text(&text, archive, ms, n, h);
	bool good = seal_key_verify(k, buf_str(&text), signature);
	buf_release(&text);
	return good;
}

static void
check_head(struct chain_check *c, const struct chain_head *h, const struct seal_key *k)
{
	if (is_signed(k, h->archive, h->time, h->line - 1, &h->previous, str_of(h->signature)))
		return;
	log_error("%s:%llu: the signature is not that of the key %s", c->chain.path,
		(unsigned long long)h->line, k->id);
	c->problems++;
}

/* Every head that is by the key; there has to be one. */
static void
check_heads(struct chain_check *c, const struct seal_key *k)
{
	const struct chain_state *s = &c->chain.state;
	size_t others = 0;
	uint64_t last = 0;
	for (size_t i = 0; i < s->nheads; i++) {
		const struct chain_head *h = &s->heads[i];
		if (strcmp(h->key, k->id) == 0) {
			check_head(c, h, k);
			last = h->line;
		} else {
			others++;
		}
		if (strcmp(h->archive, c->archive->name) != 0)
			log_warn("%s:%llu: this was signed for archive %s", c->chain.path,
				(unsigned long long)h->line, h->archive);
	}
	if (others)
		log_warn("%s: %zu heads were not checked: they are by other keys than %s",
			c->chain.path, others, k->id);
	if (!last) {
		log_error("%s: no head is by the key %s", c->chain.path, k->id);
		c->problems++;
	} else if (last && last < s->n)
		log_warn("%s: the lines from %llu on are not signed by the key %s",
			c->chain.path, (unsigned long long)last + 1, k->id);
}

static void
check_signature(struct chain_check *c, const struct head_line *l, const struct seal_key *k)
{
	char archive[65];
	(void)str_copy(l->archive, archive, sizeof(archive));
	if (!str_eq(l->key, str_of(k->id)))
		log_error("--head: it was signed by the key %.*s, not by %s", STR_ARG(l->key),
			k->id);
	else if (!is_signed(k, archive, l->ms, l->n, &l->hash, l->signature))
		log_error("--head: the signature is not that of the key %s", k->id);
	else
		return;
	c->problems++;
}

/* Up to the line that was kept, nothing was altered since. */
static void
check_kept(struct chain_check *c, const struct seal_key *k)
{
	const struct chain_state *s = &c->chain.state;
	struct head_line l;
	const char *why;
	if (head_line_parse(&l, str_of(c->o->head), &why) < 0) {
		log_error("--head: %s", why);
		c->problems++;
		return;
	}
	if (l.n > s->n) {
		log_error("--head: the chain was signed up to line %llu, and now ends at line "
			  "%llu",
			(unsigned long long)l.n, (unsigned long long)s->n);
		c->problems++;
	} else if (!hash_text_eq(&s->hashes[l.n - 1], &l.hash)) {
		log_error("--head: line %llu of the chain is another than that which was "
			  "signed",
			(unsigned long long)l.n);
		c->problems++;
	}
	if (k->key)
		check_signature(c, &l, k);
	else
		log_warn("--head: the signature was not checked: --public-key");
}

void
verify_heads(struct chain_check *c)
{
	struct seal_key k;
	int rc = find_key(c, &k);
	if (rc < 0)
		c->problems++;
	else if (rc > 0)
		check_heads(c, &k);
	else if (c->archive->seal_key_file && c->chain.state.nheads == 0) {
		log_error("%s: nothing of it is signed, and the archive's document says Seal",
			c->chain.path);
		c->problems++;
	} else if (c->chain.state.nheads)
		log_warn("%s: %zu heads were not checked: --public-key", c->chain.path,
			c->chain.state.nheads);
	if (c->o->head)
		check_kept(c, &k);
	seal_key_release(&k);
}
