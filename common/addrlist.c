#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uthash.h>

#include "address.h"
#include "addrlist.h"
#include "io.h"
#include "mem.h"

#define ENTRY_MIN 3
#define LOCAL_MAX 64

/* Entries are found by their own text in lower case, wildcards and all: a
 * look-up builds the few entries that would match and asks for each. */
struct entry {
	UT_hash_handle hh;
	size_t n;
	const char *p; /* in addrlist.text */
};

struct content {
	struct buf text;
	struct entry *entries, *table;
	size_t n, cap;
	uint64_t prefixes; /* bit N: there is a "prefix*@domain" whose prefix has N octets */
	bool domains, subdomains, user_subdomains;
};

/* The last question: many conditions ask the same of one recipient. */
struct memo {
	char address[ADDRESS_MAX];
	size_t n; /* 0: none */
	bool listed;
};

struct addrlist {
	char *path;
	struct stat seen;
	struct content now;
	struct memo memo;
};

static void
content_release(struct content *c)
{
	HASH_CLEAR(hh, c->table);
	free(c->entries);
	buf_release(&c->text);
	*c = (struct content){0};
}

/* "prefix*@domain" with a prefix of 0 to 63 octets. */
static bool
take_prefix(struct content *c, struct str local, struct str domain)
{
	if (local.n > LOCAL_MAX - 1 || !domain_valid(domain))
		return false;
	for (size_t i = 0; i + 1 < local.n; i++)
		if (local.p[i] == '*')
			return false;
	c->prefixes |= 1ull << (local.n - 1);
	return true;
}

/* Is it one of the forms?  Notes which, so that look-ups try no other. */
static bool
take_form(struct content *c, struct str entry)
{
	struct path path;
	const char *star = memchr(entry.p, '*', entry.n), *at = memrchr(entry.p, '@', entry.n);
	if (!star && at)
		return address_parse(entry, &path) == 0;
	if (!star) {
		c->domains = true;
		return domain_valid(entry) && memchr(entry.p, '.', entry.n);
	}
	if (!at) {
		c->subdomains = true;
		return str_starts(entry, STR("*.")) && domain_valid(str_skip(entry, 2));
	}
	struct str local = str_n(entry.p, (size_t)(at - entry.p)),
		   domain = str_skip(entry, local.n + 1);
	if (star + 1 == at)
		return take_prefix(c, local, domain);
	if (star != at + 1 || !str_starts(domain, STR("*.")))
		return false;
	c->user_subdomains = true;
	char *sample = xasprintf("%.*s@%.*s", STR_ARG(local), STR_ARG(str_skip(domain, 2)));
	bool good = address_parse(str_of(sample), &path) == 0;
	free(sample);
	return good;
}

static void
bad_entry(struct problems *ps, const char *path, size_t line, const char *text)
{
	problem_add(ps, PROBLEM_ERROR, path, (int)line, 1, "", text);
}

/* Lower case in place; the text is ours. */
static void
fold(struct str s)
{
	char *p = (char *)s.p;
	for (size_t i = 0; i < s.n; i++)
		p[i] = ascii_lower(p[i]);
}

static bool
is_entry(struct content *c, struct str s)
{
	return s.n >= ENTRY_MIN && s.n <= ADDRESS_MAX && take_form(c, s);
}

bool
addrlist_entry_valid(struct str entry)
{
	struct content ignored = {0};
	return is_entry(&ignored, entry);
}

static void
parse_line(struct content *c, const char *path, size_t number, struct str line,
	struct problems *ps)
{
	line = str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return;
	if (!is_entry(c, line)) {
		bad_entry(ps, path, number, "expected " ADDRLIST_ENTRY);
	} else if (c->n == ADDRLIST_MAX_ENTRIES) {
		bad_entry(ps, path, number, "expected at most 100000 entries in a list");
		c->n++;
	} else if (c->n < ADDRLIST_MAX_ENTRIES) {
		fold(line);
		c->entries = xgrow(c->entries, &c->cap, c->n + 1, sizeof(*c->entries));
		c->entries[c->n++] = (struct entry){.p = line.p, .n = line.n};
	}
}

/* Once the array of entries stays where it is. */
static void
build_table(struct content *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct entry *e = &c->entries[i], *same;
		HASH_FIND(hh, c->table, e->p, e->n, same);
		if (!same)
			HASH_ADD_KEYPTR(hh, c->table, e->p, e->n, e);
	}
}

static int
content_load(struct content *c, const char *path, struct problems *ps)
{
	size_t before = ps->errors, number = 0;
	*c = (struct content){0};
	if (io_read_file(path, &c->text, ADDRLIST_MAX_SIZE) < 0) {
		char *text = xasprintf("cannot read: %s", strerror(errno));
		problem_add(ps, PROBLEM_ERROR, path, 0, 0, "", text);
		free(text);
	}
	for (struct str rest = buf_str(&c->text); rest.p && ps->errors < before + 200;)
		parse_line(c, path, ++number, str_cut(&rest, '\n'), ps);
	if (ps->errors > before) {
		content_release(c);
		return -1;
	}
	build_table(c);
	return 0;
}

struct addrlist *
addrlist_load(const char *path, struct problems *ps)
{
	struct addrlist *l = xcalloc(1, sizeof(*l));
	l->path = xstrdup(path);
	(void)stat(path, &l->seen);
	if (content_load(&l->now, path, ps) == 0)
		return l;
	addrlist_free(l);
	return NULL;
}

void
addrlist_free(struct addrlist *l)
{
	if (!l)
		return;
	content_release(&l->now);
	free(l->path);
	free(l);
}

const char *
addrlist_path(const struct addrlist *l)
{
	return l->path;
}

size_t
addrlist_count(const struct addrlist *l)
{
	return HASH_COUNT(l->now.table);
}

static bool
has(const struct content *c, const char *p, size_t n)
{
	struct entry *e;
	HASH_FIND(hh, c->table, p, n, e);
	return e != NULL;
}

static bool
has_prefix_form(const struct content *c, struct str local, struct str domain)
{
	char key[LOCAL_MAX + 2 + ADDRESS_MAX];
	for (size_t n = 0; n <= local.n && n < LOCAL_MAX; n++) {
		if (!(c->prefixes >> n & 1))
			continue;
		memcpy(key, local.p, n);
		memcpy(key + n, "*@", 2);
		memcpy(key + n + 2, domain.p, domain.n);
		if (has(c, key, n + 2 + domain.n))
			return true;
	}
	return false;
}

/* key holds "local@*" before the domain's tail. */
static bool
has_subdomain_form(const struct content *c, struct str local, struct str domain)
{
	char key[ADDRESS_MAX + 8];
	memcpy(key, local.p, local.n);
	memcpy(key + local.n, "@*", 2);
	for (const char *dot = memchr(domain.p, '.', domain.n); dot;) {
		size_t n = domain.n - (size_t)(dot - domain.p);
		memcpy(key + local.n + 2, dot, n);
		if (c->subdomains && has(c, key + local.n + 1, n + 1))
			return true;
		if (c->user_subdomains && has(c, key, local.n + 2 + n))
			return true;
		dot = memchr(dot + 1, '.', n - 1);
	}
	return false;
}

static bool
look_up(const struct content *c, struct str address)
{
	char folded[ADDRESS_MAX];
	(void)str_lowered(address, folded, sizeof(folded));
	if (has(c, folded, address.n))
		return true;
	const char *at = memrchr(folded, '@', address.n);
	if (!at)
		return false;
	struct str local = str_n(folded, (size_t)(at - folded)),
		   domain = str_n(at + 1, address.n - local.n - 1);
	if (c->domains && has(c, domain.p, domain.n))
		return true;
	return has_prefix_form(c, local, domain) || has_subdomain_form(c, local, domain);
}

bool
addrlist_contains(struct addrlist *l, struct str address)
{
	struct memo *m = &l->memo;
	if (!l->now.table || address.n == 0 || address.n > ADDRESS_MAX)
		return false;
	if (!str_eq(str_n(m->address, m->n), address)) {
		m->listed = look_up(&l->now, address);
		m->n = address.n;
		memcpy(m->address, address.p, address.n);
	}
	return m->listed;
}

int
addrlist_refresh(struct addrlist *l, struct problems *ps)
{
	struct stat now = {0};
	struct content fresh;
	if (stat(l->path, &now) == 0 && io_same_file(&now, &l->seen))
		return 0;
	if (now.st_nlink == 0 && l->seen.st_nlink == 0)
		return 0; /* still missing, told before */
	l->seen = now;
	if (content_load(&fresh, l->path, ps) < 0)
		return -1;
	content_release(&l->now);
	l->now = fresh;
	l->memo.n = 0;
	return 0;
}
