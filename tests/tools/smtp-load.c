/* smtp-load: mail for a server under test, from one process that costs little.
 *
 *     smtp-load [-s SESSIONS] [-m MESSAGES] [-l OCTETS] [-f FROM] [-t TO] [-T] [-r] [-k]
 *         ADDR:PORT
 *
 *     -T   STARTTLS
 *     -r   a new connection for each message
 *     -k   only open the sessions; says "held SESSIONS" once all have their answer to
 *          EHLO, and keeps them until standard input ends
 *
 * MAIL, RCPT and DATA go out in one write where the server offers PIPELINING.  Any
 * answer but the one hoped for ends the program.  At the end it prints
 *
 *     messages=N seconds=S rate=PER-SECOND cpu-ms=OF-ITS-OWN-A-MESSAGE */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "log.h"
#include "mem.h"
#include "num.h"
#include "opt.h"
#include "tls.h"

#define MAX_SESSIONS 20000
#define PATIENCE_MS 60000

/* What the session waits for. */
enum step { GREETING, EHLO, STARTTLS, HANDSHAKE, MAIL, RCPT, DATA, BODY, QUIT, HELD };

static const char *const hoped_for[] = {
	[GREETING] = "220",
	[EHLO] = "250",
	[STARTTLS] = "220",
	[MAIL] = "250",
	[RCPT] = "250",
	[DATA] = "354",
	[BODY] = "250",
	[QUIT] = "221",
};

struct session {
	struct netio io;
	enum step step;
	bool pipelining;
	struct buf in, out;
};

static struct {
	struct sockaddr_in server;
	const char *from, *to;
	int sessions, messages, size;
	bool tls, reconnect, keep;

	SSL_CTX *ctx;
	struct session *session;
	struct buf commands[3], body; /* MAIL, RCPT, DATA */
	int epoll, begun, accepted, open, held;
} load = {
	.from = "alice@example.org",
	.to = "bob@nutrition.example",
	.sessions = 1,
	.messages = 1,
	.size = 4096,
};

static void
say(struct session *s, enum step next, const char *command)
{
	buf_addstr(&s->out, command);
	s->step = next;
}

static void
begin(struct session *s)
{
	s->io = (struct netio){.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)};
	s->step = GREETING;
	int one = 1;
	struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = s};
	if (s->io.fd < 0)
		log_die(EX_OSERR, "socket: %s", strerror(errno));
	setsockopt(s->io.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(s->io.fd, (struct sockaddr *)&load.server, sizeof(load.server)) < 0 &&
		errno != EINPROGRESS)
		log_die(EX_UNAVAILABLE, "connect: %s", strerror(errno));
	if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, s->io.fd, &e) < 0)
		log_die(EX_OSERR, "epoll_ctl: %s", strerror(errno));
	load.open++;
}

static void
next_message(struct session *s)
{
	if (load.begun == load.messages) {
		say(s, QUIT, "QUIT\r\n");
		return;
	}
	load.begun++;
	s->step = MAIL;
	for (int i = 0; i < (s->pipelining ? 3 : 1); i++)
		buf_adds(&s->out, buf_str(&load.commands[i]));
}

static void
greeted(struct session *s)
{
	if (load.tls && !s->io.tls) {
		say(s, STARTTLS, "STARTTLS\r\n");
	} else if (load.keep) {
		s->step = HELD;
		load.held++;
	} else {
		next_message(s);
	}
}

static void
start_tls(struct session *s)
{
	char why[256];
	if (netio_start_tls(&s->io, load.ctx, false) < 0)
		log_die(EX_SOFTWARE, "TLS: %s", tls_error(why, sizeof(why)));
	s->step = HANDSHAKE;
}

static void
finish(struct session *s)
{
	netio_close(&s->io);
	buf_reset(&s->in);
	buf_reset(&s->out);
	load.open--;
	if (load.begun < load.messages)
		begin(s);
}

static void
accepted(struct session *s)
{
	load.accepted++;
	if (load.reconnect)
		say(s, QUIT, "QUIT\r\n");
	else
		next_message(s);
}

static void
advance(struct session *s)
{
	switch (s->step) {
	case GREETING:
		say(s, EHLO, "EHLO load.example\r\n");
		break;
	case EHLO:
		greeted(s);
		break;
	case STARTTLS:
		start_tls(s);
		break;
	case MAIL:
	case RCPT:
		s->step++;
		if (!s->pipelining)
			buf_adds(&s->out, buf_str(&load.commands[s->step - MAIL]));
		break;
	case DATA:
		buf_adds(&s->out, buf_str(&load.body));
		s->step = BODY;
		break;
	case BODY:
		accepted(s);
		break;
	case QUIT:
		finish(s);
		break;
	case HANDSHAKE:
	case HELD:
		break;
	}
}

static void
take_reply(struct session *s, struct str line)
{
	const char *hoped = hoped_for[s->step];
	if (!hoped || !str_starts(line, str_of(hoped)))
		log_die(EX_PROTOCOL, "expected %s, got: %.*s", hoped ? hoped : "nothing",
			STR_ARG(line));
	if (s->step == EHLO && str_iends(line, STR("PIPELINING")))
		s->pipelining = true;
	if (line.n == 3 || line.p[3] != '-')
		advance(s);
}

static void
take_lines(struct session *s)
{
	char *end;
	while (s->in.n && (end = memchr(s->in.p, '\n', s->in.n))) {
		size_t n = (size_t)(end - s->in.p);
		char *line = xmemdup0(s->in.p, n);
		buf_consume(&s->in, n + 1);
		take_reply(s, str_trim(str_n(line, n)));
		free(line);
	}
}

static bool
moved(ssize_t rc)
{
	char why[256];
	if (rc == NETIO_EOF)
		log_die(EX_UNAVAILABLE, "expected an answer, the server closed the connection");
	if (rc == NETIO_ERROR)
		log_die(EX_UNAVAILABLE, "connection lost: %s", tls_error(why, sizeof(why)));
	return rc > 0;
}

static void
send_out(struct session *s)
{
	ssize_t rc;
	while (s->out.n && moved(rc = netio_write(&s->io, s->out.p, s->out.n)))
		buf_consume(&s->out, (size_t)rc);
}

static bool
receive(struct session *s)
{
	char bytes[4096];
	ssize_t rc = netio_read(&s->io, bytes, sizeof(bytes));
	if (!moved(rc))
		return false;
	buf_add(&s->in, bytes, (size_t)rc);
	take_lines(s);
	return true;
}

static bool
shake_hands(struct session *s)
{
	int rc = netio_handshake(&s->io);
	if (rc != 0)
		return moved(rc);
	say(s, EHLO, "EHLO load.example\r\n");
	return true;
}

/* Edge-triggered: until nothing moves. */
static void
serve(struct session *s)
{
	bool more = true;
	while (more && s->io.fd >= 0) {
		if (s->step == HANDSHAKE && !shake_hands(s))
			return;
		send_out(s);
		more = receive(s);
		if (s->io.fd >= 0 && s->step != HANDSHAKE)
			send_out(s);
	}
}

static void
wait_for_end_of_input(void)
{
	char byte;
	printf("held %d\n", load.held);
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static void
run(void)
{
	struct epoll_event events[256];
	while (load.open && load.held < load.sessions) {
		int n = epoll_wait(load.epoll, events, 256, PATIENCE_MS);
		if (n == 0)
			log_die(EX_UNAVAILABLE, "expected an answer within %d ms", PATIENCE_MS);
		for (int i = 0; i < n; i++)
			serve(events[i].data.ptr);
	}
	if (load.keep)
		wait_for_end_of_input();
}

static void
make_message(void)
{
	static const char line[] = "The quick brown fox jumps over the lazy dog while the mail "
				   "goes by, again.\r\n";
	struct buf *b = &load.body;
	buf_addf(&load.commands[0], "MAIL FROM:<%s>\r\n", load.from);
	buf_addf(&load.commands[1], "RCPT TO:<%s>\r\n", load.to);
	buf_addstr(&load.commands[2], "DATA\r\n");
	buf_addf(b,
		"From: <%s>\r\nTo: <%s>\r\nSubject: load\r\nMessage-ID: <load@load.example>\r\n"
		"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\n",
		load.from, load.to);
	while (b->n + sizeof(line) + 1 < (size_t)load.size)
		buf_add(b, line, sizeof(line) - 1);
	while (b->n + 2 < (size_t)load.size)
		buf_addc(b, 'x');
	buf_addstr(b, "\r\n.\r\n");
}

static void
take_server(const char *where)
{
	struct str port = str_of(where), host = str_cut(&port, ':');
	char *address = str_dup(host);
	int number;
	if (inet_pton(AF_INET, address, &load.server.sin_addr) != 1 ||
		num_int(port, 1, 65535, &number) < 0)
		opt_usage(EX_USAGE, "expected an IPv4 ADDR:PORT, got %s", where);
	load.server.sin_family = AF_INET;
	load.server.sin_port = htons((uint16_t)number);
	free(address);
}

static int
number(const char *text, int max)
{
	int n;
	if (num_int(str_of(text), 1, max, &n) < 0)
		opt_usage(EX_USAGE, "expected a number from 1 to %d, got %s", max, text);
	return n;
}

static void
take_options(int argc, char **argv)
{
	int c;
	while ((c = getopt(argc, argv, "s:m:l:f:t:Trk")) != -1) {
		if (c == 's')
			load.sessions = number(optarg, MAX_SESSIONS);
		else if (c == 'm')
			load.messages = number(optarg, 100000000);
		else if (c == 'l')
			load.size = number(optarg, 1 << 30);
		else if (c == 'f')
			load.from = optarg;
		else if (c == 't')
			load.to = optarg;
		else if (c == 'T')
			load.tls = true;
		else if (c == 'r')
			load.reconnect = true;
		else if (c == 'k')
			load.keep = true;
		else
			exit(EX_USAGE);
	}
	if (optind != argc - 1)
		opt_usage(EX_USAGE, "expected ADDR:PORT");
	take_server(argv[optind]);
}

static void
report(int64_t ms)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	double seconds = ms > 0 ? (double)ms / 1e3 : 1e-3;
	double cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
		     (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
	printf("messages=%d seconds=%.3f rate=%.0f cpu-ms=%.4f\n", load.accepted, seconds,
		load.accepted / seconds, cpu / load.accepted);
}

static void
allow_descriptors(void)
{
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

int
main(int argc, char **argv)
{
	log_init("smtp-load");
	take_options(argc, argv);
	allow_descriptors();
	make_message();
	load.ctx = tls_client_context();
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	load.session = xcalloc((size_t)load.sessions, sizeof(*load.session));
	int64_t from = clock_mono_ms();
	for (int i = 0; i < load.sessions; i++)
		begin(&load.session[i]);
	run();
	if (!load.keep && load.accepted != load.messages)
		log_die(EX_SOFTWARE, "expected %d accepted, got %d", load.messages,
			load.accepted);
	if (!load.keep)
		report(clock_mono_ms() - from);
	return 0;
}
