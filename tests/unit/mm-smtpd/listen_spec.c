#include "listen_spec.h"

#include "tap.h"

static void
good(const char *text, enum listen_kind kind, const char *where, int fd, bool tls)
{
	struct listen_spec s;
	const char *expected = listen_spec_parse(&s, text);
	if (!ok(!expected, "%s", text))
		return;
	is_int(s.kind, kind, "its kind");
	is_str(s.where, where, "where");
	is_int(s.fd, fd, "descriptor");
	is_int(s.tls_wrapped, tls, "TLS");
}

static void
bad(const char *text, const char *word)
{
	struct listen_spec s = {.fd = 4711};
	const char *expected = listen_spec_parse(&s, text);
	ok(expected && strstr(expected, word), "\"%.20s\": expected %s", text,
		expected ? expected : "(nothing)");
	is_int(s.fd, 4711, "untouched");
}

static void
path_lengths(void)
{
	char text[200] = "tls:unix:";
	size_t n = strlen(text);
	memset(text + n, 'a', 107);
	good(text, LISTEN_UNIX, text + n, -1, true);
	text[n + 107] = 'a';
	bad(text, "1 to 107 octets");
}

int
main(void)
{
	good(":25", LISTEN_TCP, ":25", -1, false);
	good("tls:[::1]:465", LISTEN_TCP, "[::1]:465", -1, true);
	good("unix:/run/smtp", LISTEN_UNIX, "/run/smtp", -1, false);
	good("unix:systemd", LISTEN_UNIX, "systemd", -1, false);
	good("fd:0", LISTEN_FD, "0", 0, false);
	good("tls:fd:3", LISTEN_FD, "3", 3, true);
	good("systemd", LISTEN_SYSTEMD, "systemd", -1, false);
	good("tls:systemd", LISTEN_SYSTEMD, "systemd", -1, true);
	path_lengths();

	bad("", "ADDR:PORT");
	bad("tls:", "ADDR:PORT");
	bad("25", "ADDR:PORT");
	bad("systemd ", "systemd");
	bad("unix:", "unix:");
	bad("unix:/a\tb", "control characters");
	bad("unix:/a\x7f", "control characters");
	bad("fd:", "fd:");
	bad("fd:-1", "fd:");
	bad("fd:3x", "fd:");
	bad("fd:99999999999999999999", "fd:");
	return done();
}
