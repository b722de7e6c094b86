#include <string.h>

#include "chain.h"
#include "head_line.h"
#include "log.h"

struct signing {
	const struct seal_key *key;
	struct buf signature;
};

static int
fill_head(void *arg, const struct chain *c, struct chain_line *l)
{
	struct signing *s = arg;
	const struct chain_state *is = &c->state;
	struct buf text = {0};
	const struct chain_head *last = is->nheads ? &is->heads[is->nheads - 1] : NULL;
	if (is->n == 0 || (last && last->line == is->n && strcmp(last->key, l->key) == 0))
		return 0;
	head_signed_text(&text, l->archive, l->time, is->n, &is->last);
	int rc = seal_key_sign(s->key, buf_str(&text), &s->signature);
	buf_addc(&s->signature, '\0');
	l->signature = s->signature.p;
	buf_release(&text);
	return rc < 0 ? -1 : 1;
}

int
chain_sign(struct chain *c, const struct seal_key *key)
{
	struct signing s = {.key = key};
	if (chain_refresh(c) < 0)
		return -1;
	if (c->fd < 0)
		return 0;
	if (!mail_archive_name_valid(str_of(c->archive->name))) {
		log_error("%s: \"%s\" is no name of an archive, so nothing is signed", c->path,
			c->archive->name);
		return -1;
	}
	struct chain_line l = {
		.event = CHAIN_HEAD, .archive = c->archive->name, .key = key->id};
	int rc = chain_append_filled(c, &l, fill_head, &s);
	buf_release(&s.signature);
	return rc;
}
