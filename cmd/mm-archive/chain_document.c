#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive_hold.h"
#include "archive_keys.h"
#include "chain.h"
#include "io.h"
#include "log.h"
#include "mem.h"

#define DOCUMENT_MAX (256u << 20)

static int
read_document(const struct chain *c, const char *file, struct buf *octets)
{
	char *path = xasprintf("%s/%s", c->archive->dir, file);
	int rc = io_read_file(path, octets, DOCUMENT_MAX);
	if (rc < 0)
		log_error("cannot read %s: %s", path, strerror(errno));
	free(path);
	return rc;
}

/* Of a log, its whole lines. */
static struct str
settled(const char *file, struct str octets)
{
	while (chain_document_grows(str_of(file)) && octets.n && octets.p[octets.n - 1] != '\n')
		octets.n--;
	return octets;
}

static bool
begins_as(const struct chain_file *f, struct str octets)
{
	if (chain_document_grows(str_of(f->path)) && octets.n > f->size)
		octets.n = f->size;
	struct hash_text h = hash_text_of(octets);
	return octets.n == f->size && hash_text_eq(&h, &f->sha256);
}

/* What the last line told of was never written: the next is to come after what there is. */
static int
tell_old(struct chain *c, const struct chain_file *known)
{
	struct buf octets = {0};
	int rc = 0;
	if (!known || !known->older || known->older->gone != known->line ||
		chain_document_grows(str_of(known->path)))
		return 0;
	struct chain_line l = {.event = CHAIN_DOCUMENT, .file = known->path};
	rc = read_document(c, known->path, &octets);
	if (rc == 0 && !begins_as(known, buf_str(&octets)) &&
		begins_as(known->older, buf_str(&octets))) {
		l.size = octets.n;
		l.sha256 = known->older->sha256;
		rc = chain_append(c, &l);
	}
	buf_release(&octets);
	return rc;
}

int
chain_document(struct chain *c, const char *file, const struct str *octets)
{
	struct chain_line l = {.event = CHAIN_DOCUMENT, .file = file};
	if (chain_refresh(c) < 0)
		return -1;
	if (c->fd < 0)
		return 0;
	const struct chain_file *known = chain_state_live(&c->state, file);
	if (octets) {
		l.size = octets->n;
		l.sha256 = hash_text_of(*octets);
	}
	if (octets ? known && hash_text_eq(&known->sha256, &l.sha256) : !known)
		return 0;
	return tell_old(c, known) < 0 ? -1 : chain_append(c, &l);
}

int
chain_document_is(const struct chain *c, const struct chain_file *f, bool *old)
{
	struct buf octets = {0};
	int rc = read_document(c, f->path, &octets);
	*old = false;
	if (rc == 0) {
		rc = begins_as(f, buf_str(&octets));
		*old = f->older && f->older->gone == f->line &&
		       begins_as(f->older, buf_str(&octets));
	}
	buf_release(&octets);
	return rc;
}

static int
by_name(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

char **
chain_documents(const struct mail_archive *a, size_t *n)
{
	static const char *const others[] = {ARCHIVE_KEYS, CHAIN_FORGOTTEN};
	char *dir = xasprintf("%s/" ARCHIVE_HOLDS, a->dir), **list = NULL;
	size_t cap = 0;
	struct dirent *e;
	DIR *d = opendir(dir);
	*n = 0;
	while (d && (e = readdir(d))) {
		char *path = xasprintf(ARCHIVE_HOLDS "/%s", e->d_name);
		list = xgrow(list, &cap, *n + 3, sizeof(*list));
		if (chain_document_valid(str_of(path)))
			list[(*n)++] = path;
		else
			free(path);
	}
	if (d)
		closedir(d);
	list = xgrow(list, &cap, *n + 3, sizeof(*list));
	for (size_t i = 0; i < 2; i++) {
		char *path = xasprintf("%s/%s", a->dir, others[i]);
		if (access(path, F_OK) == 0)
			list[(*n)++] = xstrdup(others[i]);
		free(path);
	}
	qsort(list, *n, sizeof(*list), by_name);
	free(dir);
	return list;
}

static int
refuse(const struct chain *c, const char *file, const struct chain_file *known)
{
	log_error("%s/%s: it is not what line %llu of the chain says; it is left as it is",
		c->archive->dir, file, (unsigned long long)known->line);
	return -1;
}

/* What a crash kept from being changed is told of as it is. */
static int
seal_document(struct chain *c, const char *file, bool dry_run)
{
	const struct chain_file *known = chain_state_live(&c->state, file);
	struct buf octets = {0};
	struct str is;
	int rc = read_document(c, file, &octets);
	is = settled(file, buf_str(&octets));
	if (rc == 0 && known && !begins_as(known, is) &&
		!(known->older && known->older->gone == known->line &&
			begins_as(known->older, is)))
		rc = refuse(c, file, known);
	else if (rc == 0 && dry_run && (!known || known->size != is.n))
		printf("%s/%s\n", c->archive->dir, file);
	else if (rc == 0 && !dry_run)
		rc = chain_document(c, file, &is);
	buf_release(&octets);
	return rc;
}

int
chain_seal_documents(struct chain *c, bool dry_run)
{
	size_t n;
	int rc = 0;
	if (chain_refresh(c) < 0)
		return -1;
	if (c->fd < 0 && !dry_run)
		return 0;
	char **list = chain_documents(c->archive, &n);
	for (size_t i = 0; i < n; i++) {
		if (seal_document(c, list[i], dry_run) < 0)
			rc = -1;
		free(list[i]);
	}
	free(list);
	return rc;
}
