#include <stdlib.h>

#include "content.h"
#include "log.h"
#include "mem.h"
#include "verify_chain.h"

/* A message that a recut left out, by its hash. */
struct left_out {
	unsigned char digest[32];
	uint64_t line;
	char month[8];
	bool found;
	UT_hash_handle hh;
};

static void
add(struct chain_check *c, const struct chain_gone *g)
{
	struct left_out *l = xcalloc(1, sizeof(*l)), *known;
	l->line = g->line;
	memcpy(l->month, g->month, sizeof(l->month));
	hash_text_digest(&g->entry, l->digest);
	HASH_FIND(hh, c->left_out, l->digest, sizeof(l->digest), known);
	if (known)
		free(l);
	else
		HASH_ADD(hh, c->left_out, digest, sizeof(l->digest), l);
}

static void
found(struct chain_check *c, const unsigned char digest[32])
{
	struct left_out *l;
	HASH_FIND(hh, c->left_out, digest, 32, l);
	if (l)
		l->found = true;
}

void
verify_left_out_begin(struct chain_check *c)
{
	const struct chain_state *s = &c->chain.state;
	for (size_t i = 0; i < s->nmessages; i++)
		if (s->messages[i].event == CHAIN_RECUT)
			add(c, &s->messages[i]);
	for (size_t i = 0; i < s->nmessages; i++) {
		unsigned char digest[32];
		hash_text_digest(&s->messages[i].entry, digest);
		if (s->messages[i].event == CHAIN_FORGET)
			found(c, digest);
	}
}

void
verify_left_out_seen(struct chain_check *c, const struct content *in)
{
	for (size_t i = 0; c->left_out && i < in->n; i++)
		if (in->entries[i].message)
			found(c, in->entries[i].digest);
}

/* The other copy may be in a file that is not sealed yet. */
static void
look_elsewhere(struct chain_check *c, const char *month)
{
	char *dir = xasprintf("%s/%s", c->archive->dir, month), **tars = NULL;
	size_t n = 0;
	(void)mail_archive_tars(dir, &tars, &n);
	for (size_t i = 0; i < n; i++) {
		char *key = xasprintf("%s/%s", month, tars[i]);
		struct content is = {0};
		if (!chain_state_live(&c->chain.state, key) &&
			content_read(&is, dir, tars[i], c->archive->keys) == 0)
			verify_left_out_seen(c, &is);
		content_release(&is);
		free(key);
		free(tars[i]);
	}
	free(tars);
	free(dir);
}

/* Or it has expired. */
static bool
may_have_expired(const struct chain_check *c, const struct left_out *l)
{
	const struct chain_file *f, *of;
	for (f = c->chain.state.files; f; f = f->hh.next)
		for (of = f; of; of = of->older)
			if (of->gone_by == CHAIN_PRUNE && of->gone > l->line &&
				strncmp(of->path, l->month, 7) == 0)
				return true;
	return false;
}

void
verify_left_out_end(struct chain_check *c)
{
	struct left_out *l, *next;
	HASH_ITER (hh, c->left_out, l, next)
		if (!l->found)
			look_elsewhere(c, l->month);
	l = c->left_out;
	HASH_CLEAR(hh, c->left_out);
	for (; l; l = next) {
		next = l->hh.next;
		if (!l->found && !may_have_expired(c, l)) {
			log_error("%s:%llu: a message that is left out here is nowhere in %s",
				c->chain.path, (unsigned long long)l->line, l->month);
			c->problems++;
		}
		free(l);
	}
}
