#include <stdlib.h>

#include "chain_state.h"
#include "mem.h"

void
chain_state_init(struct chain_state *s)
{
	*s = (struct chain_state){.last = {CHAIN_START}};
}

static void
free_file(struct chain_file *f)
{
	while (f) {
		struct chain_file *older = f->older;
		free(f->path);
		free(f);
		f = older;
	}
}

void
chain_state_release(struct chain_state *s)
{
	struct chain_file *f, *next;
	HASH_ITER (hh, s->files, f, next) {
		HASH_DEL(s->files, f);
		free_file(f);
	}
	for (size_t i = 0; i < s->nheads; i++) {
		free(s->heads[i].archive);
		free(s->heads[i].key);
		free(s->heads[i].signature);
	}
	free(s->heads);
	free(s->hashes);
	for (size_t i = 0; i < s->nlosses; i++)
		free(s->losses[i].removed);
	free(s->losses);
	chain_state_init(s);
}

struct chain_file *
chain_state_find(const struct chain_state *s, const char *path)
{
	struct chain_file *f;
	HASH_FIND_STR(s->files, path, f);
	return f;
}

struct chain_file *
chain_state_live(const struct chain_state *s, const char *path)
{
	struct chain_file *f = chain_state_find(s, path);
	return f && !f->gone ? f : NULL;
}

static struct chain_file *
add_file(struct chain_state *s, const char *path, const struct chain_line *l)
{
	struct chain_file *f = xcalloc(1, sizeof(*f)), *older;
	f->path = xstrdup(path);
	f->line = l->n;
	f->messages = l->messages;
	f->entries = l->entries;
	f->size = l->size;
	f->content = l->content;
	f->sha256 = l->sha256;
	older = chain_state_find(s, path);
	if (older)
		HASH_DEL(s->files, older);
	f->older = older;
	HASH_ADD_KEYPTR(hh, s->files, f->path, strlen(f->path), f);
	return f;
}

static const struct chain_loss *
add_loss(struct chain_state *s, const struct chain_line *l, const struct chain_file *of)
{
	s->losses = xgrow(s->losses, &s->losses_cap, s->nlosses + 1, sizeof(*s->losses));
	struct chain_loss *loss = &s->losses[s->nlosses++];
	*loss = (struct chain_loss){
		.line = l->n, .event = l->event, .of = of, .n = l->nremoved};
	loss->removed = xcalloc(l->nremoved + 1, sizeof(*loss->removed));
	if (l->nremoved)
		memcpy(loss->removed, l->removed, l->nremoved * sizeof(*loss->removed));
	return loss;
}

uint64_t
chain_file_origin(const struct chain_file *f)
{
	while (f->from)
		f = f->from;
	return f->line;
}

static void
end_file(struct chain_file *f, const struct chain_line *l)
{
	f->gone = l->n;
	f->gone_by = l->event;
}

struct chain_file *
chain_state_undoable(const struct chain_state *s, const struct chain_file *f)
{
	struct chain_file *from = f->from;
	return from && from->gone == f->line && chain_state_find(s, from->path) == from ? from
											: NULL;
}

/* What the file lacked of the other is where it was. */
static const char *
undo(struct chain_state *s, struct chain_file *f, const struct chain_line *l)
{
	struct chain_file *from = chain_state_undoable(s, f);
	if (!from)
		return "expected Removed, or a File whose place the one before it can have "
		       "back";
	end_file(f, l);
	from->gone = 0;
	for (size_t i = 0; i < s->nlosses; i++)
		s->losses[i].undone = s->losses[i].undone || s->losses[i].line == f->line;
	return NULL;
}

static const char *
replace(struct chain_state *s, const struct chain_line *l)
{
	struct chain_file *old = chain_state_live(s, l->file);
	if (!old)
		return "expected File to be one that is closed";
	if (chain_line_undoes(l))
		return undo(s, old, l);
	if (l->into && chain_state_live(s, l->into))
		return "expected Into to be a new file";
	if (l->into ? l->entries + l->nremoved != old->entries : l->nremoved != old->entries)
		return "expected Removed to tell of each entry that is not there any more";
	end_file(old, l);
	const struct chain_loss *loss = add_loss(s, l, old);
	if (!l->into)
		return NULL;
	struct chain_file *f = add_file(s, l->into, l);
	f->from = old;
	f->nremoved = loss->n;
	f->removed = loss->removed;
	return NULL;
}

static bool
is_within(const char *path, const char *file_or_month)
{
	size_t n = strlen(file_or_month);
	return strncmp(path, file_or_month, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

bool
chain_state_has(const struct chain_state *s, const char *file_or_month)
{
	struct chain_file *f, *next;
	HASH_ITER (hh, s->files, f, next)
		if (!f->gone && is_within(f->path, file_or_month))
			return true;
	return false;
}

static const char *
prune(struct chain_state *s, const struct chain_line *l)
{
	struct chain_file *f, *next;
	if (!chain_state_has(s, l->file))
		return "expected File to be one that is closed, or a month of one";
	HASH_ITER (hh, s->files, f, next)
		if (!f->gone && is_within(f->path, l->file))
			end_file(f, l);
	return NULL;
}

static const char *
add_head(struct chain_state *s, const struct chain_line *l)
{
	s->heads = xgrow(s->heads, &s->heads_cap, s->nheads + 1, sizeof(*s->heads));
	s->heads[s->nheads++] = (struct chain_head){.line = l->n,
		.time = l->time,
		.archive = xstrdup(l->archive),
		.key = xstrdup(l->key),
		.signature = xstrdup(l->signature),
		.previous = l->previous};
	return NULL;
}

/* It has changed, come or gone. */
static const char *
take_document(struct chain_state *s, const struct chain_line *l)
{
	struct chain_file *f = chain_state_live(s, l->file);
	bool there = l->sha256.s[0] != '\0';
	if (!there && !f)
		return "expected File to be one that is there";
	if (f)
		end_file(f, l);
	if (there)
		add_file(s, l->file, l);
	return NULL;
}

bool
chain_file_is_document(const struct chain_file *f)
{
	return chain_document_valid(str_of(f->path));
}

static const char *
take_event(struct chain_state *s, const struct chain_line *l)
{
	struct chain_file *f;
	switch (l->event) {
	case CHAIN_SEAL:
		if (chain_state_live(s, l->file))
			return "expected a File that is not closed yet";
		add_file(s, l->file, l);
		return NULL;
	case CHAIN_INDEX:
		f = chain_state_live(s, l->file);
		if (f && f->content.s[0])
			return "expected the File of an index";
		if (f)
			end_file(f, l);
		add_file(s, l->file, l);
		return NULL;
	case CHAIN_DOCUMENT:
		return take_document(s, l);
	case CHAIN_PRUNE:
		return prune(s, l);
	case CHAIN_HEAD:
		return add_head(s, l);
	default:
		return replace(s, l);
	}
}

int
chain_state_take(struct chain_state *s, const struct chain_line *l, const char **why)
{
	*why = NULL;
	if (l->n != s->n + 1)
		*why = "expected N to be one more than that of the line before";
	else if (!hash_text_eq(&l->previous, &s->last))
		*why = "expected Previous to be the Hash of the line before";
	else
		*why = take_event(s, l);
	if (*why)
		return -1;
	s->hashes = xgrow(s->hashes, &s->hashes_cap, s->n + 1, sizeof(*s->hashes));
	s->hashes[s->n] = l->hash;
	s->n = l->n;
	s->last = l->hash;
	return 0;
}
