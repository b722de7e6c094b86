#include <stdlib.h>
#include <unistd.h>

#include "chain.h"
#include "content.h"
#include "log.h"
#include "mem.h"

static void
describe(struct chain_line *l, const struct content *is)
{
	l->messages = is->messages;
	l->entries = is->n;
	l->size = is->size;
	l->content = content_hash(is);
	l->sha256 = is->sha256;
}

static int
append_seal(struct chain *c, const char *path, const struct content *is)
{
	struct chain_line l = {.event = CHAIN_SEAL, .file = path};
	describe(&l, is);
	return chain_append(c, &l);
}

static int
read_content(struct content *is, const struct chain *c, const char *month, const char *file)
{
	char *dir = xasprintf("%s/%s", c->archive->dir, month);
	int rc = content_read(is, dir, file, c->archive->keys);
	free(dir);
	return rc;
}

int
chain_seal(struct chain *c, const char *month, const char *file)
{
	struct content is = {0};
	if (chain_refresh(c) < 0)
		return -1;
	if (c->fd < 0)
		return 0;
	char *path = xasprintf("%s/%s", month, file);
	int rc = read_content(&is, c, month, file);
	if (rc == 0)
		rc = append_seal(c, path, &is);
	content_release(&is);
	free(path);
	return rc;
}

int
chain_seal_index(struct chain *c, const char *month)
{
	char *path = xasprintf("%s/%s", month, ARCHIVE_INDEX);
	char *full = xasprintf("%s/%s", c->archive->dir, path);
	struct chain_line l = {.event = CHAIN_INDEX, .file = path};
	int rc = chain_refresh(c);
	const struct chain_file *known = chain_state_live(&c->state, path);
	if (rc == 0 && c->fd >= 0) {
		rc = hash_text_of_file(full, &l.sha256, &l.size);
		if (rc == 0 && (!known || !hash_text_eq(&known->sha256, &l.sha256)))
			rc = chain_append(c, &l);
	}
	free(full);
	free(path);
	return rc;
}

/* Of what is to go, nothing may have changed since it was closed. */
static int
compare(const struct chain *c, struct chain_line *l, const struct chain_file *known,
	const struct content *was, const struct content *is)
{
	struct hash_text content = content_hash(was);
	if (!hash_text_eq(&content, &known->content)) {
		log_error("%s/%s: it does not hold what line %llu of the chain says; it is "
			  "left as it is",
			c->archive->dir, l->file, (unsigned long long)known->line);
		return -1;
	}
	if (content_removed(was, is, &l->removed, &l->nremoved) == 0)
		return 0;
	log_error("%s/%s: it holds what %s does not", c->archive->dir, l->into, l->file);
	return -1;
}

static const char **
hash_ids(const struct chain_replacement *r, struct hash_text **hashes)
{
	const char **list = xcalloc(r->nids + 1, sizeof(*list));
	*hashes = xcalloc(r->nids + 1, sizeof(**hashes));
	for (size_t i = 0; i < r->nids; i++) {
		(*hashes)[i] = hash_text_of(r->ids[i]);
		list[i] = (*hashes)[i].s;
	}
	return list;
}

static int
append_replacement(struct chain *c, const struct chain_replacement *r, const char *path,
	const char *into, const struct content *is)
{
	struct chain_line l = {
		.event = r->event, .file = path, .into = into, .because = r->because};
	struct content was = {0};
	struct hash_text *hashes = NULL;
	int rc = read_content(&was, c, r->month, r->file);
	if (rc == 0)
		rc = compare(c, &l, chain_state_live(&c->state, path), &was, is);
	if (rc == 0) {
		if (r->event == CHAIN_FORGET) {
			l.ids = hash_ids(r, &hashes);
			l.nids = r->nids;
		}
		if (into)
			describe(&l, is);
		rc = chain_append(c, &l);
	}
	content_release(&was);
	free(l.removed);
	free(l.ids);
	free(hashes);
	return rc;
}

/* Is the file that one took the place of there, and as it was? */
static bool
can_undo(const struct chain *c, const struct chain_file *f)
{
	const struct chain_file *from = chain_state_undoable(&c->state, f);
	struct hash_text is;
	uint64_t size;
	if (!from)
		return false;
	char *full = xasprintf("%s/%s", c->archive->dir, from->path);
	bool can = access(full, F_OK) == 0 && hash_text_of_file(full, &is, &size) == 0 &&
		   size == from->size && hash_text_eq(&is, &from->sha256);
	free(full);
	return can;
}

static int
append_removal(struct chain *c, const struct chain_replacement *r, const char *path)
{
	const struct content none = {0};
	struct chain_line l = {.event = r->event, .file = path};
	if (r->event == CHAIN_RECUT && can_undo(c, chain_state_live(&c->state, path)))
		return chain_append(c, &l);
	return append_replacement(c, r, path, NULL, &none);
}

int
chain_replace(struct chain *c, const struct chain_replacement *r)
{
	struct content is = {0};
	int rc = 0;
	if (chain_refresh(c) < 0)
		return -1;
	if (c->fd < 0)
		return 0;
	char *path = xasprintf("%s/%s", r->month, r->file);
	char *into = r->into ? xasprintf("%s/%s", r->month, r->into) : NULL;
	if (into)
		rc = read_content(&is, c, r->month, r->into);
	if (rc == 0 && chain_state_live(&c->state, path))
		rc = into ? append_replacement(c, r, path, into, &is)
			  : append_removal(c, r, path);
	else if (rc == 0 && into)
		rc = append_seal(c, into, &is);
	content_release(&is);
	free(into);
	free(path);
	return rc;
}

int
chain_prune(struct chain *c, const char *month, const char *file)
{
	if (chain_refresh(c) < 0)
		return -1;
	if (c->fd < 0)
		return 0;
	char *path = file ? xasprintf("%s/%s", month, file) : xstrdup(month);
	struct chain_line l = {.event = CHAIN_PRUNE, .file = path};
	int rc = 0;
	if (chain_state_has(&c->state, path))
		rc = chain_append(c, &l);
	free(path);
	return rc;
}
