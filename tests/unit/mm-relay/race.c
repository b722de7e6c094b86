/* Real sockets on the loopback: one that listens, one that refuses, and one whose queue is
 * full, which does not answer. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "race.h"
#include "tap.h"

static struct ev_loop *loop;
static size_t missed, won;
static int won_fd;

static void
on_missed(void *arg, size_t index, const char *why)
{
	(void)arg, (void)index, (void)why;
	missed++;
}

static void
on_over(void *arg, size_t index, int fd)
{
	(void)arg;
	won = index;
	won_fd = fd;
	ev_break(loop, EVBREAK_ALL);
}

static const struct race_events events = {on_missed, on_over};

static int
listener(struct hosts *hosts, int backlog, bool closed)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(in);
	struct ip ip = {AF_INET, {127, 0, 0, 1}};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&in, len) < 0 ||
		(!closed && listen(fd, backlog) < 0) ||
		getsockname(fd, (struct sockaddr *)&in, &len) < 0)
		exit(1);
	(void)hosts_add(hosts, "h", 0, &ip, ntohs(in.sin_port));
	return fd;
}

/* Connections that nobody accepts, until one waits. */
static void
fill(const struct host *h)
{
	for (int i = 0; i < 100; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fd, (const struct sockaddr *)&h->addr, h->addr_len);
	}
}

static int64_t
run(const struct host *list, size_t n, int64_t timeout_ms)
{
	static const struct ip any[2];
	int64_t began = clock_mono_ms();
	missed = won = 0;
	won_fd = -1;
	(void)race_start(loop, list, n, any, timeout_ms, &events, NULL);
	ev_run(loop, 0);
	if (won_fd >= 0)
		close(won_fd);
	return clock_mono_ms() - began;
}

int
main(void)
{
	static const struct ip any[2];
	struct hosts hosts = {0}; /* silent, refusing, good, silent */
	loop = ev_loop_new(0);
	int silent = listener(&hosts, 0, false), refusing = listener(&hosts, 0, true);
	int good = listener(&hosts, 100, false);
	fill(&hosts.list[0]);

	int64_t took = run(&hosts.list[2], 1, 5000);
	ok(won_fd >= 0 && missed == 0, "one that answers");
	took = run(&hosts.list[1], 2, 5000);
	ok(won_fd >= 0 && won == 1 && missed == 1, "a refusal, then the next");
	ok(took < RACE_DELAY_MS * TAP_PATIENCE, "at once: %d ms", (int)took);
	took = run(&hosts.list[0], 3, 5000);
	ok(won_fd >= 0 && won == 2 && missed == 1, "silence, a refusal, the third");
	ok(took >= RACE_DELAY_MS - 5 && took < 4000, "after the delay: %d ms", (int)took);
	took = run(&hosts.list[0], 2, 400);
	ok(won_fd < 0 && missed == 2, "nobody");
	ok(took >= 395, "when the last has timed out: %d ms", (int)took);
	race_cancel(race_start(loop, hosts.list, 3, any, 400, &events, NULL));
	race_cancel(NULL);
	close(silent);
	close(refusing);
	close(good);
	hosts_release(&hosts);
	ev_loop_destroy(loop);
	return done();
}
