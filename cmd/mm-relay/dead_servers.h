/* dead_servers.h: addresses that failed a while ago and are left alone, twice as long
 * each time, as far as there are others. */
#ifndef MM_DEAD_SERVERS_H
#define MM_DEAD_SERVERS_H

#include "hosts.h"

#define DEAD_FIRST_MS 10000
#define DEAD_MOST_MS 600000

struct dead_server;

/* {0} is empty. */
struct dead_servers {
	struct dead_server *list;
};

void dead_servers_note(struct dead_servers *s, const struct host *h, int64_t now_ms);
void dead_servers_forget(struct dead_servers *s, const struct host *h);
bool dead_servers_has(const struct dead_servers *s, const struct host *h, int64_t now_ms);

/* The first of the hosts from that number on which is not dead; `from` when all are. */
size_t dead_servers_pass(
	const struct dead_servers *s, const struct hosts *hosts, size_t from, int64_t now_ms);

void dead_servers_release(struct dead_servers *s);

#endif
