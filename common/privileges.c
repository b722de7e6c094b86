#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "privileges.h"

static int
take_on(const struct passwd *pw)
{
	if (initgroups(pw->pw_name, pw->pw_gid) < 0 || setgid(pw->pw_gid) < 0 ||
		setuid(pw->pw_uid) < 0) {
		log_error("cannot become user %s: %s", pw->pw_name, strerror(errno));
		return -1;
	}
	if (pw->pw_uid != 0 && setuid(0) == 0) {
		log_error("user %s can become root again", pw->pw_name);
		return -1;
	}
	return 0;
}

int
privileges_drop(const char *user)
{
	errno = 0;
	const struct passwd *pw = getpwnam(user);
	if (!pw) {
		log_error("there is no user %s%s%s", user, errno ? ": " : "",
			errno ? strerror(errno) : "");
		return -1;
	}
	if (geteuid() == pw->pw_uid && getuid() == pw->pw_uid)
		return 0;
	return take_on(pw);
}
