#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <uthash.h>

#include "limits.h"
#include "mem.h"

#define SWEEP_FROM 4096

struct limits_entry {
	struct ip key;
	size_t connections;
	unsigned failures;
	int64_t window_start;
	UT_hash_handle hh;
};

static struct ip
key_of(const struct ip *ip)
{
	struct ip key = {.family = ip->family};
	memcpy(key.octets, ip->octets, ip->family == AF_INET6 ? 8 : 4);
	return key;
}

static struct limits_entry *
find(const struct limits *l, const struct ip *ip)
{
	struct ip key = key_of(ip);
	struct limits_entry *e;
	HASH_FIND(hh, l->entries, &key, sizeof(key), e);
	return e;
}

static struct limits_entry *
find_or_add(struct limits *l, const struct ip *ip)
{
	struct limits_entry *e = find(l, ip);
	if (e)
		return e;
	e = xcalloc(1, sizeof(*e));
	e->key = key_of(ip);
	HASH_ADD(hh, l->entries, key, sizeof(e->key), e);
	return e;
}

static void
drop(struct limits *l, struct limits_entry *e)
{
	HASH_DEL(l->entries, e);
	free(e);
}

bool
limits_enter(struct limits *l, const struct ip *ip, size_t most)
{
	struct limits_entry *e = find_or_add(l, ip);
	if (ip->family && e->connections >= most)
		return false;
	e->connections++;
	l->total++;
	return true;
}

void
limits_leave(struct limits *l, const struct ip *ip)
{
	struct limits_entry *e = find(l, ip);
	if (!e)
		return;
	l->total--;
	if (--e->connections == 0 && e->failures == 0)
		drop(l, e);
}

static bool
over(const struct limits_entry *e, int64_t now_ms)
{
	return now_ms - e->window_start >= LIMITS_AUTH_WINDOW_MS;
}

static void
sweep(struct limits *l, int64_t now_ms)
{
	struct limits_entry *e, *next;
	HASH_ITER (hh, l->entries, e, next)
		if (e->connections == 0 && over(e, now_ms))
			drop(l, e);
}

void
limits_auth_failed(struct limits *l, const struct ip *ip, int64_t now_ms)
{
	if (!ip->family)
		return;
	if (HASH_COUNT(l->entries) >= SWEEP_FROM)
		sweep(l, now_ms);
	struct limits_entry *e = find_or_add(l, ip);
	if (e->failures == 0 || over(e, now_ms)) {
		e->failures = 0;
		e->window_start = now_ms;
	}
	e->failures++;
}

bool
limits_auth_allowed(const struct limits *l, const struct ip *ip, int64_t now_ms)
{
	const struct limits_entry *e = find(l, ip);
	return !e || e->failures < LIMITS_AUTH_FAILURES || over(e, now_ms);
}

void
limits_release(struct limits *l)
{
	struct limits_entry *e, *next;
	HASH_ITER (hh, l->entries, e, next)
		drop(l, e);
}
