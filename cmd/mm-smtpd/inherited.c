#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inherited.h"
#include "io.h"
#include "log.h"
#include "num.h"

#define INHERITED_MOST 1024

static bool
number(const char *name, int least, int most, int *out)
{
	const char *value = getenv(name);
	return value && num_int(str_of(value), least, most, out) == 0;
}

int
inherited_count(void)
{
	int pid, count;
	bool ours = number("LISTEN_PID", 1, INT_MAX, &pid) && pid == (int)getpid();
	bool counted = number("LISTEN_FDS", 1, INHERITED_MOST, &count);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (ours && counted)
		return count;
	log_error("cannot listen on systemd: expected $LISTEN_PID to be %d and $LISTEN_FDS "
		  "1 to %d, as a socket unit sets them",
		(int)getpid(), INHERITED_MOST);
	return -1;
}

static bool
option_is(int fd, int option, int expected)
{
	int value;
	socklen_t len = sizeof(value);
	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 && value == expected;
}

static bool
family_known(int fd)
{
	return option_is(fd, SO_DOMAIN, AF_INET) || option_is(fd, SO_DOMAIN, AF_INET6) ||
	       option_is(fd, SO_DOMAIN, AF_UNIX);
}

int
inherited_take(int fd)
{
	if (!option_is(fd, SO_TYPE, SOCK_STREAM) || !option_is(fd, SO_ACCEPTCONN, 1) ||
		!family_known(fd)) {
		log_error("cannot listen on fd:%d: expected a listening stream socket", fd);
		return -1;
	}
	(void)io_set_cloexec(fd, true);
	(void)io_set_nonblocking(fd, true);
	return 0;
}
