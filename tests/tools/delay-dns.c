/* delay-dns MS: a DNS server on a free UDP port of 127.0.0.1 (printed first) that answers
 * each question after that time.  Any name "d....example" has the SPF record of a domain
 * with three includes, "a.", "b." and "c." before it, of which the third has 192.0.2.0/24.
 * Anything else is NXDOMAIN. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "mem.h"

#define QUEUE 65536
#define QUESTION_MAX 512

struct waiting {
	struct sockaddr_in peer;
	int64_t due;
	size_t n;
	unsigned char packet[QUESTION_MAX];
};

static struct waiting *queue;
static size_t first, count;

/* The name in the question, with dots; its end, or 0 when it is no question. */
static size_t
read_name(const struct waiting *w, char *out, size_t size)
{
	size_t at = 12, n = 0;
	while (at < w->n && w->packet[at]) {
		size_t len = w->packet[at++];
		if (at + len >= w->n || n + len + 2 > size)
			return 0;
		for (size_t i = 0; i < len; i++)
			out[n++] = ascii_lower((char)w->packet[at + i]);
		out[n++] = '.';
		at += len;
	}
	out[n] = '\0';
	return at + 5 <= w->n ? at + 5 : 0;
}

static bool
spf_text(const char *name, char *out, size_t size)
{
	struct str s = str_of(name);
	if (!str_ends(s, STR(".example.")))
		return false;
	if (name[0] == 'd')
		(void)snprintf(out, size, "v=spf1 include:a.%s include:b.%s include:c.%s -all",
			name, name, name);
	else
		(void)snprintf(out, size, "v=spf1 ip4:%s.0/24 -all",
			name[0] == 'c' ? "192.0.2" : "198.51.100");
	return name[1] == '.' || name[0] == 'd';
}

static void
reply(int fd, const struct waiting *w)
{
	char name[256], text[1024];
	struct buf b = {0};
	size_t end = read_name(w, name, sizeof(name));
	if (end == 0)
		return;
	bool txt = w->packet[end - 3] == 16 && spf_text(name, text, sizeof(text));
	const char head[10] = {(char)0x85, (char)(0x80 | (txt ? 0 : 3)), 0, 1, 0, txt};
	buf_add(&b, w->packet, 2);
	buf_add(&b, head, sizeof(head));
	buf_add(&b, w->packet + 12, end - 12);
	if (txt) {
		size_t n = strlen(text) > 255 ? 255 : strlen(text);
		const char record[13] = {
			(char)0xc0, 12, 0, 16, 0, 1, 0, 0, 1, 0, 0, (char)(n + 1), (char)n};
		buf_add(&b, record, sizeof(record));
		if (n + 1 > 255)
			b.p[b.n - 3] = 1;
		buf_add(&b, text, n);
	}
	(void)sendto(fd, b.p, b.n, 0, (const struct sockaddr *)&w->peer, sizeof(w->peer));
	buf_release(&b);
}

static void
take_all(int fd, int64_t delay)
{
	while (count < QUEUE) {
		struct waiting *w = &queue[(first + count) % QUEUE];
		socklen_t size = sizeof(w->peer);
		ssize_t n = recvfrom(fd, w->packet, sizeof(w->packet), MSG_DONTWAIT,
			(struct sockaddr *)&w->peer, &size);
		if (n < 0)
			return;
		w->n = (size_t)n;
		w->due = clock_mono_ms() + delay;
		count += n > 12;
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_in me = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(me);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 8 << 20;
	if (argc != 2 || fd < 0 || bind(fd, (struct sockaddr *)&me, size) < 0 ||
		getsockname(fd, (struct sockaddr *)&me, &size) < 0)
		return 1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	queue = xcalloc(QUEUE, sizeof(*queue));
	printf("%d\n", ntohs(me.sin_port));
	fflush(stdout);
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = count ? queue[first].due - clock_mono_ms() : -1;
		(void)poll(&p, 1, count && left < 0 ? 0 : (int)left);
		take_all(fd, atol(argv[1]));
		for (; count && queue[first].due <= clock_mono_ms(); count--) {
			reply(fd, &queue[first]);
			first = (first + 1) % QUEUE;
		}
	}
}
