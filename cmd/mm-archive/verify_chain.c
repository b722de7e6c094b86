#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "archive_index.h"
#include "archive_keys.h"
#include "content.h"
#include "log.h"
#include "mem.h"
#include "tar_file.h"
#include "verify_chain.h"

static char *
path_of(const struct chain_check *c, const char *path)
{
	return xasprintf("%s/%s", c->archive->dir, path);
}

/* Unless something has taken its place while this was looking. */
static void
problem(struct chain_check *c, const struct chain_file *f, const char *what)
{
	if (chain_refresh(&c->chain) == 0 && f->gone)
		return;
	log_error("%s/%s: %s line %llu of the chain", c->archive->dir, f->path, what,
		(unsigned long long)f->line);
	c->problems++;
}

/* Put back what was taken out, it has to be what was closed first. */
static bool
is_as_at_first(struct content *is, const struct chain_file *f)
{
	struct hash_text h = content_hash(is);
	if (!hash_text_eq(&h, &f->content) || is->messages != f->messages ||
		is->n != f->entries)
		return false;
	for (; f->from; f = f->from) {
		if (content_restore(is, f->removed, f->nremoved) < 0)
			return false;
		h = content_hash(is);
		if (!hash_text_eq(&h, &f->from->content))
			return false;
	}
	return true;
}

static void
check_tar(struct chain_check *c, const struct chain_file *f)
{
	char *dir = xasprintf("%s/%.7s", c->archive->dir, f->path), *path = path_of(c, f->path);
	struct content is = {0};
	if (access(path, F_OK) < 0)
		problem(c, f, "there is no such file, which is closed by");
	else if (content_read(&is, dir, f->path + 8, c->archive->keys) < 0)
		problem(c, f, "it cannot be read as what is closed by");
	else if (is.size != f->size || !hash_text_eq(&is.sha256, &f->sha256))
		problem(c, f, "its octets are not those of");
	else {
		verify_left_out_seen(c, &is, f);
		if (!is_as_at_first(&is, f))
			problem(c, f, "it does not hold what was closed by");
	}
	content_release(&is);
	free(path);
	free(dir);
}

/* Who writes an index of a closed month makes it writable first. */
static void
check_index(struct chain_check *c, const struct chain_file *f)
{
	char *path = path_of(c, f->path), *wal = xasprintf("%s-wal", path);
	struct hash_text is;
	uint64_t size;
	struct stat st, beside;
	bool waits = stat(wal, &beside) == 0 && beside.st_size > 0;
	if (stat(path, &st) < 0)
		problem(c, f, "there is no such file, which is closed by");
	else if (hash_text_of_file(path, &is, &size) < 0)
		problem(c, f, "it cannot be read as what is closed by");
	else if (!waits && hash_text_eq(&is, &f->sha256))
		;
	else if (tar_file_is_closed(&st))
		problem(c, f, "its octets are not those of");
	else
		log_warn("%s was written since it was sealed; mm-archive seal does it anew",
			path);
	free(wal);
	free(path);
}

/* The line that changes one is there before the document is. */
static void
check_document(struct chain_check *c, const struct chain_file *f)
{
	bool old;
	int rc = chain_document_is(&c->chain, f, &old);
	if (rc == 1)
		return;
	if (rc == 0 && old)
		log_warn("%s/%s: it is not yet what line %llu of the chain says, as after a "
			 "crash",
			c->archive->dir, f->path, (unsigned long long)f->line);
	else
		problem(c, f, rc < 0 ? "it cannot be read as" : "its octets are not those of");
}

static void
check_unknown_documents(struct chain_check *c)
{
	size_t n;
	char **list = chain_documents(c->archive, &n);
	for (size_t i = 0; i < n; i++) {
		const struct chain_file *f = chain_state_find(&c->chain.state, list[i]);
		if (!f || (f->gone && chain_refresh(&c->chain) == 0 && f->gone))
			log_warn("%s/%s is not sealed; mm-archive seal does it",
				c->archive->dir, list[i]);
		free(list[i]);
	}
	free(list);
}

/* Is what is there the file, by its octets? */
static bool
is_there(const struct chain_check *c, const struct chain_file *f)
{
	char *path = path_of(c, f->path);
	struct hash_text is;
	uint64_t size;
	struct stat st;
	bool there = stat(path, &st) == 0 && (uint64_t)st.st_size == f->size &&
		     hash_text_of_file(path, &is, &size) == 0 && hash_text_eq(&is, &f->sha256);
	free(path);
	return there;
}

/* Is what is there what the chain has done with? */
static void
check_gone(struct chain_check *c, const struct chain_file *f)
{
	char *path = path_of(c, f->path);
	if (f->content.s[0] && is_there(c, f))
		log_warn("%s is left over: line %llu of the chain says that it is gone; "
			 "mm-archive %s",
			path, (unsigned long long)f->gone,
			f->gone_by == CHAIN_RECUT
				? "compact clears it away when the month is over"
				: "prune clears it away");
	free(path);
}

static int
by_path(const void *x, const void *y)
{
	const struct chain_file *const *a = x, *const *b = y;
	return strcmp((*a)->path, (*b)->path);
}

static void
check_files(struct chain_check *c)
{
	struct chain_state *s = &c->chain.state;
	size_t n = 0, total = HASH_COUNT(s->files);
	struct chain_file **all = xcalloc(total + 1, sizeof(struct chain_file *)), *f;
	for (f = s->files; f; f = f->hh.next)
		all[n++] = f;
	qsort(all, n, sizeof(struct chain_file *), by_path);
	for (size_t i = 0; i < n; i++) {
		c->files += !all[i]->gone;
		if (all[i]->gone)
			check_gone(c, all[i]);
		else if (chain_file_is_document(all[i]))
			check_document(c, all[i]);
		else if (all[i]->content.s[0])
			check_tar(c, all[i]);
		else
			check_index(c, all[i]);
	}
	free(all);
}

/* What came late is closed another time. */
static void
check_unknown(struct chain_check *c, const char *month, const char *name)
{
	char *key = xasprintf("%s/%s", month, name), *path = path_of(c, key);
	const struct chain_file *f = chain_state_find(&c->chain.state, key);
	struct stat st;
	if ((!f || (f->gone && chain_refresh(&c->chain) == 0 && f->gone)) &&
		stat(path, &st) == 0 &&
		(uint64_t)st.st_size > archive_cipher_start(c->archive->keys) &&
		!(f && is_there(c, f)))
		log_warn("%s is not sealed, others of that month are; mm-archive seal does it",
			path);
	free(path);
	free(key);
}

static void
check_months(struct chain_check *c)
{
	struct month *months = NULL;
	size_t n = 0;
	if (mail_archive_months(c->archive, &months, &n) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		char name[MONTH_NAME_SIZE], **tars;
		char *dir = mail_archive_path(c->archive, months[i], NULL);
		size_t ntars;
		if (chain_state_has(&c->chain.state, month_name(months[i], name)) &&
			mail_archive_tars(dir, &tars, &ntars) == 0) {
			for (size_t k = 0; k < ntars; k++) {
				check_unknown(c, name, tars[k]);
				free(tars[k]);
			}
			free(tars);
		}
		free(dir);
	}
	free(months);
}

static void
check_end(struct chain_check *c)
{
	size_t octets = 0;
	if (chain_unfinished(&c->chain, &octets) < 0)
		c->problems++;
	else if (octets)
		log_warn(
			"%s:%llu: %zu octets of a line that was never finished; who writes the "
			"next cuts them off",
			c->chain.path, (unsigned long long)c->chain.state.n + 1, octets);
}

static void
check_all(struct chain_check *c)
{
	check_end(c);
	verify_left_out_begin(c);
	check_files(c);
	verify_left_out_end(c);
	check_months(c);
	check_unknown_documents(c);
}

bool
verify_is_left_over(const struct chain_check *c, const char *month, const char *file)
{
	char *key = xasprintf("%s/%s", month, file), *path = path_of(c, key), *old = NULL;
	const struct chain_file *f = chain_state_find(&c->chain.state, key);
	struct stat st;
	bool left = f && is_there(c, f);
	if (left && !f->gone) {
		old = f->from ? path_of(c, f->from->path) : NULL;
		left = old && stat(old, &st) == 0;
	}
	if (left && !f->gone)
		log_warn("%s is not in the index yet; mm-archive compact brings it to its end",
			path);
	free(old);
	free(path);
	free(key);
	return left;
}

size_t
verify_chain(struct chain_check *c)
{
	if (c->opened < 0)
		c->problems++;
	else if (c->opened > 0)
		check_all(c);
	if (c->opened > 0 || c->o->head || c->o->public_key)
		verify_heads(c);
	else if (c->opened == 0 && c->archive->seal_key_file && c->over) {
		log_error("%s: there is none, and the archive's document says Seal; mm-archive "
			  "seal makes it, if it never did",
			c->chain.path);
		c->problems++;
	}
	if (c->opened != 0)
		printf("chain  %llu lines  %zu files  %zu heads  %zu problems\n",
			(unsigned long long)c->chain.state.n, c->files, c->chain.state.nheads,
			c->problems);
	return c->problems;
}

bool
verify_keys(const struct options *o, const struct mail_archive *a)
{
	struct chain_check c = {.o = o, .archive = a, .chain.fd = -1};
	if (a->dir && chain_open(&c.chain, a, false) == 1) {
		const struct chain_file *f = chain_state_live(&c.chain.state, ARCHIVE_KEYS);
		if (f)
			check_document(&c, f);
	}
	chain_close(&c.chain);
	return c.problems > 0;
}
