#include <stdlib.h>
#include <unistd.h>

#include "content.h"
#include "head_line.h"
#include "log.h"
#include "mem.h"
#include "verify_chain.h"

/* An entry that a recut left out: a message, with its envelope, or an envelope alone. */
struct lost {
	const struct chain_loss *loss;
	const struct chain_removed *entry;
	const struct chain_removed *envelope; /* NULL: there is none */
	uint64_t closed_by; /* a copy's envelope may be another in what this line has closed */
	bool found, other;  /* other: with another envelope, closed later */
	bool looked;        /* also in files that are not closed */
	struct lost *next;  /* of the same hash */
};

struct left_out {
	unsigned char digest[32];
	struct lost *list;
	UT_hash_handle hh;
};

static bool
goes_with(const struct chain_loss *l, size_t i)
{
	const struct chain_removed *r = &l->removed[i];
	return i + 1 < l->n && !r->message && r[1].message && r[1].at == r->at + 1;
}

static struct left_out *
find(const struct chain_check *c, const unsigned char digest[32])
{
	struct left_out *l;
	HASH_FIND(hh, c->left_out, digest, 32, l);
	return l;
}

static struct left_out *
find_entry(const struct chain_check *c, const struct hash_text *entry)
{
	unsigned char digest[32];
	hash_text_digest(entry, digest);
	return find(c, digest);
}

/* What was signed up to line `kept` is held against that alone. */
static void
add(struct chain_check *c, const struct chain_loss *loss, size_t i, uint64_t kept)
{
	struct left_out *l = find_entry(c, &loss->removed[i].entry);
	struct lost *lost = xcalloc(1, sizeof(*lost));
	lost->loss = loss;
	lost->entry = &loss->removed[i];
	lost->closed_by = chain_file_origin(loss->of) <= kept ? kept : loss->line;
	if (i > 0 && goes_with(loss, i - 1))
		lost->envelope = &loss->removed[i - 1];
	if (!l) {
		l = xcalloc(1, sizeof(*l));
		hash_text_digest(&loss->removed[i].entry, l->digest);
		HASH_ADD(hh, c->left_out, digest, sizeof(l->digest), l);
	}
	lost->next = l->list;
	l->list = lost;
}

/* A line further down may tell what became of the copy: it was forgotten, or left out too, for
 * which the other copy is looked for. */
static void
explain(struct chain_check *c, const struct chain_loss *by, const struct hash_text *entry)
{
	struct left_out *l = find_entry(c, entry);
	for (struct lost *lost = l ? l->list : NULL; lost; lost = lost->next)
		if (by->line > lost->loss->line &&
			(by->event == CHAIN_FORGET ||
				chain_file_origin(by->of) <= lost->closed_by))
			lost->found = true;
}

void
verify_left_out_begin(struct chain_check *c)
{
	const struct chain_state *s = &c->chain.state;
	struct head_line head = {.n = 0};
	const char *why;
	if (c->o->head && head_line_parse(&head, str_of(c->o->head), &why) < 0)
		head.n = 0;
	for (size_t i = 0; i < s->nlosses; i++)
		for (size_t k = 0; k < s->losses[i].n; k++)
			if (s->losses[i].event == CHAIN_RECUT && !s->losses[i].undone &&
				!goes_with(&s->losses[i], k))
				add(c, &s->losses[i], k, head.n);
	for (size_t i = 0; c->left_out && i < s->nlosses; i++)
		for (size_t k = 0; k < s->losses[i].n; k++)
			if (!s->losses[i].undone)
				explain(c, &s->losses[i], &s->losses[i].removed[k].entry);
}

static bool
same_envelope(const struct lost *lost, const struct content *in, size_t i)
{
	struct hash_text is;
	if (!lost->envelope)
		return true;
	if (!content_has_envelope(in, i))
		return false;
	is = hash_text(in->entries[i - 1].digest);
	return hash_text_eq(&is, &lost->envelope->entry);
}

void
verify_left_out_seen(
	struct chain_check *c, const struct content *in, const struct chain_file *f)
{
	uint64_t origin = f ? chain_file_origin(f) : UINT64_MAX;
	for (size_t i = 0; c->left_out && i < in->n; i++) {
		struct left_out *l = find(c, in->entries[i].digest);
		for (struct lost *lost = l ? l->list : NULL; lost; lost = lost->next) {
			if (origin <= lost->closed_by || same_envelope(lost, in, i))
				lost->found = true;
			else
				lost->other = true;
		}
	}
}

static bool
is_of_month(const struct lost *lost, const char *month)
{
	return strncmp(lost->loss->of->path, month, 7) == 0;
}

/* The other copy may be in a file that is not sealed yet. */
static void
look_elsewhere(struct chain_check *c, const char *month)
{
	char *dir = xasprintf("%s/%.7s", c->archive->dir, month), **tars = NULL;
	struct left_out *l;
	size_t n = 0;
	(void)mail_archive_tars(dir, &tars, &n);
	for (size_t i = 0; i < n; i++) {
		char *key = xasprintf("%.7s/%s", month, tars[i]);
		struct content is = {0};
		if (!chain_state_live(&c->chain.state, key) &&
			content_read(&is, dir, tars[i], c->archive->keys) == 0)
			verify_left_out_seen(c, &is, NULL);
		content_release(&is);
		free(key);
		free(tars[i]);
	}
	free(tars);
	free(dir);
	for (l = c->left_out; l; l = l->hh.next)
		for (struct lost *lost = l->list; lost; lost = lost->next)
			lost->looked = lost->looked || is_of_month(lost, month);
}

/* Or it has expired: with the month, or in a file of that day; one that was archived twice may
 * be of two days. */
static bool
may_have_expired(const struct chain_check *c, const struct lost *lost)
{
	char *dir = xasprintf("%s/%.7s", c->archive->dir, lost->loss->of->path);
	bool all = access(dir, F_OK) < 0;
	int day = mail_archive_tar_day(lost->loss->of->path + 8);
	const struct chain_file *f, *of;
	free(dir);
	for (f = c->chain.state.files; f; f = f->hh.next)
		for (of = f; of; of = of->older)
			if (of->gone_by == CHAIN_PRUNE && of->gone > lost->loss->line &&
				is_of_month(lost, of->path) &&
				(all || abs(mail_archive_tar_day(of->path + 8) - day) <= 1))
				return true;
	return false;
}

static void
check(struct chain_check *c, const struct lost *lost)
{
	const char *file = lost->loss->of->path;
	if (lost->found || may_have_expired(c, lost))
		return;
	if (lost->other)
		log_error("%s:%llu: a message that is left out here is in %.7s with another "
			  "envelope, closed later",
			c->chain.path, (unsigned long long)lost->loss->line, file);
	else
		log_error("%s:%llu: %s that is left out here is nowhere in %.7s", c->chain.path,
			(unsigned long long)lost->loss->line,
			lost->entry->message ? "a message" : "an envelope", file);
	c->problems++;
}

void
verify_left_out_end(struct chain_check *c)
{
	struct left_out *l, *next;
	struct lost *lost;
	for (l = c->left_out; l; l = l->hh.next)
		for (lost = l->list; lost; lost = lost->next)
			if (!lost->found && !lost->looked)
				look_elsewhere(c, lost->loss->of->path);
	l = c->left_out;
	HASH_CLEAR(hh, c->left_out);
	for (; l; l = next) {
		next = l->hh.next;
		while ((lost = l->list)) {
			l->list = lost->next;
			check(c, lost);
			free(lost);
		}
		free(l);
	}
}
