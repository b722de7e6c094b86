#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <uthash.h>

#include "io.h"
#include "log.h"
#include "mem.h"
#include "mta_sts_cache.h"
#include "num.h"

#define MAX_ENTRIES 10000 /* in memory; then it begins anew */
#define MAX_FILE (STS_MAX_POLICY + 256)

struct node {
	UT_hash_handle hh;
	char *domain;
	struct sts_entry entry;
};

struct sts_cache {
	char *dir; /* NULL: none */
	struct node *nodes;
};

struct sts_cache *
sts_cache_new(const char *dir)
{
	struct sts_cache *c = xcalloc(1, sizeof(*c));
	if (!dir)
		return c;
	c->dir = xasprintf("%s/mta-sts", dir);
	if (mkdir(c->dir, 0755) == 0 || errno == EEXIST)
		return c;
	log_error("cannot make %s: %s", c->dir, strerror(errno));
	sts_cache_free(c);
	return NULL;
}

static void
drop(struct sts_cache *c, struct node *n)
{
	HASH_DEL(c->nodes, n);
	sts_policy_release(&n->entry.policy);
	free(n->domain);
	free(n);
}

static void
drop_all(struct sts_cache *c)
{
	struct node *n, *tmp;
	HASH_ITER (hh, c->nodes, n, tmp)
		drop(c, n);
}

void
sts_cache_free(struct sts_cache *c)
{
	drop_all(c);
	free(c->dir);
	free(c);
}

/* A domain is a file's name; NULL for what cannot be one. */
static char *
path_of(const struct sts_cache *c, const char *domain)
{
	if (!c->dir || domain[0] == '.' || strchr(domain, '/'))
		return NULL;
	return xasprintf("%s/%s", c->dir, domain);
}

static struct node *
replace(struct sts_cache *c, const char *domain, const struct sts_entry *e)
{
	struct node *n;
	HASH_FIND_STR(c->nodes, domain, n);
	if (n)
		drop(c, n);
	if (HASH_COUNT(c->nodes) >= MAX_ENTRIES)
		drop_all(c);
	n = xcalloc(1, sizeof(*n));
	n->domain = xstrdup(domain);
	n->entry = *e;
	HASH_ADD_KEYPTR(hh, c->nodes, n->domain, strlen(n->domain), n);
	return n;
}

/* "ID FETCHED_MS", then the policy's text as it came. */
static int
parse(struct sts_entry *e, struct str file)
{
	uint64_t fetched;
	struct str rest = file, line = str_cut(&rest, '\n'), id = str_word(&line);
	*e = (struct sts_entry){0};
	if (!rest.p || num_u64(str_trim(line), 0, INT64_MAX / 2, &fetched) < 0 ||
		!str_copy(id, e->id, sizeof(e->id)) || sts_policy_read(&e->policy, rest))
		return -1;
	e->fetched_ms = (int64_t)fetched;
	e->expires_ms = e->fetched_ms + (int64_t)e->policy.max_age_s * 1000;
	return 0;
}

/* Another process may have a newer one. */
static void
load(struct sts_cache *c, const char *domain)
{
	struct buf text = {0};
	struct sts_entry e;
	struct node *n;
	char *path = path_of(c, domain);
	if (path && io_read_file(path, &text, MAX_FILE) == 0 &&
		parse(&e, buf_str(&text)) == 0) {
		HASH_FIND_STR(c->nodes, domain, n);
		if (!n || n->entry.fetched_ms < e.fetched_ms)
			(void)replace(c, domain, &e);
		else
			sts_policy_release(&e.policy);
	}
	buf_release(&text);
	free(path);
}

const struct sts_entry *
sts_cache_get(struct sts_cache *c, const char *domain, int64_t now_ms)
{
	struct node *n;
	load(c, domain);
	HASH_FIND_STR(c->nodes, domain, n);
	return n && now_ms < n->entry.expires_ms ? &n->entry : NULL;
}

const struct sts_entry *
sts_cache_put(struct sts_cache *c, const char *domain, const char *id, struct str text,
	int64_t now_ms)
{
	struct buf file = {0};
	struct sts_entry e;
	struct node *n = NULL;
	char *path = path_of(c, domain);
	buf_addf(&file, "%s %lld\n", id, (long long)now_ms);
	buf_adds(&file, text);
	if (parse(&e, buf_str(&file)) == 0)
		n = replace(c, domain, &e);
	if (n && path && io_replace_file(path, file.p, file.n, 0644) < 0)
		log_warn("cannot write %s: %s", path, strerror(errno));
	buf_release(&file);
	free(path);
	return n ? &n->entry : NULL;
}
