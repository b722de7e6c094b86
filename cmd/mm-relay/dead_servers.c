#include <stdlib.h>
#include <uthash.h>

#include "dead_servers.h"
#include "mem.h"

#define MOST 10000 /* addresses; then those whose time is over are forgotten */

struct dead_server {
	UT_hash_handle hh;
	struct sockaddr_storage addr;
	int64_t until_ms, for_ms;
};

static struct dead_server *
find(const struct dead_servers *s, const struct host *h)
{
	struct dead_server *d;
	HASH_FIND(hh, s->list, &h->addr, h->addr_len, d);
	return d;
}

static void
drop(struct dead_servers *s, struct dead_server *d)
{
	HASH_DEL(s->list, d);
	free(d);
}

static void
sweep(struct dead_servers *s, int64_t now_ms)
{
	struct dead_server *d, *tmp;
	if (HASH_COUNT(s->list) < MOST)
		return;
	HASH_ITER (hh, s->list, d, tmp)
		if (d->until_ms <= now_ms)
			drop(s, d);
	while (HASH_COUNT(s->list) >= MOST)
		drop(s, s->list);
}

/* One that was left alone and fails once more while its time runs, because there is no
 * other, has told nothing new. */
void
dead_servers_note(struct dead_servers *s, const struct host *h, int64_t now_ms)
{
	struct dead_server *d = find(s, h);
	if (d && d->until_ms > now_ms)
		return;
	if (!d) {
		sweep(s, now_ms);
		d = xcalloc(1, sizeof(*d));
		d->addr = h->addr;
		d->for_ms = DEAD_FIRST_MS / 2;
		HASH_ADD(hh, s->list, addr, h->addr_len, d);
	}
	d->for_ms = d->for_ms * 2 < DEAD_MOST_MS ? d->for_ms * 2 : DEAD_MOST_MS;
	d->until_ms = now_ms + d->for_ms;
}

void
dead_servers_forget(struct dead_servers *s, const struct host *h)
{
	struct dead_server *d = find(s, h);
	if (d)
		drop(s, d);
}

bool
dead_servers_has(const struct dead_servers *s, const struct host *h, int64_t now_ms)
{
	const struct dead_server *d = find(s, h);
	return d && d->until_ms > now_ms;
}

size_t
dead_servers_pass(
	const struct dead_servers *s, const struct hosts *hosts, size_t from, int64_t now_ms)
{
	for (size_t i = from; i < hosts->n; i++)
		if (!dead_servers_has(s, &hosts->list[i], now_ms))
			return i;
	return from;
}

void
dead_servers_release(struct dead_servers *s)
{
	struct dead_server *d, *tmp;
	HASH_ITER (hh, s->list, d, tmp)
		drop(s, d);
}
