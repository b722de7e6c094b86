#include <limits.h>
#include <string.h>
#include <sys/un.h>

#include "listen_spec.h"
#include "num.h"

#define PATH_MOST (sizeof(((struct sockaddr_un *)0)->sun_path) - 1)

static bool
take_prefix(struct str *s, const char *prefix)
{
	struct str p = str_of(prefix);
	if (!str_starts(*s, p))
		return false;
	*s = str_skip(*s, p.n);
	return true;
}

/* It becomes a line of the port file and a field of the log. */
static bool
is_path(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return s.n > 0 && s.n <= PATH_MOST;
}

const char *
listen_spec_parse(struct listen_spec *spec, const char *text)
{
	struct str s = str_of(text);
	struct listen_spec got = {.fd = -1, .tls_wrapped = take_prefix(&s, "tls:")};
	if (take_prefix(&s, "unix:")) {
		got.kind = LISTEN_UNIX;
		if (!is_path(s))
			return "a path of 1 to 107 octets without control characters after "
			       "unix:";
	} else if (take_prefix(&s, "fd:")) {
		got.kind = LISTEN_FD;
		if (num_int(s, 0, INT_MAX, &got.fd) < 0)
			return "the number of a descriptor after fd:";
	} else if (str_eq(s, STR("systemd"))) {
		got.kind = LISTEN_SYSTEMD;
	} else if (!memchr(s.p, ':', s.n)) {
		return "ADDR:PORT, [ADDR]:PORT, :PORT, unix:PATH, fd:N or systemd, with or "
		       "without tls: before it";
	}
	got.where = s.p;
	*spec = got;
	return NULL;
}
